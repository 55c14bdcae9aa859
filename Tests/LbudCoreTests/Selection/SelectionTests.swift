import LbudCore
import Testing

@Suite("Which entries a snapshot holds")
struct SelectionTests {
  static let packageDigest = PackageDigest(kind: .sha256Cut, bytes: [UInt8](repeating: 0, count: 20))
  static let installed = """
    P:base
    f:S
    F:etc
    R:motd
    Z:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=
    R:kept.apk-new
    Z:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=
    F:etc/apk
    R:arch
    Z:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=
    F:etc/init.d
    R:sshd
    Z:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=
    F:usr


    """

  static func selection(_ list: String = "") -> Selection {
    Selection(
      paths: ProtectedPaths(lists: [.init(name: "lbu.list".bytes, content: list.bytes)]),
      database: InstalledDatabase(parsing: installed.bytes))
  }

  static func verdict(_ path: String, _ kind: FileKind = .file, _ list: String = "") -> FileVerdict {
    let selection = selection(list)
    let path = BytePath(path)
    return selection.verdict(
      file: path.name, at: path, kind: kind, in: selection.rootScope.directory(at: path.parent))
  }

  @Test(
    arguments: [
      ("etc/mine", .file, "", .selected(.added)), ("etc/mine", .fifo, "", .selected(.added)),
      ("etc/mine", .socket, "", .selected(.added)), ("root/x", .file, "", .leftOut),
      ("etc/mine", .file, "-etc/mine", .leftOut), ("etc/motd", .file, "-etc", .leftOut),
      // Symlinks only.
      ("etc/init.d/mine", .file, "", .leftOut), ("etc/init.d/mine", .symlink, "", .selected(.added)),
      ("etc/init.d/sshd", .file, "", .leftOut),
      // Everything: a package's file too, without comparing.
      ("etc/apk/arch", .file, "", .selected(.added)), ("etc/apk/world", .file, "", .selected(.added)),
      // What apk left beside a changed file is not the administrator's.
      ("etc/motd.apk-new", .file, "", .leftOut), ("etc/apk/x.apk-new", .file, "", .leftOut),
      ("etc/.apk-new", .file, "", .leftOut), ("etc/apk-new", .file, "", .selected(.added)),
      ("etc/a.apk-new2", .file, "", .selected(.added)),
      ("etc/kept.apk-new", .file, "!etc", .leftOut),
      // No rule reaches a file in the root directory.
      ("motd", .file, "!*", .leftOut),
    ] as [(String, FileKind, String, FileVerdict)])
  func verdicts(path: String, kind: FileKind, list: String, expected: FileVerdict) {
    #expect(Self.verdict(path, kind, list) == expected)
  }

  @Test("a package's file is compared", arguments: ["etc/motd", "etc/kept.apk-new"])
  func packagedFiles(path: String) throws {
    let record = try #require(Self.selection().database.files[BytePath(path)])
    #expect(Self.verdict(path) == .compare(record))
    #expect(record.digest == Self.packageDigest)
  }

  @Test func aPackagedServiceThatBecameASymlinkIsCompared() throws {
    let record = try #require(Self.selection().database.files[BytePath("etc/init.d/sshd")])
    #expect(Self.verdict("etc/init.d/sshd", .symlink) == .compare(record))
  }

  // MARK: Directories

