import LbudCore

/// The entries below a directory in the order of the archive, one after another, so that no list of them all is sorted.
struct OrderedWalk: Sequence, IteratorProtocol {
  private struct Folder {
    /// What its own entry, or what is in it, is sorted by: `a`, and `a/`, between which `a-b` stands.
    var key: [UInt8]
    var directory: WatchedDirectory
    var isInside: Bool
  }

  private struct Frame {
    var path: BytePath
    var files: FileTable
    var file = 0
    var folders: [Folder] = []
    var folder = 0
  }

  /// What is left of the directories on the way.
  private var frames: [Frame] = []
  /// Whether something at or below a directory is wanted.
  private let isWanted: (BytePath) -> Bool

  init(_ top: WatchedDirectory, isWanted: @escaping (BytePath) -> Bool) {
    self.isWanted = isWanted
    // Files in the root directory itself stand behind all else: see `ArchiveKey`.
    frames = [
      Frame(path: .root, files: top.files), Frame(path: .root, files: FileTable(), folders: Self.folders(of: top)),
    ]
  }

  private static func folders(of directory: WatchedDirectory) -> [Folder] {
    directory.directories
      .flatMap { name, child in
        [
          Folder(key: name, directory: child, isInside: false),
          Folder(key: name + [BytePath.separator], directory: child, isInside: true),
        ]
      }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  mutating func next() -> (path: BytePath, fingerprint: Fingerprint, reason: Reason)? {
    while let place = frames.indices.last {
      let frame = frames[place]
      let name = frame.file < frame.files.count ? frame.files.name(at: frame.file) : nil
      let folder = frame.folder < frame.folders.count ? frame.folders[frame.folder] : nil
      switch (name, folder) {
      case (let name?, let folder) where folder.map({ name.lexicographicallyPrecedes($0.key) }) ?? true:
        let file = frame.files.file(at: frame.file)
        frames[place].file += 1
        if let reason = file.reason { return (frame.path.appending(name), file.fingerprint, reason) }
      case (_, let folder?):
        frames[place].folder += 1
        if let entry = follow(folder, in: frame.path) { return entry }
      case (_, nil): frames.removeLast()
      }
    }
    return nil
  }

  private mutating func follow(
    _ folder: Folder, in path: BytePath
  ) -> (path: BytePath, fingerprint: Fingerprint, reason: Reason)? {
    let directory = folder.directory
    let path = path.appending(directory.name)
    if folder.isInside {
      if isWanted(path) {
        frames.append(Frame(path: path, files: directory.files, folders: Self.folders(of: directory)))
      }
      return nil
    }
    return directory.reason.map { (path, directory.fingerprint, $0) }
  }
}
