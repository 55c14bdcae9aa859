import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What differs between a snapshot and now, in the shape of `diff -ruN --no-dereference a b`, with lines of its own for what
/// that does not tell (`DiffLine`). It reads, and changes nothing; it blocks, so it is for a thread of its own.
package struct SnapshotDiff {
  /// Files of more bytes are not compared line by line.
  static let fileLimit: UInt64 = 4 << 20
  /// Old contents kept in memory at a time; where more differs the snapshot is read again for the next so many.
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

  /// - Parameters:
  ///   - old: the snapshot, not encrypted, open for reading at any place; nil where there is none, so that all is added.
  ///   - oldPath: of the snapshot, for messages.
  ///   - changes: what differs and how, as the journal knows it.
  ///   - output: takes the bytes piece by piece, each of whole lines, in the order of the paths' bytes.
  /// - Throws: `FileError` and `ArchiveError` for a snapshot that cannot be read, before any output where it can be read once,
  ///   and whatever `output` throws. What cannot be read now is no error: a line says so.
  package func write(
    from old: borrowing Descriptor?, oldPath: String, changes: [BytePath: Change.Kind], output: ([UInt8]) throws -> Void
  ) throws {
    let file: SnapshotFile? =
      switch old {
      case .some(let descriptor): try SnapshotFile(descriptor, path: oldPath)
      case .none: nil
      }
    var rest = changes.keys.sorted()[...]
    var saved = try contents(rest, of: rest.filter { needsContent(changes[$0]) }, in: file, total: limits.total)
    var isBare = false
    while let path = rest.first, let change = changes[path] {
      if isPutOff(saved.entries[path], change) {
        saved = try contents(rest, of: batch(rest, saved, changes), in: file, total: .max)
      }
      let current = try now(path, change)
      let (bytes, needsProgram) = text.bytes(
        path, from: saved.entries[path], to: current, comparesContent: needsContent(change))
      isBare = isBare || needsProgram
      if !bytes.isEmpty { try output(bytes) }
      saved.entries[path] = nil
      rest = rest.dropFirst()
    }
    if isBare { try output(DiffText.remedy) }
  }

  /// Whether content can differ; of the rest it need not be read.
  private func needsContent(_ change: Change.Kind?) -> Bool { change != .metadata }

  /// - Parameter total: bytes to be kept; no limit is needed where the files were chosen by their sizes.
  private func contents(
    _ paths: ArraySlice<BytePath>, of files: some Sequence<BytePath>, in file: SnapshotFile?, total: UInt64
  ) throws -> SnapshotContents {
    guard let file, !paths.isEmpty else { return SnapshotContents() }
    return try SnapshotContents.read(
      fileSize: file.size, paths: Set(paths), contentsOf: Set(files), limits: .init(file: limits.file, total: total),
      readAt: file.read)
  }

  /// Whether the content did not fit in with those that were read.
  private func isPutOff(_ entry: SnapshotContents.Entry?, _ change: Change.Kind) -> Bool {
    guard let entry, case .file = entry.fingerprint.content else { return false }
    return needsContent(change) && entry.content == nil && entry.size <= limits.file
  }

  /// The next paths whose contents fit, the first one in any case.
  private func batch(
    _ rest: ArraySlice<BytePath>, _ saved: SnapshotContents, _ changes: [BytePath: Change.Kind]
  ) -> [BytePath] {
    var room = limits.total
    var batch: [BytePath] = []
    for path in rest where needsContent(changes[path]) {
      guard let entry = saved.entries[path], entry.size <= limits.file else { continue }
      guard entry.size <= room || batch.isEmpty else { break }
      room -= min(room, entry.size)
      batch.append(path)
    }
    return batch
  }

  private func now(_ path: BytePath, _ change: Change.Kind) throws -> DiffText.Now {
    do throws(FileError) {
      let isSelected = change != .deleted
      let limit = isSelected && needsContent(change) ? limits.file : nil
      guard let entry = try CurrentEntry.look(at: path, in: root, limit: limit) else { return .nothing(.removed) }
      return isSelected ? .entry(entry) : .nothing(.unselected)
    } catch {
      return .unknown(error)
    }
  }
}

/// The snapshot's file, which stays its caller's.
private struct SnapshotFile {
  let raw: Int32
  let path: String
  let size: UInt64

  init(_ file: borrowing Descriptor, path: String) throws(FileError) {
    raw = file.raw
    self.path = path
    size = try file.status(path: path).size
  }

  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try Descriptor.read(raw, at: offset, into: buffer, path: path)
  }
}
