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

  static func record(members: Int = 1, facts: SnapshotFacts = facts) -> SnapshotRecord {
    SnapshotRecord(
      facts: facts, entryCount: 2, tarSize: 3, tarSHA256: String(repeating: "0", count: 64), compressedSize: 0,
      members: (0..<members).map { .init(compressedSize: UInt64(100_000 + $0), tarSize: UInt64(262_144 + $0)) })
  }

  @Test func isFoundFromTheEndInTwoReads() throws {
    let (bytes, record) = try snapshot(Fixture.longest, memberSize: 5000)
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
    let fits = try RecordMember.encode(Self.record(members: 4000))
    #expect(fits.record.members?.count == 4000)
    let large = try RecordMember.encode(Self.record(members: 100_000))
    #expect(large.record.members == nil)
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
      let encoded = try RecordMember.encode(Self.record(members: 100_000, facts: long))
      let read = try #require(try Self.read(encoded.bytes))
      #expect(read == encoded.record)
      #expect(read.facts.message?.utf8.count == 4096)
      #expect(text.hasPrefix(read.facts.message ?? "-"))
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
    record.formatVersion = 2
    let bytes = try RecordMember.encode(record).bytes
    #expect(Self.failure(bytes) == .newerRecord(formatVersion: 2))
    #expect(
      "\(ArchiveError.newerRecord(formatVersion: 2))" == "the snapshot's record has format 2, this program knows 1")
  }

  @Test func unknownKeysArePassedOverAndMissingOnesAreNot() throws {
    let decoder = JSONDecoder()
    let json = """
      {"formatVersion":1,"host":"a","time":1,"reason":"r","uid":0,"changedCount":1,"entryCount":1,"tarSize":1,
       "tarSHA256":"00","compressedSize":7,"newIn9":[1,{"x":null}]}
      """
    let record = try decoder.decode(SnapshotRecord.self, from: Data(json.utf8))
    #expect(record.members == nil)
    #expect(record.facts.user == nil)
    let without = json.replacing("\"time\":1,", with: "")
    #expect(throws: (any Error).self) { try decoder.decode(SnapshotRecord.self, from: Data(without.utf8)) }
    let malformed = json.replacing("\"newIn9\"", with: "\"members\":\"gA==\",\"newIn9\"")
    #expect(throws: (any Error).self) { try decoder.decode(SnapshotRecord.self, from: Data(malformed.utf8)) }
  }

  @Test func theTableOfMembersIsCompact() {
    let spans = [0, 1, 127, 128, 262_144, UInt64.max].map { SnapshotRecord.Span(compressedSize: $0, tarSize: $0 / 2) }
    #expect(MemberTable.decode(MemberTable.encode(spans)) == spans)
    #expect(MemberTable.decode("gA==") == nil)
    #expect(MemberTable.decode("AA==") == nil)
    #expect(MemberTable.decode("////////////////AA==") == nil)
    #expect(MemberTable.decode("not base64") == nil)
    #expect(MemberTable.encode([.init(compressedSize: 100_000, tarSize: 300_000)]).utf8.count == 8)
  }
}
