/// Who holds a lock on a file, read from the text of `/proc/locks` (proc(5)): trying the lock itself would make a program
/// fail that wants it at that moment, as apk does.
package enum LockTable {
  /// A process that has locked a file for writing.
  package struct Holder: Equatable, Sendable {
    /// Nil where it is in another process namespace.
    package var pid: Int32?

    package init(pid: Int32?) { self.pid = pid }
  }

  /// - Parameters:
  ///   - major: of the device that the file is on; `minor` likewise.
  package static func writer(
    in text: [UInt8], major: UInt32, minor: UInt32, inode: UInt64
  ) -> Holder? {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      // 1: FLOCK ADVISORY WRITE 1234 00:1a:5678 0 EOF; who waits for it has "->" behind the number.
      let words = line.split(separator: UInt8(ascii: " "))
      guard words.count >= 8, !words[1].elementsEqual("->".utf8), words[3].elementsEqual("WRITE".utf8) else { continue }
      let place = words[5].split(separator: UInt8(ascii: ":")).map { String(decoding: $0, as: UTF8.self) }
      guard place.count == 3, UInt32(place[0], radix: 16) == major, UInt32(place[1], radix: 16) == minor,
        UInt64(place[2]) == inode
      else { continue }
      let pid = Int32(String(decoding: words[4], as: UTF8.self)) ?? 0
      return Holder(pid: pid > 0 ? pid : nil)
    }
    return nil
  }
}
