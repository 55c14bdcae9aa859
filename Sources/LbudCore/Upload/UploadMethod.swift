/// How a new snapshot takes the place of the old one in a store, so that who reads meanwhile gets one of the two.
package enum UploadMethod: String, Equatable, Sendable {
  /// Under another name, and then WebDAV's MOVE onto the own one: a server may write what it gets into the file that is read.
  case move
  /// At once, where the store itself shows a new object when it is there as a whole, as S3 does.
  case put

  /// What is meant where `LBUD_PUBLISH_BY` says nothing: who signs requests as Amazon wants it speaks to such a store.
  package static func standard(signs: Bool) -> UploadMethod { signs ? .put : .move }

  /// Whether requests are signed as Amazon wants it.
  /// - Parameter configuration: curl's.
  package static func signs(_ configuration: [UInt8]) -> Bool {
    configuration.split(separator: UInt8(ascii: "\n")).contains { line in
      line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "-") }
        .starts(with: "aws-sigv4".utf8)
    }
  }
}
