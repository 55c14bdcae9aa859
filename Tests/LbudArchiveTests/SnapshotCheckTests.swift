import LbudCore
import LbudTestSupport
import Testing

@testable import LbudArchive

@Suite("A whole snapshot checked, and what is damaged named")
struct SnapshotCheckTests {
  /// Files whose content does not compress, so that a flipped bit is one of a known file's; a gzip member each.
  static func files(_ count: Int, size: Int = 3000) -> [Entry] {
    var generator = SeededNumbers(seed: 11)
    let folder = Entry("etc", .directory, mode: 0o755)
    return [folder] + (0..<count).map { Entry(BytePath("etc/file\($0)"), content: generator.bytes(size)) }
  }

  static func check(_ bytes: [UInt8], limits: SnapshotIndex.Limits = .init()) throws -> SnapshotFindings {
    try SnapshotCheck.run(fileSize: UInt64(bytes.count), limits: limits, readAt: randomAccess(bytes))
  }

  static func flipped(_ bytes: [UInt8], _ place: Int, _ bit: UInt8 = 0) -> [UInt8] {
    var damaged = bytes
    damaged[place] ^= 1 << bit
    return damaged
  }

  static func gzip(_ tar: [UInt8]) throws -> [UInt8] {
    var deflater = try Deflater(level: 6)
    var output = MemoryOutput()
    _ = try tar.withUnsafeBytes { try deflater.add($0, to: &output) }
    _ = try deflater.endMember(to: &output)
    return output.bytes
  }

  /// The middle of a gzip member.
  static func middle(of member: Int, _ record: SnapshotRecord) -> Int {
    let members = record.spans ?? []
    return Int(members[..<member].reduce(0) { $0 + $1.compressedSize } + members[member].compressedSize / 2)
  }

  @Test func aGoodOneIsWhole() throws {
    for entries in [Fixture.longest, Self.files(5), []] {
      for size in [1, 5000, 1 << 20] {
        let (bytes, record) = try snapshot(entries, spanSize: size)
        let findings = try Self.check(bytes)
        #expect(findings.isWhole && findings.record == record && findings.entryCount == entries.count)
        // lbu's own have no record.
        let without = try Self.check(Array(bytes.prefix(Int(record.compressedSize))))
        #expect(without.isWhole && without.record == nil && without.entryCount == entries.count)
      }
    }
  }

  @Test("the damaged file is named, and all behind it are read", arguments: 0..<6)
  func namesTheFile(number: Int) throws {
    let files = Self.files(6)
    let (bytes, record) = try snapshot(files, spanSize: 1)
    let findings = try Self.check(Self.flipped(bytes, Self.middle(of: number + 1, record)))
    #expect(findings.damages.map(\.path) == [BytePath("etc/file\(number)")])
    #expect(findings.damages.first?.reason.hasPrefix("damaged gzip data (") ?? false)
    #expect(findings.damages.first?.doubtful == [])
    #expect(findings.entryCount == 7 && findings.lostCount == 0)
  }

  @Test func twoDamagedFilesAreBothNamed() throws {
    let files = Self.files(6)
    var (bytes, record) = try snapshot(files, spanSize: 1)
    for number in [1, 4] { bytes = Self.flipped(bytes, Self.middle(of: number + 1, record), 3) }
    #expect(try Self.check(bytes).damages.map(\.path) == [BytePath("etc/file1"), BytePath("etc/file4")])
  }

  @Test func inAMemberOfManyFilesThoseAreToldThatItCanBe() throws {
    let files = Self.files(6)
    // Three members: etc, file0, file1; file2, file3; file4, file5; and one of the end.
    let (bytes, record) = try snapshot(files, spanSize: 7000)
    let members = try #require(record.spans)
    // The check of the second one's content stands at its end.
    let place = Int(members[0].compressedSize + members[1].compressedSize) - 8
    let damage = try #require(try Self.check(Self.flipped(bytes, place)).damages.first)
    #expect(damage.reason.contains("incorrect data check"))
    #expect(damage.path == nil)
    #expect(damage.doubtful == [BytePath("etc/file2"), BytePath("etc/file3")])
    #expect(damage.doubtfulCount == 2)
  }

