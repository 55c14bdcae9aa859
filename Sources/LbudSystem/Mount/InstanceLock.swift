import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Keeps a second lbud off the same root, whatever socket it has: a lock on `run/lbud/lock`, which the kernel frees
/// however lbud ends. A command that does one thing in its own process holds it too, for that long.
package final class InstanceLock: Sendable {
  private let file: Descriptor

  /// Why there is none.
  package enum Failure: Error, Equatable {
    /// Another lbud has it; its process, where that could be told, and whether it is one that ends by itself.
    case taken(pid: Int32?, isForOnce: Bool)
    case unusable(FileError)
  }

  private static let onceWord = " once"

  /// - Parameter isForOnce: whether it is let go soon, so that whoever finds it taken may wait.
  /// - Throws: `Failure`.
  package init(root: RootDirectory, isForOnce: Bool = false) throws(Failure) {
    let file: Descriptor
    do throws(FileError) {
      file = try RunFolder(root: root).openFile("lock", O_RDWR | O_CREAT)
    } catch {
      throw .unusable(error)
    }
    let raw = file.raw
    guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw .unusable(FileError("lock", "/run/lbud/lock")) }
      let line = Self.line(of: file)
      throw .taken(
        pid: Int32(line.prefix { $0.isNumber }), isForOnce: line.hasSuffix(Self.onceWord))
    }
    let text = Array("\(getpid())\(isForOnce ? Self.onceWord : "")\n".utf8)
    // Only words for a person: without them the lock is none the worse.
    if ftruncate(raw, 0) == 0 { _ = text.withUnsafeBytes { pwrite(raw, $0.baseAddress, $0.count, 0) } }
    self.file = file
  }

  private static func line(of file: borrowing Descriptor) -> String {
    var text = [UInt8](repeating: 0, count: 32)
    let raw = file.raw
    let count = text.withUnsafeMutableBytes { pread(raw, $0.baseAddress, $0.count, 0) }
    return String(decoding: text[..<max(0, count)].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
