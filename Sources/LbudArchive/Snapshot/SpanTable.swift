import FoundationEssentials
import LbudCore

/// Spans as text: base64 of little-endian base-128 numbers (as LEB128 has them), two a span; in format 2 the span's CRC-32
/// and SHA-256 follow. As JSON they would take twice the room, of which the extra field has 64 KiB.
enum SpanTable {
  static func encode(_ spans: [SnapshotRecord.Span]) -> String {
    var bytes: [UInt8] = []
    for span in spans {
      append(span.compressedSize, to: &bytes)
      append(span.tarSize, to: &bytes)
      guard let proof = span.proof else { continue }
      for shift in stride(from: 0, to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: proof.sum >> UInt32(shift)))
      }
      bytes += proof.tarSHA256.bytes
    }
    return Data(bytes).base64EncodedString()
  }

  /// - Parameter hasProofs: whether each has its CRC-32 and SHA-256.
  /// - Returns: nil for what `encode` cannot have written.
  static func decode(_ text: String, hasProofs: Bool) -> [SnapshotRecord.Span]? {
    guard let data = Data(base64Encoded: text) else { return nil }
    var rest = [UInt8](data)[...]
    var spans: [SnapshotRecord.Span] = []
    while !rest.isEmpty {
      guard let compressed = takeNumber(from: &rest), let tar = takeNumber(from: &rest) else { return nil }
      var span = SnapshotRecord.Span(compressedSize: compressed, tarSize: tar)
      if hasProofs {
        guard let proof = takeProof(from: &rest) else { return nil }
        span.proof = proof
      }
      spans.append(span)
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

  private static func takeNumber(from bytes: inout ArraySlice<UInt8>) -> UInt64? {
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

  private static func takeProof(from bytes: inout ArraySlice<UInt8>) -> SnapshotRecord.Proof? {
    guard bytes.count >= 36 else { return nil }
    defer { bytes = bytes.dropFirst(36) }
    return bytes.withUnsafeBytes { memory in
      let sum = UInt32(littleEndian: memory.loadUnaligned(as: UInt32.self))
      return ContentDigest(memory: UnsafeRawBufferPointer(rebasing: memory[4..<36])).map {
        .init(sum: sum, tarSHA256: $0)
      }
    }
  }
}
