/// Why a snapshot is not where machines that boot over the network take it from, with the way out.
package struct UploadFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// In a sentence without a full stop, that the URL stands before. No password is in it.
  package var description: String
  package var hint: String

  package init(_ description: String, hint: String) {
    self.description = description
    self.hint = hint
  }
}
