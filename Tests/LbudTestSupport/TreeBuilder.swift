import CLbud
import Glibc
import LbudCore

/// Makes entries below a directory, with names that are bytes.
package struct TreeBuilder: Sendable {
  package let base: String

  package init(_ base: String) { self.base = base }

  private func cPath(_ path: BytePath) -> [CChar] {
    (Array(base.utf8) + [UInt8(ascii: "/")] + path.bytes).map { CChar(bitPattern: $0) } + [0]
  }

  package func directory(_ path: BytePath, mode: mode_t = 0o755) {
    var sofar = BytePath.root
    for component in path.components {
      sofar = sofar.appending(component)
      mkdir(cPath(sofar), 0o755)
    }
    chmod(cPath(path), mode)
  }

  package func file(_ path: BytePath, _ content: [UInt8], mode: mode_t = 0o644) {
    if !path.isTopLevel { ensure(path.parent) }
    let descriptor = open(cPath(path), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(descriptor >= 0, "open \(path): \(String(cString: strerror(errno)))")
    _ = content.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    fchmod(descriptor, mode)
    close(descriptor)
  }

  package func file(_ path: String, _ content: String, mode: mode_t = 0o644) {
    file(BytePath(path), Array(content.utf8), mode: mode)
  }

  package func append(_ path: String, _ content: String) {
    let descriptor = open(cPath(BytePath(path)), O_WRONLY | O_APPEND)
    precondition(descriptor >= 0, "open \(path): \(String(cString: strerror(errno)))")
    _ = Array(content.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
  }

  package func symlink(_ path: BytePath, to target: [UInt8]) {
    if !path.isTopLevel { ensure(path.parent) }
    _ = Glibc.symlink(target.map { CChar(bitPattern: $0) } + [0], cPath(path))
  }

  package func fifo(_ path: BytePath, mode: mode_t = 0o644) {
    mkfifo(cPath(path), mode)
    chmod(cPath(path), mode)
  }

  package func owner(_ path: BytePath, uid: uid_t, gid: gid_t) { lchown(cPath(path), uid, gid) }

  /// - Returns: whether the file system took it.
  package func attribute(_ path: BytePath, _ name: String, _ value: [UInt8]) -> Bool {
    setxattr(cPath(path), name, value, value.count, 0) == 0
  }

  package func mode(_ path: BytePath, _ mode: mode_t) { chmod(cPath(path), mode) }
  package func remove(_ path: String) { run(["rm", "-rf", base + "/" + path]) }

  package func rename(_ from: String, _ to: String) {
    precondition(Glibc.rename(base + "/" + from, base + "/" + to) == 0, "rename \(from): \(errno)")
  }

  private func ensure(_ path: BytePath) {
    if access(cPath(path), F_OK) != 0 { directory(path) }
  }
}
