import FoundationEssentials
import LbudCore
import Testing

@testable import LbudArchive

@Suite("The record at a snapshot's end")
struct RecordTests {
  static func read(_ bytes: [UInt8]) throws -> SnapshotRecord? {
    try SnapshotRecord.read(fileSize: UInt64(bytes.count), readAt: randomAccess(bytes))
  }

  static func failure(_ bytes: [UInt8]) -> ArchiveError? {
    do {
      _ = try read(bytes)
      return nil
    } catch { return error as? ArchiveError }
  }

  static let proof = ContentDigest([UInt8](repeating: 0xff, count: 32)).map {
    SnapshotRecord.Proof(sum: .max, tarSHA256: $0)
  }

  static func record(spans: Int = 1, facts: SnapshotFacts = facts) -> SnapshotRecord {
    SnapshotRecord(
      facts: facts, entryCount: 2, tarSize: 3, compressedSize: 0,
      spans: (0..<spans).map {
        .init(compressedSize: UInt64(100_000 + $0), tarSize: UInt64(262_144 + $0), proof: proof)
      })
  }

  /// As the first lbud wrote it.
  static func formerRecord(spans: Int) -> SnapshotRecord {
    var record = record(spans: spans)
    record.formatVersion = 1
    record.tarSHA256 = String(repeating: "0", count: 64)
    record.spans = record.spans?.map { .init(compressedSize: $0.compressedSize, tarSize: $0.tarSize) }
    return record
  }

  @Test func isFoundFromTheEndInTwoReads() throws {
    let (bytes, record) = try snapshot(Fixture.longest, spanSize: 5000)
    var reads: [Int] = []
    let access = randomAccess(bytes)
    let found = try SnapshotRecord.read(fileSize: UInt64(bytes.count)) { offset, target in
      reads.append(target.count)
      return access(offset, target)
    }
    #expect(found == record)
    #expect(found?.facts == facts)
    #expect(reads.count == 2)
    #expect(reads.reduce(0, +) < 2000)
  }

  @Test func readsThatDeliverLittleAreGoneOnWith() throws {
    let (bytes, record) = try snapshot(Fixture.long)
    let access = randomAccess(bytes)
    let found = try SnapshotRecord.read(fileSize: UInt64(bytes.count)) { offset, target in
      access(offset, UnsafeMutableRawBufferPointer(rebasing: target.prefix(3)))
    }
    #expect(found == record)
  }

  @Test func whatLbuMadeHasNone() throws {
    let (bytes, record) = try snapshot(Fixture.long)
    #expect(try Self.read(Array(bytes.prefix(Int(record.compressedSize)))) == nil)
    #expect(try Self.read([]) == nil)
    #expect(try Self.read([UInt8](repeating: 0, count: 1000)) == nil)
    // gzip of nothing, which ends as the record does.
    let empty: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(try Self.read(bytes.prefix(Int(record.compressedSize)) + empty) == nil)
    #expect(try Self.read(empty) == nil)
  }

