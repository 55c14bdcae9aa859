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

  private static let name = "store"
  private static let unfinished = "store.new"
  /// Of a snapshot that is fetched.
  private static let longest = 256 << 20

  let root: RootDirectory

  package init(root: RootDirectory) { self.root = root }

  package var isThere: Bool { (try? root.status(BytePath(Self.path)))?.kind == .directory }

  // MARK: Filled

  /// Fetches the current snapshot and the old ones. Blocks: only for threads that are lbud's own.
  /// - Parameters:
  ///   - current: the name of its file.
  ///   - say: takes what a person should know.
  /// - Returns: whether there was a current one.
  /// - Throws: `UploadFailure`, `FileError`; `CancellationError` where it is interrupted.
  package func fill(
    _ current: String, from address: UploadAddress, by uploader: Uploader, say: (String) -> Void
  ) throws -> Bool {
    try clear()
    try makeFolders()
    let folder = RunFolder(root: root, path: "run/lbud/" + Self.unfinished)
    let bytes = try uploader.fetch(address, limit: Self.longest)
    if let bytes { try folder.write(bytes, to: current) }
    let old = RunFolder(root: root, path: "run/lbud/\(Self.unfinished)/\(SnapshotStore.subdirectory)")
    for entry in try index(at: address, by: uploader, say: say)?.entries ?? [] {
      guard let bytes = try uploader.fetch(address.former(entry.name), limit: Self.longest),
        bytes.count == entry.size, hexadecimal(Array(SHA256.hash(data: bytes))) == entry.sha256
      else {
        say("\(address.former(entry.name).url) is not what it was: it is left out")
        continue
      }
      try old.write(bytes, to: entry.name)
    }
    let run = try root.open(Array("/run/lbud".utf8), O_RDONLY | O_DIRECTORY)
    let raw = run.raw
    try retrying("make", Self.path) { renameat(raw, Self.unfinished, raw, Self.name) }
    return bytes != nil
  }

  private func index(at address: UploadAddress, by uploader: Uploader, say: (String) -> Void) throws -> UploadIndex? {
    guard let bytes = try uploader.fetch(address.index, limit: 4 << 20) else { return nil }
    let index = UploadIndex(parsing: bytes)
    if index == nil { say("\(address.index.url) does not tell which old snapshots there are: none is known") }
    return index
  }

  /// For root alone, as the folder of old snapshots on media is.
  private func makeFolders() throws(FileError) {
    try root.makeDirectories(BytePath("run/lbud"))
    let run = try root.open(Array("/run/lbud".utf8), O_RDONLY | O_DIRECTORY)
    let raw = run.raw
    for name in [Self.unfinished, Self.unfinished + "/" + SnapshotStore.subdirectory]
    where mkdirat(raw, name, 0o700) != 0 && errno != EEXIST {
      throw FileError("make", "/run/lbud/" + name)
    }
  }

  /// What one that was not finished has left.
  private func clear() throws(FileError) {
    for path in ["\(Self.unfinished)/\(SnapshotStore.subdirectory)", Self.unfinished] {
      let path = "/run/lbud/" + path
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

  /// Has the server keep the old snapshots that are here, and no others. Blocks, as `fill` does.
  /// - Throws: as `fill`.
  package func sendFormer(to address: UploadAddress, by uploader: Uploader) throws {
    let there = try index(at: address, by: uploader, say: { _ in })?.entries ?? []
    let here = try former()
    let known = Set(there)
    var index = UploadIndex()
    for (name, content) in here {
      let entry = UploadIndex.Entry(name: name, size: content.size, sha256: try content.sha256())
      if !known.contains(entry) { try uploader.send(content, to: address.former(name)) }
      index.entries.append(entry)
    }
    guard index.entries != there else { return }
    // First what is named, then its name; and the other way round.
    try uploader.send(UploadContent(bytes: index.bytes), to: address.index)
    let staying = Set(index.entries.map(\.name))
    for entry in there where !staying.contains(entry.name) { try uploader.remove(address.former(entry.name)) }
  }

  private func former() throws(FileError) -> [(name: String, content: UploadContent)] {
    let path = Self.path + "/" + SnapshotStore.subdirectory
    do {
      let directory = try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      var found: [(name: String, content: UploadContent)] = []
      for name in try directory.names(path: BytePath(path)).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        guard SnapshotName.parseDated(name) != nil, let text = String(validating: name, as: UTF8.self) else { continue }
        let file = try directory.openFile(name, path: BytePath(path))
        let size = try file.status(path: path).size
        found.append((text, UploadContent(file: .init(file), size: size)))
      }
      return found
    } catch {
      guard error.code == ENOENT else { throw error }
      return []
    }
  }
}

extension StoreError {
  static func notFetched() -> StoreError {
    StoreError(
      "what the server of LBUD_PUBLISH keeps is not fetched yet", hint: "lbuctl status tells why; lbud tries again",
      isAbsence: true)
  }
}
