import LbudCore

@testable import LbudArchive

/// The record at a snapshot's end: as it is, or JSON that gets the frame of one, so that it is read at all.
let record = Target(name: "record") { bytes in
  var input = Input(bytes)
  if input.byte() & 1 == 0 {
    check(input.bytes, behind: 0)
  } else {
    let json = input.bytes
    check(framed(json), behind: compressedSize(in: json))
  }
}

private func check(_ tail: [UInt8], behind start: UInt64) {
  guard let record = try? read(tail, behind: start) else { return }
  expectEqual(record.compressedSize, start, "the record is about what is before it")
  do {
    let again = try RecordMember.encode(record)
    expectEqual(try read(again.bytes, behind: start), again.record, "a record written again")
    if again.record != record {
      // Only texts are cut, and a table that has no room is left out.
      let facts = record.facts.cutToFit()
      expectEqual(again.record.facts, facts, "what is cut to fit")
      expect(again.record.spans == nil || facts != record.facts, "nothing else is lost")
    }
  } catch {
    // More than the longest texts and the table's absence can make fit: the hash is any text.
    expect(tail.count > 4096 || (record.tarSHA256 ?? "").utf8.count > 64, "a record can be written again: \(error)")
  }
}

private func read(_ tail: [UInt8], behind start: UInt64) throws -> SnapshotRecord? {
  try SnapshotRecord.read(fileSize: start + UInt64(tail.count)) { offset, target in
    expect(offset >= start && offset - start < UInt64(tail.count), "nothing is read but the record")
    let part = tail[Int(offset - start)...].prefix(target.count)
    target.copyBytes(from: part)
    return part.count
  }
}

/// What RecordMember's picture shows.
private func framed(_ json: [UInt8]) -> [UInt8] {
  func number(_ value: UInt32, width: UInt32) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  let count = UInt32(json.count)
  var before: [UInt8] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3] + number(count + 16, width: 2)
  before += Array("LB".utf8) + number(count, width: 2) + json
  let pointer: [UInt8] = Array("Lb".utf8) + [8, 0] + number(count + 38, width: 4) + number(crc(before), width: 4)
  return before + pointer + [3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

private func crc(_ bytes: [UInt8]) -> UInt32 {
  var sum = UInt32.max
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xedb8_8320 }
  }
  return ~sum
}

/// The number behind that key, so that the record has its place.
private func compressedSize(in json: [UInt8]) -> UInt64 {
  let key = Array("\"compressedSize\":".utf8)
  guard let place = json.indices.first(where: { json[$0...].starts(with: key) }) else { return 0 }
  let digits = json[(place + key.count)...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  return UInt64(String(decoding: digits.prefix(12), as: UTF8.self)) ?? 0
}
