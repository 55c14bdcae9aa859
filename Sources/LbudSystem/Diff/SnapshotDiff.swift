import LbudArchive
import LbudCore

/// What differs between a snapshot and what there is now or another snapshot, in the shape of `diff -ruN --no-dereference a b`,
/// with lines of its own for what that does not tell (`DiffLine`). It reads, and changes nothing; it blocks, so it is for a
/// thread of its own.
package struct SnapshotDiff {
  /// Files of more bytes are not compared line by line.
  static let fileLimit: UInt64 = 4 << 20
  /// A snapshot's contents kept in memory at a time; where more differs it is read again for the next so many.
  static let totalLimit: UInt64 = 16 << 20
  static let usualLimits = SnapshotContents.Limits(file: fileLimit, total: totalLimit)

  private let root: RootDirectory
  private let limits: SnapshotContents.Limits
  private let text: DiffText

  package init(root: RootDirectory) {
    self.init(root: root, program: .installed)
  }

  init(
    root: RootDirectory, program: LineComparison.Program?,
    limits: SnapshotContents.Limits = usualLimits
  ) {
    self.root = root
    self.limits = limits
    text = DiffText(
      lines: DiffLine(owners: AccountNames(root: root).all), comparison: program.map { LineComparison(program: $0) })
  }

  /// What differs between a snapshot and the running system.
  /// - Parameters:
  ///   - old: the snapshot; nil where there is none, so that all is added.
  ///   - changes: what differs and how, as the journal knows it.
  ///   - output: takes the bytes piece by piece, each of whole lines, in the order of the paths' bytes.
  /// - Throws: `FileError` and `ArchiveError` for a snapshot that cannot be read, before any output where it can be read once,
  ///   and whatever `output` throws. What cannot be read now is no error: a line says so.
  func write(
    from old: SnapshotFile?, changes: [BytePath: Change.Kind], output: ([UInt8]) throws -> Void
  ) throws {
    try write(from: old, changes: changes, output: output) { path, change, _ in now(path, change) }
  }

  /// What differs between two snapshots.
  /// - Throws: as the other one, for either of them.
  func write(
    from old: SnapshotFile, to new: SnapshotFile, changes: [BytePath: Change.Kind], output: ([UInt8]) throws -> Void
  ) throws {
    var side = SavedSide(new, changes, limits)
    try side.begin()
    try write(from: old, changes: changes, output: output) { path, _, rest in
      try side.take(path, rest).map { .entry(CurrentEntry($0)) } ?? .nothing(.removed)
    }
  }

  private func write(
    from old: SnapshotFile?, changes: [BytePath: Change.Kind], output: ([UInt8]) throws -> Void,
    to new: (BytePath, Change.Kind, _ rest: ArraySlice<BytePath>) throws -> DiffText.Now
  ) throws {
    var side = SavedSide(old, changes, limits)
    try side.begin()
    var rest = changes.keys.sorted()[...]
    var isBare = false
    while let path = rest.first, let change = changes[path] {
      let saved = try side.take(path, rest)
      let (bytes, needsProgram) = text.bytes(
        path, from: saved, to: try new(path, change, rest), comparesContent: change.concernsContent)
      isBare = isBare || needsProgram
      if !bytes.isEmpty { try output(bytes) }
      rest = rest.dropFirst()
    }
    if isBare { try output(DiffText.remedy) }
  }

  private func now(_ path: BytePath, _ change: Change.Kind) -> DiffText.Now {
    do throws(FileError) {
      let isSelected = change != .deleted
      let limit = isSelected && change.concernsContent ? limits.file : nil
      guard let entry = try CurrentEntry.look(at: path, in: root, limit: limit) else { return .nothing(.removed) }
      return isSelected ? .entry(entry) : .nothing(.unselected)
    } catch {
      return .unknown(error)
    }
  }
}
