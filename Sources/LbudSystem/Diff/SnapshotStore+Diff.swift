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
    try explaining("what differs cannot be shown", hint: "see the log of lbud") {
      guard let name else { return try diff.write(from: nil, oldPath: path, changes: kinds, output: output) }
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) {
        let file: Descriptor? = try openPlain(Array(name.utf8))
        let path = self.path + "/" + name
        do { try diff.write(from: file, oldPath: path, changes: kinds, output: output) } catch let error as ArchiveError
        {
          throw StoreError.damaged(path, error)
        }
      }
    }
  }
}
