import LbudCore
import Testing

@Suite("What the packages brought")
struct InstalledDatabaseTests {
  typealias Permissions = InstalledDatabase.Permissions

  /// One package of name `p` with a file `etc/f` and the lines given.
  static func parse(_ lines: String, flags: String? = nil) -> InstalledDatabase {
    InstalledDatabase(parsing: "P:p\n\(flags.map { "f:\($0)\n" } ?? "")F:etc\nR:f\n\(lines)\n\n".bytes)
  }

  static func file(_ database: InstalledDatabase, _ path: String = "etc/f") throws -> InstalledDatabase.FileRecord {
    try #require(database.files[BytePath(path)])
  }

  static let twenty = (0..<20).map { UInt8($0) }
  static let thirtyTwo = (0..<32).map { UInt8($0) }
  static let base64Of20 = "AAECAwQFBgcICQoLDA0ODxAREhM="
  static let base64Of32 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  static let hexOf20 = hexadecimal(twenty)
  static let hexOf32 = hexadecimal(thirtyTwo)

  @Test func anEmptyDatabaseKnowsNothingAndIsNoProblem() {
    let database = InstalledDatabase(parsing: [])
    #expect(database.files.isEmpty && database.directories.isEmpty && database.problems.isEmpty)
    #expect(InstalledDatabase().files.isEmpty)
  }

  // MARK: Digests

  @Test(
    "in a package flagged S a Q1 is SHA-256 cut to 20 bytes",
    arguments: [(nil, .sha1), ("S", .sha256Cut), ("x", .sha1), ("xS", .sha256Cut), ("Sx", .sha256Cut), ("fs", .sha1)]
      as [(String?, PackageDigest.Kind)])
  func digestKind(flags: String?, kind: PackageDigest.Kind) throws {
    for text in ["Q1" + Self.base64Of20, "X1" + Self.hexOf20] {
      let database = Self.parse("Z:\(text)", flags: flags)
      #expect(try Self.file(database).digest == PackageDigest(kind: kind, bytes: Self.twenty))
      #expect(database.problems.isEmpty)
    }
  }

  @Test(
    "a whole SHA-256 is dropped, as apk drops it: such a file counts as changed",
    arguments: ["Q1" + base64Of32, "Q2" + base64Of32, "X1" + hexOf32, "X2" + hexOf32])
  func wholeDigest(text: String) throws {
    let database = Self.parse("Z:\(text)", flags: "S")
    #expect(try Self.file(database).digest == nil)
    #expect(database.problems.isEmpty)
  }

  @Test(
    "what is no digest is reported and the file has none",
    arguments: [
      "Q", "Q1", "Q1AAAA", "Q2" + base64Of20, "Q3" + base64Of20, "Y1" + base64Of20, "X1" + hexOf20.dropLast(),
      "X1" + hexOf20 + "00", "X1zz" + hexOf20.dropFirst(2), "Q1****", "Q1" + base64Of20.dropLast(), "",
    ])
  func badDigest(text: String) throws {
    let database = Self.parse("Z:\(text)")
    #expect(try Self.file(database).digest == nil)
    #expect(database.problems.map(\.text) == ["line 4: is no digest: \(text)"])
  }

  @Test func hexadecimalMayBeUpperCase() throws {
    #expect(try Self.file(Self.parse("Z:X1" + Self.hexOf20.uppercased())).digest?.bytes == Self.twenty)
  }

  // MARK: Permissions

  @Test func withoutPermissionsTheDefaultsHold() throws {
    let database = Self.parse("")
    #expect(try Self.file(database).permissions == Permissions(mode: 0o644, uid: 0, gid: 0))
    #expect(database.directories[BytePath("etc")] == Permissions(mode: 0o755, uid: 0, gid: 0))
    #expect(try Self.file(database).attributes == .none)
  }

  @Test(
    arguments: [
      ("0:0:755", 0o755, 0, 0), ("100:101:640", 0o640, 100, 101), ("0:0:4755", 0o4755, 0, 0),
      ("0:0:1777", 0o1777, 0, 0),
      ("4294967295:4294967294:0", 0, 4_294_967_295, 4_294_967_294), ("0:0:100644", 0o644, 0, 0),
    ] as [(String, UInt16, UInt32, UInt32)])
  func permissions(text: String, mode: UInt16, uid: UInt32, gid: UInt32) throws {
    let expected = Permissions(mode: mode, uid: uid, gid: gid)
    let database = InstalledDatabase(parsing: "P:p\nF:etc\nM:\(text)\nR:f\na:\(text)\n\n".bytes)
    #expect(try Self.file(database).permissions == expected)
    #expect(database.directories[BytePath("etc")] == expected)
    #expect(database.problems.isEmpty)
  }

