import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// A root with media, for tests of old snapshots.
struct RevertBox {
  let directory = TemporaryDirectory()
  let builder: TreeBuilder
  let root: RootDirectory
  static let dated = "box.20200102030405.tar.gz"
  static let cipher = ".aes-256-cbc"
  static let encrypted = Array("Salted__12345678 and what nobody can read".utf8)

  init() throws {
    builder = TreeBuilder(directory.path)
    builder.directory(BytePath("media/usb"))
    builder.directory(BytePath("etc"))
    root = try RootDirectory(path: directory.path)
  }

  func store(
    limit: Int = 3, mayLink: Bool = true, host: String = "box", encryption: String? = nil, password: String? = nil
  ) throws -> SnapshotStore {
    var settings = Settings()
    settings.encryption = encryption
    settings.password = password.map { Secret(Array($0.utf8)) }
    settings.media = "usb"
    settings.backupLimit = limit
    var store = try SnapshotStore(root: root, settings: settings, host: host)
    store.mayLink = mayLink
    return store
  }

  @discardableResult
  func commit(_ store: SnapshotStore, _ content: String) throws -> CommittedSnapshot {
    builder.file("etc/motd", content)
    let facts = SnapshotFacts(host: store.host, time: 0, reason: "request", uid: 0, changedCount: 1)
    return try store.commit(
      CommitOrder(entries: [SelectedEntry(BytePath("etc/motd"), .file, .added)], facts: facts)
    ) { _ in }
  }

  func revert(
    _ name: String, _ store: SnapshotStore? = nil, _ demands: RevertDemands = RevertDemands()
  ) throws -> SnapshotStore.Reverted {
    try (store ?? self.store()).revert(to: Array(name.utf8), demands) { _ in }
  }

  func names(_ path: String) throws -> Set<String> {
    let opened = try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY)
    return Set(try opened.names(path: BytePath(path)).map { displayText(of: $0) }).subtracting([SnapshotStore.stage])
  }

  func bytes(_ name: String) throws -> [UInt8] { try root.read(BytePath("media/usb/" + name), limit: 1 << 20) }

  func time(_ name: String) throws -> Int64 {
    try root.status(BytePath("media/usb/" + name)).modificationTime
  }

  func setTime(_ name: String, _ seconds: Int) {
    let times = [timeval(tv_sec: seconds, tv_usec: 0), timeval(tv_sec: seconds, tv_usec: 0)]
    #expect(utimes(directory.path + "/media/usb/" + name, times) == 0)
  }
}
