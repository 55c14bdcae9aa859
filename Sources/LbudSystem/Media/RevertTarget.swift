import LbudCore

/// What somebody wants to have boot.
package struct RevertTarget: Equatable, Sendable {
  /// Of its file, as `revert` takes it.
  package var name: [UInt8]
  /// When it was made, in seconds since 1970; nil where that is not known.
  package var time: Int64?
  /// Whether it is the one that boots already.
  package var boots = false

  /// What it is, without its name, which is another one after the revert.
  package var words: String {
    guard let time else { return "the snapshot that was \(displayText(of: name))" }
    return "the snapshot of \(DiffTime.utc(time))"
  }
}

extension SnapshotStore {
  /// The snapshot that is meant by a revert.
  /// - Parameter say: takes what is worth a debug line.
  /// - Throws: `StoreError` where there is none, or it is neither an old one nor the one that boots. One that is named is not
  ///   looked for: the revert itself says what is wrong with it.
  package func revertTarget(
    _ reference: SnapshotReference, say: @escaping (String) -> Void
  ) throws(StoreError) -> RevertTarget {
    if case .named(let name) = withoutMedia(reference) {
      let date = SnapshotName.parseDated(Self.baseName(name))?.date
      return RevertTarget(name: name, time: date.flatMap { SnapshotName.time(ofDate: $0) })
    }
    let entries = try history(say: say)
    let entry = try entry(reference, in: entries)
    var target = RevertTarget(name: entry.relativeName, time: entry.time)
    switch entry.standing {
    case .old: break
    case .current: target.boots = true
    case .rival:
      // Alone it boots: after a change of ENCRYPTION, until the next commit.
      guard entries.count(where: { $0.standing != .old }) == 1 else {
        throw .noOld(path + "/" + displayText(of: entry.name), "no old snapshot: the boot loader takes it as it is")
      }
      target.boots = true
    }
    return target
  }
}
