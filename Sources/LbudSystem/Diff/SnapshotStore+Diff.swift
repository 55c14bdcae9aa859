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
      guard let name else { return try diff.write(from: nil, changes: kinds, output: output) }
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) {
        let path = self.path + "/" + name
        let old = try SnapshotFile(SharedDescriptor(openPlain(Array(name.utf8))), path: path)
        do { try diff.write(from: old, changes: kinds, output: output) } catch let error as ArchiveError {
          throw StoreError.damaged(path, error)
        }
      }
    }
  }

  /// Writes what differs between a snapshot and now, or another one, in full, with a heading that says which.
  /// - Parameters:
  ///   - changes: what differs; with nothing, only the heading is written.
  ///   - output: takes it piece by piece.
  /// - Throws: `StoreError`.
  package func writeDiff(
    from: SavedState, to: SavedState?, _ changes: [BytePath: Change], output: ([UInt8]) -> Void,
    say: @escaping (String) -> Void
  ) throws(StoreError) {
    let kinds = changes.mapValues(\.kind)
    let diff = SnapshotDiff(root: root)
    try readingSnapshots("what differs cannot be shown", say: say) { open in
      let old = try open(.named(from.name))
      let new = try to.map { try open(.named($0.name)) }
      output(heading("a", old))
      output(new.map { heading("b", $0) } ?? Array("b: the running system\n".utf8))
      guard !changes.isEmpty else { return }
      do {
        if let new {
          try diff.write(from: SnapshotFile(old), to: SnapshotFile(new), changes: kinds, output: output)
        } else {
          try diff.write(from: SnapshotFile(old), changes: kinds, output: output)
        }
      } catch let error as ArchiveError {
        // Both were whole a moment ago.
        throw StoreError("what differs cannot be shown: \(error)", hint: "try again")
      }
    }
  }

  /// No line that patch(1) would act on.
  private func heading(_ side: String, _ snapshot: OpenSnapshot) -> [UInt8] {
    let name = quotedName(Array((path + "/").utf8) + snapshot.entry.relativeName)
    return Array("\(side): ".utf8) + name + Array(" (\(DiffTime.utc(snapshot.entry.time)))\n".utf8)
  }
}
