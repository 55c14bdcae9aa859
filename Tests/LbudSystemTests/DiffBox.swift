import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport

@testable import LbudSystem

/// A root, a snapshot of it as it was, and the journal's word on what differs.
final class DiffBox {
  static let oldTime: Int64 = 1_600_000_000
  static let newTime: Int64 = 1_700_000_000

  /// Both diff programs that lbud may meet; those that are installed.
  static let programs: [LineComparison.Program] =
    [.installed, Program.find("busybox").map { LineComparison.Program(path: $0, arguments: ["diff"]) }]
    .compactMap(\.self)

  let directory = TemporaryDirectory()
  let builder: TreeBuilder
  let root: RootDirectory
  let tree: OverlayTree
  var journal = Journal()
  let snapshotPath: String

  /// - Parameter old: makes what the snapshot holds; the box has an empty `etc` without settings.
  init(_ old: (TreeBuilder) -> Void = { _ in }) throws {
    builder = TreeBuilder(directory.path)
    snapshotPath = directory.path + "/snapshot"
    builder.directory(BytePath("etc"))
    root = try RootDirectory(path: directory.path)
    var control = ControlFiles(root: root)
    tree = try OverlayTree(root: root, selection: control.load().selection)
    old(builder)
    date(Self.oldTime)
    try observe()
    let file = Descriptor(owning: open(snapshotPath, O_RDWR | O_CREAT | O_TRUNC, 0o600))
    let facts = SnapshotFacts(host: "box", time: 0, reason: "request", uid: 0, changedCount: 1)
    _ = try SnapshotBuilder.build(
      CommitRecipe(tree.entries), facts: facts, root: root, output: FileOutput(raw: file.raw, path: snapshotPath))
    journal.replaceBaseline(try SnapshotStore.index(of: file, path: snapshotPath).entries, at: Instant(nanoseconds: 0))
    try observe()
  }

  /// Looks at all anew.
  func observe() throws {
    try tree.rescan(into: &journal, at: Instant(nanoseconds: 0))
    try tree.update(&journal, at: Instant(nanoseconds: 0))
  }

  func openSnapshot() -> Descriptor { Descriptor(owning: open(snapshotPath, O_RDWR | O_CLOEXEC)) }

  /// Makes changes, and says what differs.
  func diff(
    program: LineComparison.Program? = .installed, limits: SnapshotContents.Limits = SnapshotDiff.usualLimits,
    changes: [BytePath: Change.Kind]? = nil, _ change: (TreeBuilder) -> Void = { _ in }
  ) async throws -> String {
    String(decoding: try await bytes(program: program, limits: limits, changes: changes, change), as: UTF8.self)
  }

  func bytes(
    program: LineComparison.Program? = .installed, limits: SnapshotContents.Limits = SnapshotDiff.usualLimits,
    changes: [BytePath: Change.Kind]? = nil, _ change: (TreeBuilder) -> Void = { _ in }
  ) async throws -> [UInt8] {
    change(builder)
    date(Self.newTime)
    try observe()
    return Self.withPlainTimes(
      try await Self.bytes(
        root: root, program: program, limits: limits, snapshot: snapshotPath,
        changes: changes ?? journal.changes.mapValues(\.kind)))
  }

  /// - Parameter snapshot: where it is; nil for none.
  static func bytes(
    root: RootDirectory, program: LineComparison.Program? = .installed,
    limits: SnapshotContents.Limits = SnapshotDiff.usualLimits, snapshot: String?, changes: [BytePath: Change.Kind]
  ) async throws -> [UInt8] {
    // It waits for a program, which none of the threads may do that the tests share.
    try await OwnThread.run(named: "diff") {
      var bytes: [UInt8] = []
      let old = try snapshot.map {
        try SnapshotFile(SharedDescriptor(Descriptor(owning: open($0, O_RDONLY | O_CLOEXEC))), path: "snapshot")
      }
      try SnapshotDiff(root: root, program: program, limits: limits).write(from: old, changes: changes) { bytes += $0 }
      return bytes
    }
  }

  /// `OLD`, `NEW` and `NEVER` for the three times that a box knows.
  static func withPlainTimes(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    let times = [
      (DiffTime.text(seconds: oldTime, nanoseconds: 0), "OLD"),
      (DiffTime.text(seconds: newTime, nanoseconds: 123_456_789), "NEW"), (DiffTime.ofNothing, "NEVER"),
    ]
    for (time, word) in times { result.replace(Array(time.utf8), with: Array(word.utf8)) }
    return result
  }

  /// Dates everything below `etc`.
  func date(_ seconds: Int64) {
    run(
      ["find", directory.path + "/etc", "-exec", "touch", "-h", "-d"]
        + ["@\(seconds).\(seconds == Self.oldTime ? "9" : "123456789")", "{}", "+"])
  }
}
