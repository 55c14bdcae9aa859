import Crypto
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What a server keeps for a box without media, in memory: lbud saves there as it saves anywhere, and sends it.
///
/// It is made when all was fetched that the server has, and so is there or not: nobody takes half of it for all.
package struct ServerMirror: Sendable {
  /// Where it is, in the root.
  package static let path = "/run/lbud/store"

  private static let folder = "run/lbud/"
  private static let name = "store"
  /// The file that says of which URL it is.
  private static let origin = "store.url"
  private static let unfinished = "store.new"
  /// In it, the names of all old snapshots that it has had: others on the server are left alone.
  private static let known = "KNOWN"
  /// Of a snapshot that is fetched, in bytes.
  private static let longest = 256 << 20

  /// What could not be fetched again is not to be the only one there is.
  package static func objection(toSize size: UInt64) -> UploadFailure? {
    guard size > UInt64(longest) else { return nil }
    return UploadFailure(
      "the snapshot has \(SpaceNeed.shown(size)), and no more than \(SpaceNeed.shown(UInt64(longest))) is fetched at a boot",
      hint: "save to media: LBU_MEDIA; or exclude what is large")
  }

  let root: RootDirectory

  package init(root: RootDirectory) { self.root = root }

  private var run: RunFolder { RunFolder(root: root) }

  /// Whether there is one, of whatever URL.
  package var isAnywhere: Bool { (try? root.status(BytePath(Self.path))) != nil }

  /// Whether it is there, and of that URL: what another one has is no concern of it.
  package func isThere(for address: UploadAddress) -> Bool {
    (try? root.status(BytePath(Self.path)))?.kind == .directory
      && (try? run.read(Self.origin)) == Array(address.url.utf8)
  }

  // MARK: Filled

  /// Fetches the current snapshot and the old ones, beside what is there. Blocks: only for threads that are lbud's own.
  /// - Parameters:
  ///   - current: the name of its file.
  ///   - say: takes what a person should know.
  /// - Returns: whether there was a current one.
  /// - Throws: `UploadFailure`, `FileError`; `CancellationError` where it is interrupted.
  package func fetch(
    _ current: String, from address: UploadAddress, by uploader: Uploader, say: (String) -> Void
  ) throws -> Bool {
    try clear(Self.unfinished)
    try makeFolders()
    let folder = RunFolder(root: root, path: Self.folder + Self.unfinished)
    let bytes = try uploader.fetch(address, limit: Self.longest)
    if let bytes { try folder.write(bytes, to: current) }
    let old = RunFolder(root: root, path: Self.folder + Self.unfinished + "/" + SnapshotStore.subdirectory)
    let entries = try index(at: address, by: uploader, say: say)?.entries ?? []
    try keep(names: entries.map(\.name), in: Self.unfinished)
    for entry in entries {
      guard let bytes = try uploader.fetch(address.former(entry.name), limit: Self.longest),
        bytes.count == entry.size, hexadecimal(Array(SHA256.hash(data: bytes))) == entry.sha256
      else {
        say("\(address.former(entry.name).url) is not what it was: it is left out")
        continue
      }
      try old.write(bytes, to: entry.name)
    }
    return bytes != nil
  }

  /// Puts what was fetched into the place of what is there, while nobody uses that.
  /// - Throws: `FileError`.
  package func adopt(_ address: UploadAddress) throws(FileError) {
    try remove()
    let folders = try root.open(Array(Self.folder.utf8), O_RDONLY | O_DIRECTORY)
    let raw = folders.raw
    try retrying("make", Self.path) { renameat(raw, Self.unfinished, raw, Self.name) }
    try run.write(Array(address.url.utf8), to: Self.origin)
  }

  private func index(at address: UploadAddress, by uploader: Uploader, say: (String) -> Void) throws -> UploadIndex? {
    guard let bytes = try uploader.fetch(address.index, limit: 4 << 20) else { return nil }
    let index = UploadIndex(parsing: bytes)
    if index == nil { say("\(address.index.url) does not tell which old snapshots there are: none is known") }
    return index
  }

  /// For root alone, as the folder of old snapshots on media is.
  private func makeFolders() throws(FileError) {
    try root.makeDirectories(BytePath(Self.folder))
    let folders = try root.open(Array(Self.folder.utf8), O_RDONLY | O_DIRECTORY)
    let raw = folders.raw
    for name in [Self.unfinished, Self.unfinished + "/" + SnapshotStore.subdirectory]
    where mkdirat(raw, name, 0o700) != 0 && errno != EEXIST {
      throw FileError("make", "/" + Self.folder + name)
    }
  }

  /// What is saved to something else from now on would not be in it, and it is fetched again when it is wanted again.
  /// - Throws: `FileError`.
  package func remove() throws(FileError) {
    try run.removeSurely(Self.origin)
    try clear(Self.name)
    let folders: Descriptor
    do { folders = try root.open(Array(Self.folder.utf8), O_RDONLY | O_DIRECTORY) } catch {
      guard error.code == ENOENT else { throw error }
      return
    }
    guard unlinkat(folders.raw, Self.name, AT_REMOVEDIR) != 0, errno != ENOENT else { return }
    throw FileError("remove", Self.path)
  }

  /// Empties one.
  private func clear(_ name: String) throws(FileError) {
    for path in ["\(name)/\(SnapshotStore.subdirectory)", name] {
      let path = Self.folder + path
      do {
        let directory = try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        let raw = directory.raw
        for name in try directory.names(path: BytePath(path)) where unlinkat(raw, cString(name), 0) != 0 {
          try retrying("remove", path) { unlinkat(raw, cString(name), AT_REMOVEDIR) }
        }
      } catch {
        guard error.code == ENOENT else { throw error }
      }
    }
  }

  // MARK: Sent

  /// Has the server keep the old snapshots that are here, and none that were. Blocks, as `fetch` does.
  /// - Throws: as `fetch`.
  package func sendFormer(to address: UploadAddress, by uploader: Uploader) throws {
    let there = try index(at: address, by: uploader, say: { _ in })?.entries ?? []
    let here = try former()
    let listed = Set(there)
    var entries: [UploadIndex.Entry] = []
    for (name, content) in here {
      let entry = UploadIndex.Entry(name: name, size: content.size, sha256: try content.sha256())
      if !listed.contains(entry) { try uploader.send(content, to: address.former(name)) }
      entries.append(entry)
    }
    let staying = Set(entries.map(\.name))
    let own = try knownNames().union(staying)
    try keep(names: own.sorted(), in: Self.name)
    let gone = there.filter { !staying.contains($0.name) && own.contains($0.name) }
    // What somebody else has put there stays.
    entries += there.filter { !own.contains($0.name) }
    entries.sort { $0.name < $1.name }
    guard entries != there else { return }
    // First what is named, then its name; and the other way round.
    try uploader.send(UploadContent(bytes: UploadIndex(entries).bytes), to: address.index)
    for entry in gone { try uploader.remove(address.former(entry.name)) }
  }

  /// - Throws: `FileError`, also where the mirror has gone meanwhile: that is not to be taken for an empty one.
  private func former() throws(FileError) -> [(name: String, content: UploadContent)] {
    let path = Self.path + "/" + SnapshotStore.subdirectory
    let directory = try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    var found: [(name: String, content: UploadContent)] = []
    for name in try directory.names(path: BytePath(path)).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      guard SnapshotName.parseDated(name) != nil, let text = String(validating: name, as: UTF8.self) else { continue }
      do throws(FileError) {
        let file = try directory.openFile(name, path: BytePath(path))
        let size = try file.status(path: path).size
        found.append((text, UploadContent(file: .init(file), size: size)))
      } catch {
        // A commit has removed it just now.
        guard error.code == ENOENT else { throw error }
      }
    }
    return found
  }

  private func knownNames() throws(FileError) -> Set<String> {
    let bytes = try RunFolder(root: root, path: Self.folder + Self.name).read(Self.known)
    return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  private func keep(names: [String], in folder: String) throws(FileError) {
    try RunFolder(root: root, path: Self.folder + folder)
      .write(Array(names.map { $0 + "\n" }.joined().utf8), to: Self.known)
  }
}

extension StoreError {
  static func notFetched() -> StoreError {
    StoreError(
      "what the server of LBUD_PUBLISH keeps is not fetched yet", hint: "lbuctl status tells why; lbud tries again",
      isAbsence: true)
  }
}