  @Test func whereGzipBreaksTheFileIsNamedAndTheNextMemberIsReadOn() throws {
    var entries = Self.files(2)
    var generator = SeededNumbers(seed: 5)
    let digits = generator.bytes(9000).map { String($0, radix: 16) }.joined()
    entries.insert(Entry("etc/text", content: digits), at: 2)
    let (bytes, record) = try snapshot(entries, spanSize: 1)
    var damaged = bytes
    // The member of etc/text is destroyed behind its header.
    let place = Self.middle(of: 2, record)
    for place in (place - 10)..<(place + 20) { damaged[place] = 0xff }
    let findings = try Self.check(damaged)
    #expect(findings.damages.count == 1)
    #expect(findings.damages.first?.path == BytePath("etc/text"), "\(findings.damages)")
    #expect(findings.damages.first?.reason.hasPrefix("damaged gzip data (") ?? false)
    #expect(findings.entryCount == 4, "the last file is read though it is behind")
  }

  @Test func everyBitOfASmallSnapshotIsCovered() throws {
    let (bytes, _) = try snapshot([Entry("etc/motd", content: "welcome to the machine\n")])
    for bit in 0..<(8 * bytes.count) {
      #expect(try !Self.check(Self.flipped(bytes, bit / 8, UInt8(bit % 8))).isWhole, "bit \(bit)")
    }
  }

  @Test func aThousandRandomBitsOfALargeOneAreAllNoticed() throws {
    let (bytes, _) = try snapshot(Fixture.longest + Self.files(5).dropFirst(), spanSize: 30_000)
    var generator = SeededNumbers(seed: 1)
    for _ in 0..<1000 {
      let (place, bit) = (
        Int.random(in: 0..<bytes.count, using: &generator), UInt8.random(in: 0..<8, using: &generator)
      )
      #expect(try !Self.check(Self.flipped(bytes, place, bit)).isWhole, "byte \(place) of \(bytes.count), bit \(bit)")
    }
  }

  @Test("what lbu makes has no hash: what goes unnoticed there changes nothing")
  func everyBitWithoutARecord() throws {
    let (whole, record) = try snapshot([Entry("etc/motd", content: "welcome to the machine\n")])
    let bytes = Array(whole.prefix(Int(record.compressedSize)))
    let tar = try unpack(bytes)
    var unnoticed: Set<Int> = []
    for bit in 0..<(8 * bytes.count) {
      let damaged = Self.flipped(bytes, bit / 8, UInt8(bit % 8))
      guard try Self.check(damaged).isWhole else { continue }
      unnoticed.insert(bit / 8)
      #expect(try unpack(damaged) == tar, "bit \(bit)")
    }
    // The text flag, the time, the extra flags and the system in the header; bits that fill the last byte; and distances
    // within runs of zeros.
    #expect(unnoticed.isSuperset(of: [4, 5, 6, 7, 8, 9]) && unnoticed.count < bytes.count / 5)
  }

  @Test func whatIsWholeAndAnotherIsNoticedByTheHash() throws {
    let one = try snapshot([Entry("etc/a", content: "one")])
    var other = try snapshot([Entry("etc/a", content: "two")])
    try #require(one.record.compressedSize == other.record.compressedSize)
    let border = Int(one.record.compressedSize)
    other.bytes.replaceSubrange(..<border, with: one.bytes.prefix(border))
    let damage = try #require(try Self.check(other.bytes).damages.first)
    #expect(damage.path == BytePath("etc/a"))
    #expect(damage.reason == "\(ArchiveError.wrongSpanHash(at: 0)); its gzip members are whole")
  }

