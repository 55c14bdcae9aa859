import Glibc
import LbudCore
import LbudTestSupport
import Synchronization
import Testing

@testable import LbudSystem

/// lbu.list on the disk, while it is edited.
@Suite struct LbuListFileTests {
  private let directory = TemporaryDirectory()
  private let builder: TreeBuilder
  private let root: RootDirectory
  private var file: LbuListFile { LbuListFile(root: root) }
  private static let path = "etc/apk/protected_paths.d/lbu.list"

  init() throws {
    builder = TreeBuilder(directory.path)
    root = try RootDirectory(path: directory.path)
  }

  private func include(_ name: String) throws {
    _ = try file.edit { list in try list.add(.include, [Array(name.utf8)]) }
  }

  private func content(_ path: String = Self.path) throws -> String {
    displayText(of: try root.read(BytePath(path), limit: 1 << 20))
  }

  private func names(_ path: String = "etc/apk/protected_paths.d") throws -> Set<String> {
    let opened = try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY)
    return Set(try opened.names(path: BytePath(path)).map { displayText(of: $0) })
  }

  @Test func theFileAndItsFolderAreMadeWhereTheyAreMissing() throws {
    #expect(try file.read() == nil)
    try include("root")
    #expect(try content() == "+root\\n")
    #expect(try file.read() == LbuList(Array("+root\n".utf8)))
    #expect(try names() == ["lbu.list"])
    let status = try root.status(BytePath(Self.path))
    #expect(status.mode == 0o644 && status.uid == geteuid())
    #expect(try root.status(ProtectedPaths.directory).mode == 0o755)
  }

  @Test func whatChangesNothingMakesNothing() throws {
    let edits = try file.edit { $0.remove(.include, [Array("root".utf8)]) }
    #expect(edits.isEmpty)
    #expect(throws: FileError.self) { try root.status(BytePath("etc")) }
    builder.file(Self.path, "+root")
    let before = try root.status(BytePath(Self.path)).signature
    try include("root")
    #expect(try root.status(BytePath(Self.path)).signature == before)
  }

  @Test func modeAndOwnerStay() throws {
    builder.file(Self.path, "+a\n", mode: 0o640)
    // Only root can see to an owner other than itself.
    if geteuid() == 0 { builder.owner(BytePath(Self.path), uid: 33, gid: 44) }
    let before = try root.status(BytePath(Self.path))
    try include("b")
    let after = try root.status(BytePath(Self.path))
    #expect(after.permissions == before.permissions)
    // Whoever had it open reads the old one to its end.
    #expect(after.identity != before.identity)
    #expect(try content() == "+a\\n+b\\n")
  }

  @Test func anErrorLeavesTheOldListAndNothingElse() throws {
    builder.file(Self.path, "+a\n")
    // In the way of the temporary file: it can be neither removed nor replaced.
    builder.directory(BytePath("etc/apk/protected_paths.d/.lbu.list.new"))
    let error = #expect(throws: FileError.self) { try include("b") }
    #expect(error?.description == "cannot write /etc/apk/protected_paths.d/lbu.list: file exists")
    #expect(try content() == "+a\\n")
    builder.remove("etc/apk/protected_paths.d/.lbu.list.new")
    #expect(throws: LbuList.NameError.self) { try include("") }
    #expect(try content() == "+a\\n")
    #expect(try names() == ["lbu.list"])
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount")) func aFileSystemThatIsReadOnlyIsSaidSo() throws {
    builder.file(Self.path, "+a\n")
    let folder = directory.path + "/etc/apk"
    try #require(run(["mount", "--bind", folder, folder]).code == 0)
    defer { run(["umount", folder]) }
    try #require(run(["mount", "-o", "remount,bind,ro", folder]).code == 0)
    let error = #expect(throws: FileError.self) { try include("b") }
    #expect(error?.description == "cannot write /etc/apk/protected_paths.d/lbu.list: read-only file system")
    #expect(try content() == "+a\\n")
    #expect(try names() == ["lbu.list"])
    // What is there already needs no writing.
    try include("a")
  }

  @Test func whatACrashLeftIsReplaced() throws {
    builder.file("etc/apk/protected_paths.d/.lbu.list.new", "+half")
    #expect(!ProtectedPaths.List.isRead(Array(".lbu.list.new".utf8)))
    try include("a")
    #expect(try content() == "+a\\n")
    #expect(try names() == ["lbu.list"])
  }

  @Test(arguments: ["../../lists/mine", "/etc/lists/mine", "/../../etc/lists/mine"])
  func aSymlinkIsFollowedInsideTheRoot(target: String) throws {
    builder.file("etc/lists/mine", "+a\n", mode: 0o600)
    builder.directory(ProtectedPaths.directory)
    builder.symlink(BytePath(Self.path), to: Array(target.utf8))
    try include("b")
    #expect(try content("etc/lists/mine") == "+a\\n+b\\n")
    #expect(try root.status(BytePath("etc/lists/mine")).mode == 0o600)
    #expect(try names("etc/lists") == ["mine"])
    #expect(try names() == ["lbu.list"])
    let folder = try root.open(ProtectedPaths.directory.bytes, O_RDONLY | O_DIRECTORY)
    #expect(try folder.target(of: Array("lbu.list".utf8), path: .root) == Array(target.utf8))
  }

  @Test func aSymlinkToNothingMakesWhatItNames() throws {
    builder.directory(BytePath("etc/lists"))
    builder.directory(ProtectedPaths.directory)
    builder.symlink(BytePath(Self.path), to: Array("/etc/lists/mine".utf8))
    try include("a")
    #expect(try content("etc/lists/mine") == "+a\\n")
    builder.remove("etc/lists")
    let error = #expect(throws: FileError.self) { try include("b") }
    #expect(error?.code == ENOENT)
  }

  @Test(arguments: ["lbu.list", "."]) func aSymlinkThatLeadsToNoFileIsAnError(target: String) throws {
    builder.directory(ProtectedPaths.directory)
    builder.symlink(BytePath(Self.path), to: Array(target.utf8))
    #expect(throws: FileError.self) { try include("a") }
    #expect(throws: FileError.self) { try file.write(LbuList([])) }
    #expect(try names() == ["lbu.list"])
  }

  @Test func somethingElseInTheFilesPlaceIsNotReplaced() throws {
    builder.directory(BytePath(Self.path))
    let error = #expect(throws: FileError.self) { try include("a") }
    #expect(error?.description == "cannot read /etc/apk/protected_paths.d/lbu.list: is a directory")
    let written = #expect(throws: FileError.self) { try file.write(LbuList([])) }
    #expect(written?.description == "cannot replace /etc/apk/protected_paths.d/lbu.list: is a directory")
    builder.remove("etc/apk/protected_paths.d")
    builder.file("etc/apk/protected_paths.d", "x")
    #expect(throws: FileError.self) { try include("a") }
  }

  @Test func ofManyEditorsNoneLosesAnEdit() throws {
    let (file, root) = (file, root)
    let errors = Mutex<[String]>([])
    let flags = (0..<4).map { _ in Flag() }
    for (editor, flag) in flags.enumerated() {
      startThread {
        for number in 0..<40 {
          do {
            _ = try file.edit { list in try list.add(.include, [Array("\(editor)-\(number)".utf8)]) }
          } catch {
            errors.withLock { $0.append("\(error)") }
          }
        }
        flag.raise()
      }
    }
    // A reader meanwhile finds whole lines only.
    while !flags.allSatisfy(\.isRaised) {
      let list = (try? root.read(LbuList.path, limit: 1 << 20)) ?? []
      #expect(list.isEmpty || list.last == UInt8(ascii: "\n"))
    }
    #expect(errors.withLock { $0 } == [])
    let entries = Set(try #require(try file.read()).entries(.include).map { displayText(of: $0) })
    #expect(entries == Set((0..<4).flatMap { editor in (0..<40).map { "\(editor)-\($0)" } }))
    #expect(try names() == ["lbu.list"])
  }

  @Test func namesAreBytes() throws {
    let names: [[UInt8]] = [[0xff], Array("a b ".utf8), [UInt8](repeating: 0xfe, count: 255)]
    _ = try file.edit { list in try list.add(.exclude, names) }
    #expect(try file.read()?.entries(.exclude) == names)
  }
}
