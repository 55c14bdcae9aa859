import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// A root with media, for tests of what comes back from a snapshot.
struct RestoreBox {
  let directory = TemporaryDirectory()
  let builder: TreeBuilder
  let root: RootDirectory

  init() throws {
    builder = TreeBuilder(directory.path)
    for path in ["media/usb", "etc", "lib/apk/db"] { builder.directory(BytePath(path)) }
    builder.file("lib/apk/db/installed", "")
    root = try RootDirectory(path: directory.path)
  }

  func store(host: String = "box") throws -> SnapshotStore {
    var settings = Settings()
    settings.backupDirectory = "/media/usb"
    return try SnapshotStore(root: root, settings: settings, host: host)
  }

  /// What a snapshot made now would hold.
  func selected() throws -> (entries: [SelectedEntry], selection: Selection) {
    var files = ControlFiles(root: root)
    let selection = files.load().selection
    let tree = try OverlayTree(root: root, selection: selection)
    var journal = Journal()
    try tree.rescan(into: &journal, at: Instant(nanoseconds: 0))
    return (tree.entries, selection)
  }

  func commit(_ store: SnapshotStore? = nil) throws {
    let store = try store ?? self.store()
    let facts = SnapshotFacts(host: store.host, time: 0, reason: "request", uid: 0, changedCount: 1)
    _ = try store.commit(CommitOrder(entries: try selected().entries, facts: facts)) { _ in }
  }

  @discardableResult
  func restore(
    _ request: RestoreRequest = .all, dryRun: Bool = false, foreign: Bool = false, store: SnapshotStore? = nil,
    limits: SnapshotIndex.Limits = .init(), checkpoint: @escaping RestoreCheckpoint = { _, _ in }
  ) throws -> Restored {
    let (entries, selection) = try selected()
    var order = RestoreOrder(request, from: .back(0), selected: entries, selection: selection)
    order.isDryRun = dryRun
    order.takesForeign = foreign
    return try (store ?? self.store()).restore(order, limits: limits, say: { _ in }, checkpoint: checkpoint)
  }

  func restore(_ paths: [String], deletes: Bool = false) throws -> [String] {
    lines(try restore(RestoreRequest(paths: paths.map { BytePath($0) }, deletes: deletes)))
  }

  func lines(_ restored: Restored) -> [String] { restored.actions.map { "\($0.kind) \($0.path.display)" } }

  func names(_ path: String) throws -> Set<String> {
    Set(try root.openWithoutLinks(BytePath(path)).names(path: BytePath(path)).map { displayText(of: $0) })
  }

  /// All there is below a directory: names, kinds, modes, owners, links, contents; times but of directories.
  func picture(_ path: String = "etc") -> [String] {
    let base = directory.path + "/" + path
    let format = "%P|%y|%m|%U:%G|%l|%n|"
    let found = run([
      "find", base, "(", "-type", "d", "-printf", format + "\\0", "-o", "-printf", format + "%Ts\\0", ")", "-type", "f",
      "-exec", "sha256sum", "-z", "{}", "+",
    ]).output
    return found.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  var snapshotPath: BytePath { BytePath("media/usb/box.apkovl.tar.gz") }

  func setTime(_ path: String, _ seconds: Int) {
    let times = [timeval(tv_sec: seconds, tv_usec: 0), timeval(tv_sec: seconds, tv_usec: 0)]
    #expect(lutimes(directory.path + "/" + path, times) == 0)
  }

  /// Something of each kind.
  func fill() {
    builder.file("etc/motd", "one\n", mode: 0o640)
    builder.file("etc/big", String(repeating: "0123456789", count: 30_000))
    builder.file("etc/d/e/suid", "x", mode: 0o4755)
    builder.directory(BytePath("etc/d/e"), mode: 0o1750)
    builder.file(BytePath("etc/d").appending([0xff, 0x0a, 0x20]), Array("bytes".utf8))
    builder.file(BytePath("etc/d").appending([UInt8](repeating: 0xfe, count: 255)), [0, 1, 2])
    builder.file("etc/d/empty", "")
    builder.symlink(BytePath("etc/link"), to: Array("/nowhere/at all".utf8))
    builder.fifo(BytePath("etc/fifo"), mode: 0o666)
    run(["ln", directory.path + "/etc/motd", directory.path + "/etc/d/same"])
    if geteuid() == 0 {
      builder.owner(BytePath("etc/d/empty"), uid: 1234, gid: 5678)
      builder.owner(BytePath("etc/link"), uid: 12, gid: 34)
      builder.owner(BytePath("etc/d/e"), uid: 3_000_000_000, gid: 7)
      run(["mknod", directory.path + "/etc/null", "c", "1", "3"])
    }
    for path in ["etc/motd", "etc/d/e/suid", "etc/link", "etc/d/e", "etc/fifo"] { setTime(path, 1_000_000_000) }
  }

  /// Changes of each kind.
  func spoil() {
    builder.remove("etc/motd")
    builder.file("etc/motd", "two")
    builder.mode(BytePath("etc/d/e"), 0o700)
    builder.file("etc/d/e/suid", "other")
    builder.remove("etc/d/empty")
    builder.directory(BytePath("etc/d/empty"))
    builder.file("etc/d/empty/inside", "x")
    builder.remove("etc/link")
    builder.remove("etc/fifo")
    builder.file("etc/fifo", "no fifo")
    builder.mode(BytePath("etc/big"), 0o600)
    builder.file("etc/new/a/b", "new")
    builder.symlink(BytePath("etc/newlink"), to: Array("motd".utf8))
  }
}
