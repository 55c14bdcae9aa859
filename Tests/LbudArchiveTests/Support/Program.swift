import Glibc

/// Runs the programs that read snapshots in the field.
enum Program {
  struct Result {
    let status: Int32
    let output: [UInt8]
    let errors: String
  }

  /// Runs `arguments[0]` from the path, its output and errors to files in `scratch`.
  static func run(_ arguments: [String], in scratch: Scratch) throws -> Result {
    let output = scratch.path + "/.output"
    let errors = scratch.path + "/.errors"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)

    // A fixed locale, for tools that have opinions about names; UTC for listings.
    let settings = ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C", "TZ=UTC"]
    var environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) }
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { (environment + words).forEach { free($0) } }
    environment.append(nil)
    words.append(nil)
    var process: pid_t = 0
    let code = posix_spawnp(&process, arguments[0], &actions, nil, words, environment)
    guard code == 0 else { throw Failure(what: "posix_spawnp \(arguments[0])", code: code) }
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { throw Failure(what: "waitpid", code: errno) }
    return Result(
      status: status & 0x7f == 0 ? status >> 8 & 0xff : -1, output: try Scratch.read(output),
      errors: String(decoding: try Scratch.read(errors), as: UTF8.self))
  }

  struct Failure: Error {
    let what: String
    let code: Int32
  }
}