  @Test(
    arguments: [
      ("etc", 0o755, 0, "", nil), ("etc", 0o700, 0, "", .directoryMetadata), ("etc", 0o755, 5, "", .directoryMetadata),
      ("etc", 0o1755, 0, "", .directoryMetadata), ("etc/mine", 0o755, 0, "", .newDirectory),
      // Everything is saved of files only: a directory is compared all the same.
      ("etc/apk", 0o755, 0, "", nil), ("etc/init.d", 0o750, 0, "", .directoryMetadata),
      ("usr", 0o700, 0, "", nil), ("root", 0o700, 0, "", nil), ("root", 0o700, 0, "+root/x", nil),
      ("root", 0o700, 0, "+root", .newDirectory), ("etc", 0o700, 0, "-etc", nil),
    ] as [(String, UInt16, UInt32, String, Reason?)])
  func directories(path: String, mode: UInt16, uid: UInt32, list: String, expected: Reason?) {
    let selection = Self.selection(list)
    let path = BytePath(path)
    let scope = selection.rootScope.directory(at: path)
    #expect(
      selection.reason(directory: path, permissions: .init(mode: mode, uid: uid, gid: 0), scope: scope) == expected)
  }

  // MARK: A package's file compared

  static func record(digest: PackageDigest? = packageDigest, ignoresAttributes: Bool = false) throws
    -> InstalledDatabase.FileRecord
  {
    var record = try #require(selection().database.files[BytePath("etc/motd")])
    record.digest = digest
    record.ignoresAttributes = ignoresAttributes
    return record
  }

  static let asPackaged = InstalledDatabase.Permissions(mode: 0o644, uid: 0, gid: 0)
  static let otherDigest = PackageDigest(kind: .sha256Cut, bytes: [UInt8](repeating: 1, count: 20))
  static let someAttributes = AttributesDigest(bytes: [UInt8](repeating: 9, count: 20))

  @Test("content comes before attributes, attributes before mode and owner")
  func order() throws {
    let record = try Self.record()
    func reason(
      _ digest: PackageDigest?, _ attributes: AttributesDigest, _ mode: UInt16, _ kind: FileKind = .file
    ) -> Reason? {
      record.reason(
        kind: kind, digest: digest, attributes: attributes, permissions: .init(mode: mode, uid: 0, gid: 0))
    }
    #expect(reason(Self.packageDigest, .none, 0o644) == nil)
    #expect(reason(Self.otherDigest, Self.someAttributes, 0o600) == .changed)
    #expect(reason(nil, .none, 0o644) == .changed)
    #expect(reason(Self.packageDigest, Self.someAttributes, 0o600) == .extendedAttributes)
    #expect(reason(Self.packageDigest, .none, 0o600) == .metadata)
    #expect(reason(Self.packageDigest, .none, 0o4644) == .metadata)
    // A symlink's attributes are not looked at.
    #expect(reason(Self.packageDigest, Self.someAttributes, 0o644, .symlink) == nil)
  }

  @Test("a digest of another kind is another content")
  func digestKinds() throws {
    let sha1 = PackageDigest(kind: .sha1, bytes: Self.packageDigest.bytes)
    #expect(
      try Self.record().reason(kind: .file, digest: sha1, attributes: .none, permissions: Self.asPackaged) == .changed)
  }

  @Test(
    "without a digest in the database a file or symlink counts as changed", arguments: [.file, .symlink] as [FileKind])
  func noDigest(kind: FileKind) throws {
    let record = try Self.record(digest: nil)
    #expect(record.reason(kind: kind, digest: nil, attributes: .none, permissions: Self.asPackaged) == .changed)
    #expect(
      record.reason(kind: kind, digest: Self.otherDigest, attributes: .none, permissions: Self.asPackaged) == .changed)
  }

  @Test(
    "a device where a package put a file is a change; one without a digest is not",
    arguments: [
      FileKind.fifo, .characterDevice, .blockDevice, .socket,
    ])
  func specialFiles(kind: FileKind) throws {
    #expect(
      try Self.record().reason(kind: kind, digest: nil, attributes: .none, permissions: Self.asPackaged) == .changed)
    let none = try Self.record(digest: nil)
    #expect(none.reason(kind: kind, digest: nil, attributes: .none, permissions: Self.asPackaged) == nil)
  }

  @Test func aPackageFlaggedXHasNoAttributesToCompare() throws {
    let record = try Self.record(ignoresAttributes: true)
    #expect(
      record.reason(
        kind: .file, digest: Self.packageDigest, attributes: Self.someAttributes, permissions: Self.asPackaged) == nil)
  }

  @Test(arguments: [
    (Reason.added, "A"), (.changed, "U"), (.metadata, "M"), (.extendedAttributes, "x"), (.newDirectory, "d"),
    (.directoryMetadata, "m"), (.unreadable, "e"), (.included, "+"),
  ])
  func lettersAreThoseOfApkAudit(reason: Reason, letter: String) {
    #expect([reason.letter] == letter.bytes)
  }
}
