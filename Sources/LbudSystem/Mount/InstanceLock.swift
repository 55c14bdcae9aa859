import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Keeps a second lbud off the same root, whatever socket it has: a lock on `run/lbud/lock`, which the kernel frees
/// however lbud ends.
package final class InstanceLock: Sendable {
  private let file: Descriptor

  /// Why there is none.
  package enum Failure: Error, Equatable {
    /// Another lbud has it; its process, where that could be told.
    case taken(pid: Int32?)
    case unusable(FileError)
  }

  /// - Throws: `Failure`.
  package init(root: RootDirectory) throws(Failure) {
    let file: Descriptor
    do throws(FileError) {
      file = try RunFolder(root: root).openFile("lock", O_RDWR | O_CREAT)
    } catch {
      throw .unusable(error)
    }
    let raw = file.raw
    guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw .unusable(FileError("lock", "/run/lbud/lock")) }
      throw .taken(pid: Self.pid(in: file))
    }
    let text = Array("\(getpid())\n".utf8)
    // Only words for a person: without them the lock is none the worse.
    if ftruncate(raw, 0) == 0 { _ = text.withUnsafeBytes { pwrite(raw, $0.baseAddress, $0.count, 0) } }
    self.file = file
  }

  private static func pid(in file: borrowing Descriptor) -> Int32? {
    var text = [UInt8](repeating: 0, count: 32)
    let raw = file.raw
    let count = text.withUnsafeMutableBytes { pread(raw, $0.baseAddress, $0.count, 0) }
    guard count > 0 else { return nil }
    return Int32(String(decoding: text[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }
}
