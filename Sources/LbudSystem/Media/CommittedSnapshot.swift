import LbudArchive
import LbudCore

/// What a commit left on the media.
package struct CommittedSnapshot: Sendable {
  /// What the snapshot holds, for the journal.
  package var entries: [BytePath: Fingerprint]
  package var record: SnapshotRecord
  /// What could not be archived as it is, in words.
  package var notes: [String]
  /// The name that the snapshot before has now.
  package var former: String?
  /// Old snapshots that were removed.
  package var dropped: [String]
  /// Bytes of the file.
  package var size: UInt64
  package var signature: FileStatus.Signature?
}

extension SnapshotStore {
  /// Archives the entries and makes the result the current snapshot.
  /// - Parameters:
  ///   - entries: in archive order.
  ///   - say: takes what is worth a debug line.
  /// - Throws: `StoreError`; the media then holds a whole current snapshot, mostly the one from before.
  package func commit(
    _ entries: [SelectedEntry], facts: SnapshotFacts, say: @escaping (String) -> Void
  ) throws(StoreError) -> CommittedSnapshot {
    do {
      let published = try Publisher.open(self, say: say).publish { output in
        try SnapshotBuilder.build(entries, facts: facts, root: root, output: output)
      }
      return CommittedSnapshot(
        entries: published.built.entries, record: published.built.record, notes: published.built.notes,
        former: published.former, dropped: published.dropped, size: published.size,
        signature: try? currentSignature())
    } catch let error as StoreError {
      throw error
    } catch let error as FileError {
      throw .from(error, media: path)
    } catch {
      throw StoreError("the snapshot could not be made: \(error)", hint: "the current snapshot is untouched")
    }
  }
}
