import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What is known of the files of a directory, against a plain dictionary.
@Suite struct FileTableTests {
  @Test func aRecordTakesEightyBytes() {
    #expect(MemoryLayout<PackedFile>.stride == 80)
  }

  @Test(arguments: SampleFile.kinds) func holdsEveryKindOfFile(content: Fingerprint.Content) {
    var table = FileTable()
    for reason in [nil, .added, .included] as [Reason?] {
      for flags in 0..<4 {
        var file = SampleFile.make(content)
        file.reason = reason
        (file.isSettled, file.isLinked) = (flags & 1 != 0, flags & 2 != 0)
        table[[7]] = file
        #expect(table[[7]] == file)
      }
    }
    #expect(table.count == 1)
  }

  @Test(arguments: SampleFile.names) func holdsEveryKindOfName(name: [UInt8]) {
    var table = FileTable()
    for other in SampleFile.names where other != name {
      table[other] = SampleFile.make(.symlink(target: other))
    }
    #expect(table[name] == nil)
    table[name] = SampleFile.make(.symlink(target: [1, 2]))
    #expect(table[name]?.fingerprint.content == .symlink(target: [1, 2]))
    #expect(Array(table.keys) == SampleFile.names.sorted { $0.lexicographicallyPrecedes($1) })
    table[name] = nil
    #expect(table[name] == nil)
    #expect(table.count == SampleFile.names.count - 1)
    for other in SampleFile.names where other != name {
      #expect(table[other]?.fingerprint.content == .symlink(target: other))
    }
  }

  @Test(arguments: SampleFile.oddities) func keepsAsideWhatDoesNotFit(file: KnownFile) {
    var table = FileTable()
    table[[1]] = SampleFile.make(.fifo)
    table[[2]] = file
    table[[3]] = SampleFile.make(.symlink(target: [1]))
    #expect(table[[2]] == file)
    #expect([UInt8(2)].withUnsafeBytes { table.holds($0, settledAs: file.signature) } == file.isSettled)
    table[[3]] = file
    #expect(table[[3]] == file)
    table[[3]] = SampleFile.make(.symlink(target: [1]))
    #expect(table[[3]] == SampleFile.make(.symlink(target: [1])))
    table[[2]] = nil
    table[[2]] = SampleFile.make(.socket)
    #expect(table[[2]] == SampleFile.make(.socket))
    #expect(table[[1]] == SampleFile.make(.fifo))
  }

  @Test(arguments: 1...4) func isWhatADictionaryIs(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    var table = FileTable()
    var plain: [[UInt8]: KnownFile] = [:]
    for round in 0..<4000 {
      let name = SampleFile.name(UInt8(random.next() % (round % 1000 < 500 ? 120 : 20)))
      switch random.next() % 8 {
      case 0...4:
        let file = SampleFile.any(using: &random)
        table[name] = file
        plain[name] = file
      case 5, 6:
        table[name] = nil
        plain[name] = nil
      default:
        table.fit()
      }
      #expect(table[name] == plain[name])
      #expect(table.count == plain.count)
      guard round % 100 == 0 else { continue }
      let names = plain.keys.sorted { $0.lexicographicallyPrecedes($1) }
      #expect(table.map(\.name) == names)
      #expect(table.map(\.file) == names.compactMap { plain[$0] })
    }
  }

  @Test func aDirectoryOfSixtyThousand() {
    var table = FileTable()
    let names = (0..<60_000).map { Array("file\(100_000 + $0).conf".utf8) }
    for name in names { table[name] = SampleFile.make(.file(size: 4096, digest: SampleFile.digest(UInt8(name.count)))) }
    #expect(table.count == 60_000)
    #expect(names.allSatisfy { table[$0]?.fingerprint.content != nil })
    #expect(table.elementsEqual(names, by: { $0.name == $1 }))
    // In the middle, too.
    for name in names[30_000..<31_000] { table[name] = nil }
    for name in names[30_000..<31_000].reversed() { table[name] = SampleFile.make(.fifo) }
    #expect(table.elementsEqual(names, by: { $0.name == $1 }))
    for name in names.reversed() { table[name] = nil }
    #expect(table.isEmpty)
  }
}

/// Files to fill a table with.
enum SampleFile {
  static let kinds: [Fingerprint.Content] = [
    .file(size: 4096, digest: nil), .file(size: 4096, digest: digest(9)), .symlink(target: []),
    .symlink(target: [1, 0]), .symlink(target: [UInt8](repeating: 0xff, count: 4095)), .fifo, .socket,
    .characterDevice(major: .max, minor: 1), .blockDevice(major: 8, minor: .max),
  ]

  static let names: [[UInt8]] = [
    [0xff, 0xfe], [0xff], [0x7f], [0x80, 0x81], Array("new\nline".utf8), Array(" ".utf8), Array("-n".utf8),
    Array("a".utf8), Array("a\n".utf8), Array("ab".utf8), Array("a-b".utf8), Array("*".utf8),
    Array(repeating: 0xe9, count: 254), Array(repeating: 0xe9, count: 255), Array(repeating: 0xe9, count: 256),
    Array(repeating: 7, count: 1020),
  ]

  /// What takes more than a record has.
  static let oddities: [KnownFile] = {
    var files = [KnownFile](repeating: make(.file(size: 4096, digest: digest(3))), count: 7)
    files[0].signature.identity.device = 99
    files[1].signature.modified = FileTime(seconds: .max, nanoseconds: 999_999_999)
    files[2].signature.changed = FileTime(seconds: -(1 << 33) - 1)
    files[3].signature.size = 1
    files[4].fingerprint.mode = .max
    files[5] = make(.symlink(target: [4, 5, 6]))
    files[5].signature.identity.device = 98
    files[6].signature.identity.device = 97
    files[6].isSettled = false
    return files
  }()

  static func name(_ number: UInt8) -> [UInt8] {
    number.isMultiple(of: 7) ? [UInt8](repeating: number | 1, count: 1 + Int(number) * 3) : [number | 1, number]
  }

  static func digest(_ number: UInt8) -> ContentDigest? { ContentDigest([UInt8](repeating: number, count: 32)) }

  static func make(_ content: Fingerprint.Content) -> KnownFile {
    KnownFile(
      signature: FileStatus.Signature(
        identity: FileIdentity(device: 25, inode: .max), size: 4096,
        modified: FileTime(seconds: -(1 << 33), nanoseconds: 999_999_999),
        changed: FileTime(seconds: (1 << 33) - 1, nanoseconds: 1)),
      fingerprint: Fingerprint(content: content, mode: 0o7777, uid: .max, gid: 1), reason: .changed, isSettled: true,
      isLinked: false)
  }

  static func any(using random: inout SeededNumbers) -> KnownFile {
    if random.next() % 10 == 0 { return oddities[Int(random.next() % UInt64(oddities.count))] }
    var file = make(kinds[Int(random.next() % UInt64(kinds.count))])
    if case .symlink = file.fingerprint.content {
      file.fingerprint.content = .symlink(target: random.bytes(Int(random.next() % 60)))
    }
    file.signature.identity.inode = random.next()
    file.signature.modified = FileTime(
      seconds: Int64(random.next() % (1 << 33)) - (1 << 32), nanoseconds: Int64(random.next() % 1_000_000_000))
    file.fingerprint.mode = UInt16(random.next() % 0o10000)
    file.fingerprint.uid = UInt32(truncatingIfNeeded: random.next())
    file.reason = [nil, .added, .metadata, .included][Int(random.next() % 4)]
    file.isSettled = random.next() % 2 == 0
    file.isLinked = random.next() % 2 == 0
    return file
  }
}
