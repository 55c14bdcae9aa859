import FoundationEssentials

/// A file's digest as the package database tells it, 20 bytes in either kind.
package struct PackageDigest: Hashable, Sendable {
  package enum Kind: UInt8, Sendable {
    case sha1
    /// SHA-256 cut to 20 bytes, what apk-tools 3 writes.
    case sha256Cut
  }

  package var kind: Kind
  package var bytes: [UInt8]

  package init(kind: Kind, bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }
}

/// The digest of extended attributes: SHA-1 where the database holds 20 bytes, SHA-256 where 32.
package struct AttributesDigest: Hashable, Sendable {
  package var bytes: [UInt8]

  package init(bytes: [UInt8]) { self.bytes = bytes }

  package static let none = AttributesDigest(bytes: [])
}

/// A digest field in the database's text: an encoding (`Q` base64, `X` hexadecimal), a kind (`1` SHA-1, `2` SHA-256)
/// and the data (apk-tools `blob.c`, `apk_blob_pull_digest`).
struct DigestField {
  var isLong: Bool
  var bytes: [UInt8]

  /// Nil where the text is no digest.
  init?(_ text: ArraySlice<UInt8>) {
    guard text.count > 2, let encoding = text.first, let kind = text.dropFirst().first else { return nil }
    let data = text.dropFirst(2)
    let decoded: [UInt8]?
    switch encoding {
    case UInt8(ascii: "Q"): decoded = Data(base64Encoded: Data(data)).map(Array.init)
    case UInt8(ascii: "X"): decoded = Self.hexadecimal(data)
    default: return nil
    }
    guard let decoded else { return nil }
    switch (kind, decoded.count) {
    case (UInt8(ascii: "1"), 20): isLong = false
    // A "1" with 32 bytes of data is a whole SHA-256.
    case (UInt8(ascii: "1"), 32), (UInt8(ascii: "2"), 32): isLong = true
    default: return nil
    }
    bytes = decoded
  }

  private static func hexadecimal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
      guard let value = Character(UnicodeScalar(character)).hexDigitValue.map(UInt8.init) else { return nil }
      if let upper = high {
        bytes.append(upper << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }
}
