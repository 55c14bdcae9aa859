import LbudArchive
import LbudCore

/// A snapshot as one side of a comparison: of the paths that differ, in their order, as much content at a time as the limits
/// allow.
struct SavedSide {
  /// Nil where there is no snapshot: then it has nothing of any path.
  private let file: SnapshotFile?
  private let changes: [BytePath: Change.Kind]
  private let limits: SnapshotContents.Limits
  private var saved = SnapshotContents()

  init(_ file: SnapshotFile?, _ changes: [BytePath: Change.Kind], _ limits: SnapshotContents.Limits) {
    self.file = file
    self.changes = changes
    self.limits = limits
  }

  /// Reads the whole snapshot for the first time.
  /// - Throws: `FileError`, `ArchiveError`.
  mutating func begin() throws {
    saved = try contents(changes.keys, of: changes.filter { $0.value.concernsContent }.keys, total: limits.total)
  }

  /// - Parameters:
  ///   - rest: the paths that are to come, in their order, with `path` as the first one.
  /// - Returns: what the snapshot holds at the path; nil for nothing. It is not asked for again.
  /// - Throws: `FileError`, `ArchiveError`.
  mutating func take(_ path: BytePath, _ rest: ArraySlice<BytePath>) throws -> SnapshotContents.Entry? {
    if isPutOff(path) { saved = try contents(rest, of: batch(rest), total: .max) }
    return saved.entries.removeValue(forKey: path)
  }

  /// - Parameter total: bytes to be kept; no limit is needed where the files were chosen by their sizes.
  private func contents(
    _ paths: some Sequence<BytePath>, of files: some Sequence<BytePath>, total: UInt64
  ) throws -> SnapshotContents {
    let paths = Set(paths)
    guard let file, !paths.isEmpty else { return SnapshotContents() }
    return try SnapshotContents.read(
      fileSize: file.size, paths: paths, contentsOf: Set(files), limits: .init(file: limits.file, total: total),
      readAt: file.read)
  }

  /// Whether the content did not fit in with those that were read.
  private func isPutOff(_ path: BytePath) -> Bool {
    guard let entry = saved.entries[path], case .file = entry.fingerprint.content else { return false }
    return concernsContent(path) && entry.content == nil && entry.size <= limits.file
  }

  /// The next paths whose contents fit, the first one in any case.
  private func batch(_ rest: ArraySlice<BytePath>) -> [BytePath] {
    var room = limits.total
    var batch: [BytePath] = []
    for path in rest where concernsContent(path) {
      guard let entry = saved.entries[path], entry.size <= limits.file else { continue }
      guard entry.size <= room || batch.isEmpty else { break }
      room -= min(room, entry.size)
      batch.append(path)
    }
    return batch
  }

  private func concernsContent(_ path: BytePath) -> Bool { changes[path]?.concernsContent ?? false }
}

extension Change.Kind {
  /// Whether content can differ; of the rest it need not be read.
  var concernsContent: Bool { self != .metadata }
}

/// A snapshot's file, not encrypted, to be read at any place.
struct SnapshotFile {
  /// Keeps it open.
  private let owner: AnyObject
  private let raw: Int32
  private let path: String
  /// In bytes.
  let size: UInt64

  /// - Parameter path: for messages.
  /// - Throws: `FileError`.
  init(_ file: SharedDescriptor, path: String) throws(FileError) {
    (owner, raw, self.path) = (file, file.raw, path)
    size = try Descriptor.size(raw, path: path)
  }

  /// - Throws: `FileError`.
  init(_ snapshot: SnapshotStore.OpenSnapshot) throws(FileError) {
    (owner, raw, path) = (snapshot, snapshot.file.raw, snapshot.path)
    size = try snapshot.size()
  }

  /// Fills the buffer from an offset on.
  /// - Returns: how many bytes, fewer only at the end.
  /// - Throws: `FileError`.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try withExtendedLifetime(owner) { try Descriptor.read(raw, at: offset, into: buffer, path: path) }
  }
}
