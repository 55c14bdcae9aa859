import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What differs between two snapshots is told as between a snapshot and now.
@Suite(.onOwnThread) struct SnapshotPairDiffTests {
  private static func old(_ builder: TreeBuilder) {
    builder.file("etc/motd", "one\ntwo\n")
    builder.file("etc/gone", "gone\n")
    builder.file("etc/mode", "same\n")
    builder.file(BytePath(bytes: Array("etc/\u{20}a\n".utf8) + [0xff]), Array("odd\n".utf8))
    builder.file(BytePath(bytes: Array("etc/".utf8) + [UInt8](repeating: 0x6e, count: 255)), Array("long\n".utf8))
    builder.symlink(BytePath("etc/link"), to: Array("motd".utf8))
    builder.file("etc/kind", "file\n")
    builder.file("etc/binary", "a\0b")
    for number in 100..<130 { builder.file("etc/many/\(number)", String(repeating: "\(number)\n", count: 100)) }
  }

  private static func change(_ builder: TreeBuilder) {
    builder.file("etc/motd", "one\n2\n")
    builder.remove("etc/gone")
    builder.mode(BytePath("etc/mode"), 0o600)
    builder.file(BytePath(bytes: Array("etc/\u{20}a\n".utf8) + [0xff]), Array("odder\n".utf8))
    builder.file(BytePath(bytes: Array("etc/".utf8) + [UInt8](repeating: 0x6e, count: 255)), Array("longer\n".utf8))
    builder.remove("etc/link")
    builder.symlink(BytePath("etc/link"), to: Array("issue".utf8))
    builder.remove("etc/kind")
    builder.directory(BytePath("etc/kind"))
    builder.file("etc/binary", "a\0c")
    builder.file("etc/new", "is here")
    for number in 100..<130 { builder.file("etc/many/\(number)", String(repeating: "\(number) x\n", count: 100)) }
  }

  /// Of the box as it is now.
  private func snapshot(_ box: DiffBox, _ path: String) throws -> SnapshotFile {
    let file = Descriptor(owning: open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
    let facts = SnapshotFacts(host: "box", time: 0, reason: "request", uid: 0, changedCount: 1)
    _ = try SnapshotBuilder.build(
      CommitRecipe(box.tree.entries), facts: facts, root: box.root, output: FileOutput(raw: file.raw, path: path))
    return try SnapshotFile(SharedDescriptor(file), path: path)
  }

  private func between(
    _ box: DiffBox, _ old: SnapshotFile, _ new: SnapshotFile, _ changes: [BytePath: Change.Kind],
    limits: SnapshotContents.Limits = SnapshotDiff.usualLimits
  ) throws -> String {
    var bytes: [UInt8] = []
    try SnapshotDiff(root: box.root, program: .installed, limits: limits).write(from: old, to: new, changes: changes) {
      bytes += $0
    }
    let seconds = DiffTime.text(seconds: DiffBox.newTime, nanoseconds: 0)
    bytes = DiffBox.withPlainTimes(bytes)
    bytes.replace(Array(seconds.utf8), with: Array("NEW".utf8))
    return String(decoding: bytes, as: UTF8.self)
  }

  private func entries(_ file: SnapshotFile) throws -> SavedEntries {
    try SnapshotIndex.read(fileSize: file.size, readAt: file.read).entries
  }

  @Test(arguments: [SnapshotDiff.usualLimits, .init(file: 4 << 20, total: 2000), .init(file: 100, total: 100)])
  func aSnapshotOfNowIsToldAsNow(limits: SnapshotContents.Limits) async throws {
    let box = try DiffBox(Self.old)
    let now = try await box.diff(limits: limits, Self.change)
    let old = try SnapshotFile(SharedDescriptor(box.openSnapshot()), path: "old")
    let new = try snapshot(box, box.directory.path + "/newer")
    let changes = Journal.changes(from: try entries(old), to: try entries(new), at: Instant(nanoseconds: 5))
    #expect(changes.mapValues(\.kind) == box.journal.changes.mapValues(\.kind))
    #expect(changes.count > 35)
    let told = try between(box, old, new, changes.mapValues(\.kind), limits: limits)
    #expect(told == now)
    #expect(now.contains("etc/motd") && now.contains("etc/many/129"))
  }

  @Test func thereAndBackIsTheOtherWayRound() async throws {
    let box = try DiffBox { $0.file("etc/a", "x\n") }
    box.builder.file("etc/b", "y\n")
    box.date(DiffBox.newTime)
    try box.observe()
    let old = try SnapshotFile(SharedDescriptor(box.openSnapshot()), path: "old")
    let new = try snapshot(box, box.directory.path + "/newer")
    let back = Journal.changes(from: try entries(new), to: try entries(old), at: Instant(nanoseconds: 5))
    #expect(back.mapValues(\.kind) == [BytePath("etc/b"): .deleted])
    #expect(
      try between(box, new, old, back.mapValues(\.kind)) == """
        file etc/b: removed, 0644 0:0
        diff -ruN a/etc/b b/etc/b
        --- a/etc/b\tNEW
        +++ b/etc/b\tNEVER
        @@ -1 +0,0 @@
        -y

        """)
  }

  @Test func damageIsFoundBeforeAnythingIsTold() throws {
    let box = try DiffBox(Self.old)
    Self.change(box.builder)
    try box.observe()
    let path = box.directory.path + "/newer"
    let new = try snapshot(box, path)
    let old = try SnapshotFile(SharedDescriptor(box.openSnapshot()), path: "old")
    let changes = Journal.changes(from: try entries(old), to: try entries(new), at: Instant(nanoseconds: 5))
    let file = Descriptor(owning: open(path, O_RDWR | O_CLOEXEC))
    var byte: UInt8 = 0
    #expect(pread(file.raw, &byte, 1, off_t(new.size / 3)) == 1)
    byte ^= 0x55
    #expect(pwrite(file.raw, &byte, 1, off_t(new.size / 3)) == 1)
    for (from, to) in [(old, new), (new, old)] {
      #expect(throws: ArchiveError.self) {
        try SnapshotDiff(root: box.root).write(from: from, to: to, changes: changes.mapValues(\.kind)) {
          Issue.record("it says \(displayText(of: $0))")
        }
      }
    }
  }
}
