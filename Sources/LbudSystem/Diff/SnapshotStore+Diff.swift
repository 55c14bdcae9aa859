import LbudArchive
import LbudCore

extension SnapshotStore {
  /// Writes what differs between a snapshot and now, in full; the media are mounted for that if they must be.
  /// - Parameters:
  ///   - name: of the snapshot, relative to the media; nil for none, so that everything is new.
  ///   - changes: what differs.
  ///   - output: takes it piece by piece.
  ///   - say: takes what is worth a debug line.
  /// - Throws: `StoreError`.
  package func writeDiff(
    of name: String?, _ changes: [BytePath: Change], output: ([UInt8]) -> Void, say: (String) -> Void
  ) throws(StoreError) {
    let kinds = changes.mapValues(\.kind)
    let diff = SnapshotDiff(root: root)
    do {
      guard let name else { return try diff.write(from: nil, oldPath: path, changes: kinds, output: output) }
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) {
        let file: Descriptor? = try openPlain(Array(name.utf8))
        try diff.write(from: file, oldPath: path + "/" + name, changes: kinds, output: output)
      }
    } catch let error as StoreError {
      throw error
    } catch let error as FileError {
      throw .from(error, media: path)
    } catch let error as ArchiveError {
      throw .damaged(path + "/" + (name ?? ""), error)
    } catch {
      throw StoreError("what differs cannot be shown: \(error)", hint: "see the log of lbud")
    }
  }
}
