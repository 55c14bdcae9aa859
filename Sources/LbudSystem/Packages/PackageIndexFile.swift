import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reads an `APKINDEX.tar.gz`: gzip members, of which the first has the signature and no end of a tar, with the index as a
/// file of the tar in the others. The signature is not checked: apk will do that, and lbud has no keys of its own.
enum PackageIndexFile {
  struct Failure: Error {
    /// As it stands after the path.
    var reason: String
    /// Whether apk can read what lbud cannot.
    var isUnknownFormat = false
    var isAbsent = false
  }

  /// Many times what the largest index of Alpine unpacks to.
  private static let unpackedLimit = 512 << 20
  private static let plainLimit = 64 << 20

  /// - Throws: `Failure`; apk takes nothing of an index with an error anywhere either.
  static func read(_ path: BytePath, root: RootDirectory, into parser: inout PackageIndexParser) throws(Failure) {
    do {
      // Not blocking: somebody may have put a fifo there.
      let file = SharedDescriptor(try root.open(path.bytes, O_RDONLY | O_NONBLOCK))
      guard try root.status(path).kind == .file else { throw Failure(reason: "is no file") }
      if try isThirdFormat(file) {
        throw Failure(reason: "is an index of apk's third format, which lbud cannot read yet", isUnknownFormat: true)
      }
      let unpacked = try Unpacked(file: file, path: "/" + path.display, limit: unpackedLimit)
      try read(unpacked, into: &parser)
    } catch let failure as Failure {
      throw failure
    } catch let error as FileError {
      throw Failure(reason: "cannot be read: \(error.reason)", isAbsent: error.code == ENOENT || error.code == ENOTDIR)
    } catch {
      throw Failure(reason: "cannot be read: \(error)")
    }
  }

  private static func read(_ unpacked: Unpacked, into parser: inout PackageIndexParser) throws {
    var tar = TarReader { try unpacked.read(into: $0) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { buffer.deallocate() }
    var isFound = false
    while let member = try tar.next() {
      guard !isFound, member.path.bytes.elementsEqual("APKINDEX".utf8) else { continue }
      isFound = true
      while true {
        let count = try tar.read(into: buffer)
        if count == 0 { break }
        do { try parser.feed(UnsafeRawBufferPointer(rebasing: buffer[..<count])) } catch {
          throw Failure(reason: "is no index: line \(error.line) is too long")
        }
      }
      parser.finish()
    }
    guard isFound else { throw Failure(reason: "has no APKINDEX in it") }
    // Only the rest tells whether the gzip members are whole.
    while try unpacked.read(into: buffer) > 0 {}
  }

  /// Reads a list that is not packed: the cache's `installed`, and the database.
  /// - Throws: `Failure`.
  static func readPlain(
    _ path: BytePath, root: RootDirectory, limit: Int = plainLimit, into parser: inout PackageIndexParser
  ) throws(Failure) {
    let text: [UInt8]
    do throws(FileError) {
      text = try root.read(path, limit: limit)
    } catch {
      throw Failure(reason: "cannot be read: \(error.reason)", isAbsent: error.code == ENOENT || error.code == ENOTDIR)
    }
    do {
      try text.withUnsafeBytes { try parser.feed($0) }
    } catch {
      throw Failure(reason: "is no list of packages")
    }
    parser.finish()
  }

  /// An ADB begins with `ADB` and a letter that tells how it is packed (apk-tools `adb.h`).
  private static func isThirdFormat(_ file: SharedDescriptor) throws -> Bool {
    var magic: [UInt8] = [0, 0, 0]
    let count = try magic.withUnsafeMutableBytes { try Descriptor.read(file.raw, at: 0, into: $0, path: "the index") }
    return count == 3 && magic.elementsEqual("ADB".utf8)
  }

  /// The unpacked bytes, as many as are allowed. A class, for the tar reader's closure and the end both need it.
  private final class Unpacked {
    private var gzip: GzipReader
    private var left: Int

    init(file: SharedDescriptor, path: String, limit: Int) throws {
      left = limit
      var offset: UInt64 = 0
      gzip = try GzipReader { target in
        let count = try Descriptor.read(file.raw, at: offset, into: target, path: path)
        offset += UInt64(count)
        return count
      }
    }

    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
      let count = try gzip.read(into: target)
      left -= count
      guard left >= 0 else { throw Failure(reason: "unpacks to more than any index") }
      return count
    }
  }
}
