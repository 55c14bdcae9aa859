import Testing

@testable import LbudCore

@Suite struct PackageIndexParserTests {
  static let text = """
    C:Q1AAECAwQFBgcICQoLDA0ODxAREhM=
    P:busybox
    V:1.37.0-r12
    A:x86_64
    S:509600
    I:811008
    T:Size optimized toolbox
    D:so:libc.musl-x86_64.so.1 !old<1
    p:cmd:busybox=1.37.0-r12 /bin/sh

    P:virtual
    V:20240101.120000
    I:0


    """

  static func parse(_ text: [UInt8], chunk: Int = .max, _ parser: PackageIndexParser = PackageIndexParser()) throws
    -> [PackageRecord]
  {
    var parser = parser
    var rest = text[...]
    while !rest.isEmpty {
      try Array(rest.prefix(chunk)).withUnsafeBytes { try parser.feed($0) }
      rest = rest.dropFirst(chunk)
    }
    parser.finish()
    return parser.records
  }

  @Test func fields() throws {
    let records = try Self.parse(Self.text.bytes)
    let busybox = try #require(records.first)
    #expect(busybox.name == "busybox".bytes)
    #expect(busybox.version == "1.37.0-r12".bytes)
    #expect(busybox.identity == Array(0..<20))
    #expect(busybox.size == 509_600)
    #expect(busybox.installedSize == 811_008)
    #expect(busybox.dependencies.map(\.display) == ["so:libc.musl-x86_64.so.1", "!old<1"])
    #expect(busybox.provides.map(\.display) == ["cmd:busybox=1.37.0-r12", "/bin/sh"])
    #expect(busybox.fileName == "busybox-1.37.0-r12.apk".bytes)
    #expect(busybox.cacheFileName == "busybox-1.37.0-r12.00010203.apk".bytes)
    #expect(records.map(\.name) == ["busybox".bytes, "virtual".bytes])
  }

  /// Wherever it is cut between two pieces it is the same.
  @Test func pieces() throws {
    let whole = try Self.parse(Self.text.bytes)
    for chunk in 1...Self.text.utf8.count {
      #expect(try Self.parse(Self.text.bytes, chunk: chunk) == whole, "pieces of \(chunk) bytes")
    }
  }

  /// Cut off anywhere: what stands before is read, nothing crashes, nothing is made up.
  @Test func torn() throws {
    for count in 0..<Self.text.utf8.count {
      let records = try Self.parse(Array(Self.text.bytes.prefix(count)))
      #expect(records.count <= 2)
      #expect(records.allSatisfy { "busybox".bytes.starts(with: $0.name) || "virtual".bytes.starts(with: $0.name) })
    }
  }

  @Test(
    arguments: [
      // Without a version, without a name, with a dependency that is none, with a capital that nobody knows.
      ("P:x\n\n", 0), ("V:1\n\n", 0), ("P:x\nV:1\nD:y=\n\n", 0), ("P:x\nV:1\nX:new\n\n", 0),
      ("P:x\nV:1\nx:new\n\n", 1), ("P:x\nV:1", 1), ("P:x\nV:1\nS:99999999999999999999\nI:-1\nC:nonsense\nD:\n\n", 1),
      ("no field\nP:x\nV:1\n:\nP\n\n", 1), ("P:x\nV:1\np:y= z\n\n", 1),
    ])
  func odd(text: String, count: Int) throws {
    #expect(try Self.parse(text.bytes).count == count)
  }

  @Test func aLineWithoutEndIsNoIndex() {
    let long = [UInt8](repeating: 0x78, count: (1 << 20) + 1)
    #expect(throws: PackageIndexParser.NoIndex(line: 2)) { try Self.parse("P:x\n".bytes + long) }
  }

  @Test func whatNobodyAsksForIsNotKept() throws {
    let parser = PackageIndexParser(mayKeep: { name, _ in name == "busybox".bytes }, keeps: { $0.size == 1 })
    #expect(try Self.parse(Self.text.bytes, parser).isEmpty)
    // What needs no file is asked for whatever it is called.
    let other = PackageIndexParser(mayKeep: { _, _ in false }, keeps: { _ in true })
    #expect(try Self.parse(Self.text.bytes, other).map(\.name) == ["virtual".bytes])
  }

  @Test func namesAreBytes() throws {
    let name = [UInt8](repeating: 0xff, count: 255)
    let records = try Self.parse("P:".bytes + name + "\nV:1\nI:1\n\n".bytes)
    #expect(records.map(\.name) == [name])
  }
}
