import FoundationEssentials

/// The last gzip member of a snapshot: empty, with the record in its extra field (RFC 1952, 2.3.1.1, FLG.FEXTRA), so
/// that gzip and every tar pass over it.
///
///     10  header: 1f 8b 08 04, no time, no extra flags, Unix
///      2  length of the extra field
///      4  subfield "LB", length      n  JSON
///      4  subfield "Lb", length 8    4  bytes of the whole member    4  CRC-32 of all before this subfield
///     10  an empty deflate block (03 00), CRC-32 and length of no data
///
/// All numbers are little-endian. The second subfield has a fixed place before the file's end, and leads back from there.
/// gzip checks the CRC of data only, hence one of our own.
enum RecordMember {
  private static let header: [UInt8] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3]
  private static let jsonName = Array("LB".utf8)
  private static let pointerStart = Array("Lb".utf8) + [8, 0]
  private static let emptyBody: [UInt8] = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  /// The second subfield and what follows it.
  private static let endSize = 22
  /// All but the JSON.
  private static let frameSize = 10 + 2 + 4 + endSize
  private static let longestExtra = 65_535
  /// The extra field also holds the heads of both subfields and the second one's 8 bytes.
  private static let longestJSON = longestExtra - 16

  /// The member's bytes, and the record as it stands there: texts cut to fit, in format 1 without the table of spans where
  /// that has no room, and else with a shorter message.
  static func encode(_ whole: SnapshotRecord) throws -> (bytes: [UInt8], record: SnapshotRecord) {
    var record = whole
    record.facts = record.facts.cutToFit()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var json = try encoder.encode(record)
    if json.count > longestJSON {
      if record.formatVersion == 1 { record.spans = nil } else { record.facts = record.facts.cutToFit(message: 512) }
      json = try encoder.encode(record)
    }
    guard json.count <= longestJSON else { throw ArchiveError.damagedRecord("it has \(json.count) bytes") }

    var bytes = header
    append(UInt32(json.count + 16), width: 2, to: &bytes)
    bytes += jsonName
    append(UInt32(json.count), width: 2, to: &bytes)
    bytes += json
    let checksum = crc(of: bytes[...])
    bytes += pointerStart
    append(UInt32(json.count + frameSize), width: 4, to: &bytes)
    append(checksum, width: 4, to: &bytes)
    bytes += emptyBody
    return (bytes, record)
  }

  /// See `SnapshotRecord.read`.
  static func read(
    fileSize: UInt64, readAt: (UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> SnapshotRecord? {
    guard fileSize >= UInt64(frameSize) else { return nil }
    let end = try bytes(at: fileSize - UInt64(endSize), count: endSize, readAt: readAt)
    let fixed = end[..<4] + end[12...]
    let matches = zip(fixed, pointerStart + emptyBody).count { $0 == $1 }
    if matches < fixed.count {
      // One bad byte more likely is damage than chance: then the file is not to be taken for one of lbu's.
      guard matches == fixed.count - 1 else { return nil }
      throw ArchiveError.damagedRecord("its end is not what it should be")
    }
    let size = UInt64(number(end[4..<8]))
    guard size >= UInt64(frameSize), size <= UInt64(longestJSON + frameSize), size <= fileSize else {
      throw ArchiveError.damagedRecord("its length of \(size) bytes cannot be")
    }
    let start = fileSize - size
    let member = try bytes(at: start, count: Int(size), readAt: readAt)
    guard crc(of: member.dropLast(endSize)) == number(end[8..<12]) else {
      throw ArchiveError.damagedRecord("its checksum does not match")
    }
    let jsonSize = Int(size) - frameSize
    guard member.starts(with: header), number(member[10..<12]) == UInt32(jsonSize + 16),
      member[12..<14].elementsEqual(jsonName), number(member[14..<16]) == UInt32(jsonSize)
    else { throw ArchiveError.damagedRecord("it is no gzip header with one") }
    let record = try decode(member[16..<(16 + jsonSize)])
    guard record.compressedSize == start else {
      throw ArchiveError.damagedRecord("it belongs to \(record.compressedSize) bytes, and \(start) are before it")
    }
    return record
  }

  private static func decode(_ json: ArraySlice<UInt8>) throws -> SnapshotRecord {
    do {
      return try JSONDecoder().decode(SnapshotRecord.self, from: Data(json))
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw ArchiveError.damagedRecord("its JSON cannot be understood: \(error)")
    }
  }

  private static func bytes(
    at offset: UInt64, count: Int, readAt: (UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { target in
      var done = 0
      while done < count {
        let step = try readAt(offset + UInt64(done), UnsafeMutableRawBufferPointer(rebasing: target[done...]))
        guard step > 0 else { throw ArchiveError.damagedRecord("the file ends before its size") }
        done += step
      }
    }
    return bytes
  }

  private static func append(_ number: UInt32, width: Int, to bytes: inout [UInt8]) {
    for place in 0..<width { bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(8 * place))) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func crc(of bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { CRC32.update(0, $0) }
  }
}