  @Test("bytes that mean nothing are covered too", arguments: [4, 5, 6, 7, 9])
  func headerBytes(place: Int) throws {
    let (bytes, record) = try snapshot(Self.files(3), spanSize: 1)
    let second = Int(try #require(record.spans?.first).compressedSize)
    let findings = try Self.check(Self.flipped(bytes, second + place, 5))
    #expect(findings.damages.map(\.reason) == ["\(ArchiveError.wrongFileHash)"])
  }

  @Test func cutAnywhereItIsDamaged() throws {
    let (bytes, record) = try snapshot(Self.files(3, size: 200), spanSize: 1)
    for count in 0..<bytes.count {
      let findings = try Self.check(Array(bytes.prefix(count)))
      #expect(findings.isWhole == (count == Int(record.compressedSize)), "cut at \(count) of \(bytes.count)")
    }
  }

  @Test func anEmptyFileAndOtherFiles() throws {
    let reasons = try [[], Array("#!/bin/sh\n".utf8), [0x1f], [UInt8](repeating: 0, count: 5000)]
      .map { try Self.check($0).damages.map(\.reason) }
    #expect(
      reasons == [
        ["the file is empty"], ["not a gzip file"],
        ["the archive ends in the middle of a gzip member, at byte 1 of the archive"], ["not a gzip file"],
      ])
  }

  @Test("names that lead out of the directory", arguments: ["/etc/passwd", "../etc/passwd", "etc/../../passwd"])
  func hostileNames(name: String) throws {
    let findings = try Self.check(Self.gzip(RawTar.entry("etc/motd") + RawTar.entry(name) + RawTar.end))
    #expect(findings.damages.count == 1)
    #expect(findings.damages.first?.path.map { !$0.isRoot } ?? true)
  }

  @Test func aReadErrorIsDamageOfWhatIsThere() throws {
    struct Unreadable: Error, CustomStringConvertible { var description: String { "input/output error" } }
    let files = Self.files(4)
    let (bytes, record) = try snapshot(files, spanSize: 1)
    let members = try #require(record.spans)
    let start = members[..<3].reduce(UInt64(0)) { $0 + $1.compressedSize }
    let access = randomAccess(bytes)
    let findings = try SnapshotCheck.run(fileSize: UInt64(bytes.count)) { offset, target in
      guard !(start..<(start + 100)).contains(offset) else { throw Unreadable() }
      return access(offset, target)
    }
    #expect(findings.damages.map(\.reason) == ["input/output error, behind etc/file1"])
    #expect(findings.entryCount == 4 && findings.lostCount == 1)
  }

  @Test func aCancelledCheckEnds() throws {
    let (bytes, _) = try snapshot(Self.files(2))
    let access = randomAccess(bytes)
    #expect(throws: CancellationError.self) {
      try SnapshotCheck.run(fileSize: UInt64(bytes.count)) { offset, target in
        guard offset > 0 else { throw CancellationError() }
        return access(offset, target)
      }
    }
  }

  @Test func tenMillionEntriesAreNotReadToTheirEnd() throws {
    // Each gzip block is stored, and the same: a header of an empty file.
    let block: [UInt8] = [0, 0, 2, 0xff, 0xfd] + RawTar.header(Array("etc/x".utf8))
    let start: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
    let size = UInt64(start.count) + 10_000_000 * UInt64(block.count)
    var furthest: UInt64 = 0
    let findings = try SnapshotCheck.run(fileSize: size, limits: .init(entries: 5000)) { offset, target in
      if offset < size - 100_000 { furthest = max(furthest, offset) }
      for index in 0..<target.count {
        let place = Int(offset) + index
        target[index] = place < start.count ? start[place] : block[(place - start.count) % block.count]
      }
      return target.count
    }
    #expect(findings.damages.map(\.reason) == ["the archive holds more than 5000 entries"])
    #expect(furthest < 5000 * UInt64(block.count) + 1_000_000)
  }
}
