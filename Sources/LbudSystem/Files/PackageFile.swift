import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where a package is written to that a person names: standard output, a device as it stands, or a file that takes its name
/// when it is whole. It is of the process's own file system, whatever root is looked at.
package final class PackageFile {
  /// For messages.
  package let shown: String
  private let path: [UInt8]
  private let descriptor: Int32
  /// The name until it is whole; nil where what is there is written to.
  private var temporary: [UInt8]?

  /// - Parameters:
  ///   - name: a directory, a file, a device, `-` for standard output, or nothing for the working directory.
  ///   - standard: the file's name in a directory.
  /// - Throws: `FileError`.
  package init(name: [UInt8], default standard: String) throws(FileError) {
    guard !name.elementsEqual("-".utf8) else {
      (path, shown, descriptor) = (name, "standard output", 1)
      return
    }
    var path = name.isEmpty ? Array(Self.workingDirectory.utf8) : name
    if name.isEmpty || Self.kind(path) == S_IFDIR {
      if path.last != UInt8(ascii: "/") { path.append(UInt8(ascii: "/")) }
      path += Array(standard.utf8)
    }
    self.path = path
    shown = displayText(of: path)
    switch Self.kind(path) {
    case nil, S_IFREG?:
      let temporary = path + Array(".new.\(getpid())".utf8)
      self.temporary = temporary
      descriptor = Self.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
    case S_IFDIR?: throw FileError("write", shown, code: EISDIR)
    // A device, or a fifo: it stays what it is.
    default: descriptor = Self.open(path, O_WRONLY | O_CLOEXEC)
    }
    guard descriptor >= 0 else { throw FileError("make", shown) }
  }

  deinit { if descriptor > 2 { close(descriptor) } }

  private static func open(_ path: [UInt8], _ flags: Int32) -> Int32 {
    openat(AT_FDCWD, terminated(path), flags, 0o600)
  }

  private static func terminated(_ path: [UInt8]) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }

  /// Following symlinks; nil for what is not there.
  private static func kind(_ path: [UInt8]) -> mode_t? {
    var status = stat()
    return stat(terminated(path), &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// - Throws: `FileError`.
  package func write(_ bytes: [UInt8]) throws(FileError) {
    guard StandardStream.write(bytes, to: descriptor) else { throw FileError("write", shown) }
  }

  /// Gives it its name.
  /// - Throws: `FileError`.
  package func finish() throws(FileError) {
    guard let temporary else { return }
    guard fsync(descriptor) == 0 else { throw FileError("write", shown) }
    guard rename(Self.terminated(temporary), Self.terminated(path)) == 0 else { throw FileError("name", shown) }
    self.temporary = nil
  }

  /// What there is to say when it comes to nothing; nil where what was there is written to, or nothing is.
  package var consolation: String? { temporary.map { _ in "nothing is left of it; what was there is untouched" } }

  /// Leaves nothing behind.
  package func giveUp() {
    if let temporary { unlink(Self.terminated(temporary)) }
    temporary = nil
  }

  /// Where the process is.
  package static var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }
}