  @Test(
    "the digest of extended attributes stands behind the mode",
    arguments: [("Q1" + base64Of20, twenty), ("Q2" + base64Of32, thirtyTwo), ("X1" + hexOf20, twenty)])
  func attributes(text: String, bytes: [UInt8]) throws {
    let database = InstalledDatabase(parsing: "P:p\nf:S\nF:etc\nM:0:0:700:\(text)\nR:f\na:0:0:600:\(text)\n\n".bytes)
    #expect(try Self.file(database).attributes == AttributesDigest(bytes: bytes))
    #expect(try Self.file(database).permissions.mode == 0o600)
    #expect(database.directories[BytePath("etc")]?.mode == 0o700)
    #expect(database.problems.isEmpty)
  }

  @Test(
    "what are no permissions is reported and the defaults hold",
    arguments: ["", "0", "0:0", "0:0:", "x:0:644", "0:-1:644", "0:0:9", "4294967296:0:644", "0:0:644:", "0:0:644:Q1"])
  func badPermissions(text: String) throws {
    let database = InstalledDatabase(parsing: "P:p\nF:etc\nM:\(text)\nR:f\na:\(text)\n\n".bytes)
    #expect(try Self.file(database).permissions == Permissions(mode: 0o644, uid: 0, gid: 0))
    #expect(database.directories[BytePath("etc")] == Permissions(mode: 0o755, uid: 0, gid: 0))
    #expect(
      database.problems.map(\.text)
        == ["line 3: is no uid:gid:mode: \(text)", "line 5: is no uid:gid:mode: \(text)"])
  }

  @Test(
    "f:x says that attributes were not recorded", arguments: [(nil, false), ("S", false), ("x", true), ("Sx", true)])
  func ignoresAttributes(flags: String?, expected: Bool) throws {
    #expect(try Self.file(Self.parse("", flags: flags)).ignoresAttributes == expected)
  }

  // MARK: Paths

  @Test func theRootDirectoryAndNamesThatAreNotText() throws {
    let text = "P:p\nF:\nR:top\nF:etc/".bytes + [0xff] + "\nR:".bytes + [0xfe, 0x3a] + "\n\n".bytes
    let database = InstalledDatabase(parsing: text)
    #expect(
      Set(database.files.keys)
        == [BytePath("top"), BytePath(bytes: "etc/".bytes + [0xff, 0x2f, 0xfe, 0x3a])])
    #expect(Set(database.directories.keys) == [.root, BytePath(bytes: "etc/".bytes + [0xff])])
    #expect(database.problems.isEmpty)
  }

  @Test func aFlagOfOnePackageIsNotTheNextOnes() throws {
    let database = InstalledDatabase(
      parsing: "P:a\nf:Sx\nF:etc\nR:f\n\nP:b\nF:etc\nR:g\nZ:Q1\(Self.base64Of20)\n\n".bytes)
    #expect(try Self.file(database, "etc/g").digest?.kind == .sha1)
    #expect(try !Self.file(database, "etc/g").ignoresAttributes)
  }

  // MARK: A file in two packages

  @Test func aFileOfTwoPackagesKeepsTheFirstOnesFlagsAndTakesTheLastOnesRecord() throws {
    let database = InstalledDatabase(
      parsing: """
        P:a
        f:x
        F:etc
        R:f
        a:1:1:600
        Z:Q1\(Self.base64Of20)

        P:b
        f:S
        F:etc
        R:f
        a:2:2:640
        Z:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=


        """.bytes)
    let record = try Self.file(database)
    #expect(record.permissions == Permissions(mode: 0o640, uid: 2, gid: 2))
    #expect(record.digest == PackageDigest(kind: .sha256Cut, bytes: [UInt8](repeating: 0, count: 20)))
    #expect(record.ignoresAttributes)
    #expect(database.files.count == 1)
  }

  // MARK: What cannot matter is dropped

  @Test func filesOfDirectoriesThatCannotMatterAreDropped() {
    let text = "P:p\nF:usr/bin\nR:a\na:0:0:755\nZ:Q1\(Self.base64Of20)\nF:etc\nR:f\nZ:Q1\(Self.base64Of20)\n\n"
    let database = InstalledDatabase(parsing: text.bytes) { $0.isInside(BytePath("etc")) }
    #expect(Set(database.files.keys) == [BytePath("etc/f")])
    #expect(database.files[BytePath("etc/f")]?.digest?.bytes == Self.twenty)
    #expect(database.problems.isEmpty)
  }

  @Test func aTornRecordOfADroppedFileSpoilsNoOther() {
    let text = "P:p\nF:etc\nR:f\nZ:Q1\(Self.base64Of20)\nF:usr\nR:a\nZ:rubbish\na:7:7:777\n\n"
    let database = InstalledDatabase(parsing: text.bytes) { $0 == BytePath("etc") }
    #expect(database.files[BytePath("etc/f")]?.digest?.bytes == Self.twenty)
    #expect(database.files[BytePath("etc/f")]?.permissions.uid == 0)
  }
}
