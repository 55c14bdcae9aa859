import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A system call that failed, in words: what could not be done to which path, and why.
package struct FileError: Error, Equatable, CustomStringConvertible {
  /// A verb as it stands after "cannot": "open", "read".
  package var verb: String
  /// The path as shown to a person.
  package var path: String
  package var code: Int32

  package init(_ verb: String, _ path: String, code: Int32 = errno) {
    self.verb = verb
    self.path = path
    self.code = code
  }

  package init(_ verb: String, _ path: BytePath, code: Int32 = errno) {
    self.init(verb, "/" + path.display, code: code)
  }

  /// The errno's own words.
  package var reason: String { errorText(code) }

  package var description: String { "cannot \(verb) \(path): \(reason)" }
}

/// What strerror(3) says, with a small first letter, since it stands inside a sentence.
package func errorText(_ code: Int32) -> String {
  let text = String(cString: strerror(code))
  guard let first = text.first, text.dropFirst().first?.isLowercase ?? false else { return text }
  return first.lowercased() + text.dropFirst()
}

/// Repeats a system call while a signal interrupts it.
/// - Throws: `FileError` for any other failure.
@discardableResult
func retrying<Result: SignedInteger>(
  _ verb: String, _ path: @autoclosure () -> String, _ call: () -> Result
) throws(FileError) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    guard errno == EINTR else { throw FileError(verb, path()) }
  }
}
