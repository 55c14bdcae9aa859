import Glibc

/// A directory that is gone after the test.
final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/lbud-archive-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Program.Failure(what: "mkdtemp", code: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    // Through a descriptor, rm gets below paths longer than PATH_MAX, which unlink does not.
    _ = try? Self.spawnAndWait(["rm", "-rf", path])
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw Program.Failure(what: "open \(name)", code: errno) }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, Array(bytes[done...]), bytes.count - done)
      guard count > 0 else { throw Program.Failure(what: "write \(name)", code: errno) }
      done += count
    }
  }

  func makeDirectory(_ name: String) throws -> String {
    guard mkdir(path + "/" + name, 0o755) == 0 else { throw Program.Failure(what: "mkdir \(name)", code: errno) }
    return path + "/" + name
  }

  static func read(_ path: String) throws -> [UInt8] {
    try read(bytes: Array(path.utf8))
  }

  /// `path` need not be UTF-8.
  static func read(bytes path: [UInt8]) throws -> [UInt8] {
    let descriptor = open((path + [0]).map { CChar(bitPattern: $0) }, O_RDONLY)
    guard descriptor >= 0 else {
      throw Program.Failure(what: "open \(String(decoding: path, as: UTF8.self))", code: errno)
    }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return content }
      content += buffer[..<count]
    }
  }

  private static func spawnAndWait(_ arguments: [String]) throws {
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { words.forEach { free($0) } }
    words.append(nil)
    var process: pid_t = 0
    guard posix_spawnp(&process, arguments[0], nil, nil, words, environ) == 0 else { return }
    var status: Int32 = 0
    waitpid(process, &status, 0)
  }
}
