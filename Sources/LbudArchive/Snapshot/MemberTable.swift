import FoundationEssentials

/// The lengths of gzip members as text: base64 of little-endian base-128 numbers (as LEB128 has them), two a member.
/// As JSON numbers they would take twice the room, of which the extra field has 64 KiB.
enum MemberTable {
  static func encode(_ spans: [SnapshotRecord.Span]) -> String {
    var bytes: [UInt8] = []
    for span in spans {
      append(span.compressedSize, to: &bytes)
      append(span.tarSize, to: &bytes)
    }
    return Data(bytes).base64EncodedString()
  }

  /// Nil for what `encode` cannot have written.
  static func decode(_ text: String) -> [SnapshotRecord.Span]? {
    guard let data = Data(base64Encoded: text) else { return nil }
    var rest = [UInt8](data)[...]
    var spans: [SnapshotRecord.Span] = []
    while !rest.isEmpty {
      guard let compressed = take(from: &rest), let tar = take(from: &rest) else { return nil }
      spans.append(SnapshotRecord.Span(compressedSize: compressed, tarSize: tar))
    }
    return spans
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private static func take(from bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = bytes.popFirst() {
      let bits = UInt64(byte & 0x7f)
      guard shift < 64, (bits << shift) >> shift == bits else { return nil }
      number |= bits << shift
      if byte & 0x80 == 0 { return number }
      shift += 7
    }
    return nil
  }
}
