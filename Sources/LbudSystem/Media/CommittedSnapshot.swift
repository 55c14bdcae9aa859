import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

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
      let publisher = try Publisher.open(self, say: say)
      let published: Publisher.Published
      do {
        published = try publish(entries, facts, by: publisher)
      } catch let error as FileError where error.code == ENOSPC || error.code == EDQUOT {
        guard publisher.makeRoom() else { throw error }
        say("\(error); old snapshots beyond the limit are removed, trying again")
        published = try publish(entries, facts, by: publisher)
      }
      return CommittedSnapshot(
        entries: published.built.entries, record: published.built.record,
        notes: published.built.notes + published.notes, former: published.former, dropped: published.dropped,
        size: published.status.size, signature: published.status.signature)
    } catch let error as StoreError {
      throw error
    } catch let error as FileError {
      throw .from(error, media: path)
    } catch {
      throw StoreError("the snapshot could not be made: \(error)", hint: "the current snapshot is untouched")
    }
  }

  /// An entry can be away for the moment in which an editor replaces it, or a directory is swapped: what is there again
  /// afterwards belongs in the snapshot, so that is built once more.
  private func publish(
    _ entries: [SelectedEntry], _ facts: SnapshotFacts, by publisher: Publisher
  ) throws -> Publisher.Published {
    try publisher.publish { output in
      var output = output
      for _ in 0..<2 {
        let built = try build(entries, facts, output)
        guard !built.missing.isEmpty else { return built }
        usleep(20_000)
        guard built.missing.contains(where: isThere) else { return built }
        try output.truncate(to: 0)
      }
      return try build(entries, facts, output)
    }
  }

  /// What cannot be read is the system's, and has another cure than what cannot be written.
  private func build(
    _ entries: [SelectedEntry], _ facts: SnapshotFacts, _ output: FileOutput
  ) throws -> SnapshotBuilder.Built {
    do {
      return try SnapshotBuilder.build(entries, facts: facts, root: root, output: output)
    } catch let error as FileError where !error.path.hasPrefix(path + "/") {
      throw StoreError(
        "\(error); the current snapshot is untouched", hint: "mend it, or leave it out by a line in lbu.list")
    }
  }

  private func isThere(_ path: BytePath) -> Bool {
    guard let parent = try? root.openWithoutLinks(path.parent) else { return false }
    return (try? parent.status(of: path.name, path: path)) != nil
  }
}