  @Test func anyByteOfItDamagedIsAnErrorAndNeverAnotherRecord() throws {
    let (bytes, record) = try snapshot([Entry("etc/a", content: "x")])
    for index in Int(record.compressedSize)..<bytes.count {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << UInt8(bit)
        guard case .damagedRecord = Self.failure(damaged) else {
          Issue.record("byte \(index) bit \(bit): \(String(describing: Self.failure(damaged)))")
          return
        }
      }
    }
  }

  @Test func bytesLostOrAddedBeforeItAreNoticed() throws {
    let (bytes, record) = try snapshot(Fixture.long)
    #expect(
      Self.failure(Array(bytes.dropFirst(10)))
        == .damagedRecord(
          "it belongs to \(record.compressedSize) bytes, and \(record.compressedSize - 10) are before it"))
    #expect(Self.failure([0] + bytes) != nil)
  }

  @Test func aFileShorterThanItsSizeIsAnErrorAndNoEndlessLoop() throws {
    let (bytes, _) = try snapshot(Fixture.long)
    #expect(throws: ArchiveError.damagedRecord("the file ends before its size")) {
      _ = try SnapshotRecord.read(fileSize: UInt64(bytes.count + 10), readAt: randomAccess(bytes))
    }
  }

  @Test func aTableTooLargeIsLeftOutAndNothingElse() throws {
    let fits = try RecordMember.encode(Self.formerRecord(spans: 4000))
    #expect(fits.record.spans?.count == 4000)
    let large = try RecordMember.encode(Self.formerRecord(spans: 100_000))
    #expect(large.record.spans == nil)
    #expect(large.record.facts == facts)
    #expect(try Self.read(large.bytes) == large.record)
    #expect(try Self.read(fits.bytes) == fits.record)
    #expect(try unpack(large.bytes) == [])
  }

  @Test func theLongestTextsFitWhateverIsInThem() throws {
    for filler in ["\u{1}", "é", "\"", "😀", "a"] {
      let text = String(repeating: filler, count: 20_000)
      let long = SnapshotFacts(
        host: text, time: .min, reason: text, uid: .max, user: text, message: text, changedCount: .max)
      let encoded = try RecordMember.encode(Self.record(spans: 5, facts: long))
      let read = try #require(try Self.read(encoded.bytes))
      #expect(read == encoded.record)
      #expect(read.facts.message?.utf8.count == 4096)
      #expect(text.hasPrefix(read.facts.message ?? "-"))
      // As many spans as there can be cost some of the message at worst.
      let full = try RecordMember.encode(Self.record(spans: 800, facts: long))
      #expect(full.record.spans?.count == 800)
      #expect(try Self.read(full.bytes) == full.record)
      #expect(try #require(full.record.facts.message).utf8.count >= 512)
    }
  }

  @Test func aMessageIsCutBetweenCharacters() {
    func cut(_ message: String) -> String? {
      SnapshotFacts(host: "h", time: 0, reason: "", uid: 0, message: message, changedCount: 0).cutToFit().message
    }
    let start = String(repeating: "a", count: 4094)
    #expect(cut(start + "é") == start + "é")
    #expect(cut(start + "aé") == start + "a")
    #expect(cut(start + "😀") == start)
    // A flag is two scalars and one character.
    #expect(cut(start.dropLast(4) + "🇪🇺") == String(start.dropLast(4)))
    #expect(cut("") == "")
    // One character larger than the whole room.
    let accents = "a" + String(repeating: "\u{301}", count: 3000)
    #expect(cut(accents)?.utf8.count == 4095)
  }

  @Test(arguments: [nil, false, true]) func whetherItWasReadBackIsKept(isReadBack: Bool?) throws {
    var facts = facts
    facts.isReadBack = isReadBack
    let bytes = try RecordMember.encode(Self.record(facts: facts)).bytes
    #expect(try Self.read(bytes)?.facts.isReadBack == isReadBack)
    // As it was before there was such a thing.
    let key = Array("readBack".utf8)
    let holdsKey = bytes.indices.contains { bytes[$0...].starts(with: key) }
    #expect(holdsKey == (isReadBack != nil))
  }

  @Test func aRecordFromTheFutureSaysSo() throws {
    var record = Self.record()
    record.formatVersion = 3
    let bytes = try RecordMember.encode(record).bytes
    #expect(Self.failure(bytes) == .newerRecord(formatVersion: 3))
    #expect(
      "\(ArchiveError.newerRecord(formatVersion: 3))" == "the snapshot's record has format 3, this program knows 2")
  }

  @Test func unknownKeysArePassedOverAndMissingOnesAreNot() throws {
    let decoder = JSONDecoder()
    let json = """
      {"formatVersion":1,"host":"a","time":1,"reason":"r","uid":0,"changedCount":1,"entryCount":1,"tarSize":1,
       "tarSHA256":"00","compressedSize":7,"newIn9":[1,{"x":null}]}
      """
    let record = try decoder.decode(SnapshotRecord.self, from: Data(json.utf8))
    #expect(record.spans == nil)
    #expect(record.facts.user == nil)
    let without = json.replacing("\"time\":1,", with: "")
    #expect(throws: (any Error).self) { try decoder.decode(SnapshotRecord.self, from: Data(without.utf8)) }
    let malformed = json.replacing("\"newIn9\"", with: "\"members\":\"gA==\",\"newIn9\"")
    #expect(throws: (any Error).self) { try decoder.decode(SnapshotRecord.self, from: Data(malformed.utf8)) }
  }

  @Test func theTableOfSpansIsCompact() {
    let spans = [0, 1, 127, 128, 262_144, UInt64.max].map { SnapshotRecord.Span(compressedSize: $0, tarSize: $0 / 2) }
    #expect(SpanTable.decode(SpanTable.encode(spans), hasProofs: false) == spans)
    let proven = spans.map {
      SnapshotRecord.Span(compressedSize: $0.compressedSize, tarSize: $0.tarSize, proof: Self.proof)
    }
    #expect(SpanTable.decode(SpanTable.encode(proven), hasProofs: true) == proven)
    for hasProofs in [false, true] {
      for text in ["gA==", "AA==", "////////////////AA==", "AAAA", "not base64"] where !hasProofs || text != "" {
        #expect(SpanTable.decode(text, hasProofs: hasProofs) == nil || text == "AAAA", "\(text)")
      }
    }
    #expect(SpanTable.decode("AAAA", hasProofs: true) == nil)
    #expect(SpanTable.encode([.init(compressedSize: 100_000, tarSize: 300_000)]).utf8.count == 8)
  }
}
