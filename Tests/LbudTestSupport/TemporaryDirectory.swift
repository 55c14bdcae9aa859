import Glibc
import LbudCore

/// A directory that is removed, with all in it, when the test lets go of it.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init() {
    var template = Array("/tmp/lbud-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp: \(String(cString: strerror(errno)))") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o755)
  }

  deinit { _ = run(["rm", "-rf", "--one-file-system", path]) }
}

/// A lock between threads that are not waiting for anything else.
private final class StartLock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  init() { pthread_mutex_init(mutex, nil) }
  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }
}

private let starting = StartLock()

/// Runs a program found in PATH.
/// - Returns: its exit code and what it wrote to stdout.
@discardableResult
package func run(_ arguments: [String], input: [UInt8]? = nil) -> (code: Int32, output: [UInt8]) {
  var output: [Int32] = [0, 0]
  var source: [Int32] = [0, 0]
  // The pipes are not for programs that other tests start meanwhile: two that read until the end would wait for each
  // other, each with the other's pipe open. One at a time, since between pipe(2) and fcntl(2) they could be inherited.
  starting.lock()
  guard pipe(&output) == 0, pipe(&source) == 0 else {
    starting.unlock()
    return (-1, [])
  }
  for descriptor in output + source { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawn_file_actions_adddup2(&actions, source[0], 0)
  posix_spawn_file_actions_adddup2(&actions, output[1], 1)
  var child = pid_t()
  var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
  let error = posix_spawnp(&child, arguments[0], &actions, nil, &argv, environ)
  starting.unlock()
  for argument in argv { free(argument) }
  posix_spawn_file_actions_destroy(&actions)
  close(source[0])
  close(output[1])
  guard error == 0 else {
    close(source[1])
    close(output[0])
    return (-1, [])
  }
  if let input { _ = input.withUnsafeBytes { write(source[1], $0.baseAddress, $0.count) } }
  close(source[1])
  var collected: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(output[0], &chunk, chunk.count)
    guard count > 0 else { break }
    collected.append(contentsOf: chunk[..<count])
  }
  close(output[0])
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0 && errno == EINTR {}
  return (status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f), collected)
}

/// The SHA-256 of bytes, by the program sha256sum: independent of what is tested.
package func sha256(_ bytes: [UInt8]) -> [UInt8] {
  let directory = TemporaryDirectory()
  TreeBuilder(directory.path).file(BytePath("x"), bytes)
  let text = run(["sha256sum", directory.path + "/x"]).output.prefix(64)
  return stride(from: 0, to: text.count, by: 2).compactMap {
    UInt8(String(decoding: text[$0..<min($0 + 2, text.count)], as: UTF8.self), radix: 16)
  }
}
