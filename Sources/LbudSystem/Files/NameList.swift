import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The names in a directory, without `.` and `..`, in one buffer: a scan lists thousands of directories.
struct NameList {
  /// Each name ended by a NUL, as system calls want it.
  private var text: [UInt8] = []
  private var names: [Range<Int>] = []

  var count: Int { names.count }

  /// Of all the names together.
  var byteCount: Int { text.count - names.count }

  subscript(index: Int) -> [UInt8] { Array(text[names[index]]) }

  func withBytes<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try text.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[names[index]])) }
  }

  /// The status of an entry of the directory, as `Descriptor.status(of:path:)` tells it.
  /// - Throws: `FileError`.
  func status(at index: Int, in directory: borrowing Descriptor, path: BytePath) throws(FileError) -> FileStatus? {
    try text.withUnsafeBufferPointer { text throws(FileError) in
      // What ends the name stands behind it.
      try text.withMemoryRebound(to: CChar.self) { text throws(FileError) in
        try directory.status(
          ofTerminated: text.baseAddress?.advanced(by: names[index].lowerBound), path: path.appending(self[index]))
      }
    }
  }

  /// In the order of the bytes.
  mutating func sort() {
    text.withUnsafeBytes { text in
      names.sort { left, right in
        byteOrder(UnsafeRawBufferPointer(rebasing: text[left]), UnsafeRawBufferPointer(rebasing: text[right])) < 0
      }
    }
  }

  /// Only once the names are in order.
  func contains(_ name: [UInt8]) -> Bool {
    name.withUnsafeBytes { name in
      let place = (0..<count).firstPlace { withBytes(at: $0) { byteOrder($0, name) } < 0 }
      return place < count && withBytes(at: place) { byteOrder($0, name) } == 0
    }
  }

  fileprivate mutating func append(_ name: UnsafeRawBufferPointer) {
    let start = text.count
    text.append(contentsOf: name)
    names.append(start..<text.count)
    text.append(0)
  }
}

extension Descriptor {
  /// Lists a directory from where its descriptor stands: a fresh one stands at the beginning.
  /// - Returns: the names in the order the file system gives them.
  /// - Throws: `FileError`, also where the reading ends early: part of a directory is never taken for all of it.
  borrowing func list(path: BytePath) throws(FileError) -> NameList {
    var list = NameList()
    let raw = self.raw
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * 1024, alignment: 8)
    defer { buffer.deallocate() }
    while true {
      let count: Int64
      do {
        count = try retrying("list", "/" + path.display) {
          clbud_directory_records(raw, buffer.baseAddress, buffer.count)
        }
      } catch let error where error.code == ENOENT {
        // Removed since it was opened, so there is nothing in it.
        return list
      }
      if count == 0 { return list }
      var records = UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)])
      while let name = Self.nextName(&records) {
        let isDot = name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }
        if !isDot { list.append(name) }
      }
      guard records.isEmpty else { throw FileError("list", path, code: EIO) }
    }
  }

  /// Takes a `linux_dirent64` off: the inode, an offset, its length in 16 bits, a type, the name with a NUL.
  private static func nextName(_ records: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let nameOffset = 19
    guard records.count > nameOffset else { return nil }
    let length = Int(records.loadUnaligned(fromByteOffset: 16, as: UInt16.self))
    guard length > nameOffset, length <= records.count else { return nil }
    let name = UnsafeRawBufferPointer(rebasing: records[nameOffset..<length])
    records = UnsafeRawBufferPointer(rebasing: records[length...])
    return UnsafeRawBufferPointer(rebasing: name.prefix { $0 != 0 })
  }
}
