import ArgumentParser
import LbudCore
import LbudProtocol

/// What a duration on the command line is in seconds.
/// - Throws: `ValidationError` where it is none.
func seconds(of text: String) throws -> Int {
  guard let seconds = DurationText.seconds(text) else {
    throw ValidationError(
      "'\(displayText(of: text.utf8))' is no duration: write 90, 10m, 2h, 1d or 1h30m, up to a year")
  }
  return Int(seconds.count)
}

extension NameArgument {
  /// - Throws: `ValidationError` where it is longer than lbud takes a message.
  func validateAsMessage() throws {
    let size = text.utf8.count
    guard size > CommitCall.messageLimit else { return }
    throw ValidationError("the message of -m has \(size) bytes, and may have \(CommitCall.messageLimit)")
  }
}
