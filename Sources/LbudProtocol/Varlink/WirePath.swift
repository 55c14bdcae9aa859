import FoundationEssentials
import LbudCore

/// A path or a message that is bytes, in JSON, which has only text.
///
/// On the wire it is `{"text": ...}` where the bytes are UTF-8, so that clients read it easily; else `text` has U+FFFD
/// for what is not, to be shown, and `bytes` has all of it in base64, to be used.
package struct WirePath: Sendable, Hashable {
  /// The bytes themselves; equality is theirs, not that of texts, for which composed and decomposed letters are equal.
  package let rawBytes: [UInt8]

  package init(bytes: some Sequence<UInt8>) {
    rawBytes = Array(bytes)
  }

  package init(_ path: BytePath) {
    rawBytes = path.bytes
  }

  package init(_ text: String) {
    rawBytes = Array(text.utf8)
  }

  /// To be shown; exact if `bytes` is nil.
  package var text: String { String(decoding: rawBytes, as: UTF8.self) }

  /// Base64, only where `text` is not exact.
  package var bytes: String? {
    String(validating: rawBytes, as: UTF8.self) == nil ? Data(rawBytes).base64EncodedString() : nil
  }

  /// As a path below the root. Components like `..` stay: what they mean is for the caller to decide.
  package var path: BytePath { BytePath(normalizing: rawBytes) }
}

extension WirePath: Codable {
  private enum CodingKeys: String, CodingKey { case text, bytes }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let text = try container.decode(String.self, forKey: .text)
    if let encoded = try container.decodeIfPresent(String.self, forKey: .bytes) {
      guard let data = Data(base64Encoded: encoded) else {
        throw DecodingError.dataCorruptedError(forKey: .bytes, in: container, debugDescription: "no valid base64")
      }
      rawBytes = Array(data)
    } else {
      rawBytes = Array(text.utf8)
    }
    // No name has one, and a C function would silently use what stands before it.
    guard !rawBytes.contains(0) else {
      throw DecodingError.dataCorruptedError(forKey: .text, in: container, debugDescription: "a NUL inside")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(text, forKey: .text)
    try container.encodeIfPresent(bytes, forKey: .bytes)
  }
}
