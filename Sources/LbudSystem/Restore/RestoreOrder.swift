import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What somebody wants to have back, from which snapshot, and how.
package struct RestoreOrder: Sendable {
  package var request: RestoreRequest
  package var snapshot: SnapshotReference
  /// Whether it is only said what would be done.
  package var isDryRun = false
  /// Whether the snapshot may be another box's.
  package var takesForeign = false
  /// What a snapshot made now would hold: of it goes what the snapshot does not have, where that is asked for.
  package var selected: [SelectedEntry]
  /// By which that was selected.
  package var selection: Selection

  package init(
    _ request: RestoreRequest, from snapshot: SnapshotReference, selected: [SelectedEntry], selection: Selection
  ) {
    self.request = request
    self.snapshot = snapshot
    self.selected = selected
    self.selection = selection
  }

  /// With what packages say of each.
  var candidates: [SelectedNow] {
    guard request.deletes else { return [] }
    return selected.map { entry in
      let isOwnedDirectory = entry.reason == .directoryMetadata
      return SelectedNow(
        entry.path, entry.kind, entry.reason,
        packaged: isOwnedDirectory
          ? selection.database.directories[entry.path] : selection.database.files[entry.path]?.permissions)
    }
  }
}

/// What a restore has done.
package struct Restored: Sendable {
  package struct Action: Equatable, Sendable {
    package var path: BytePath
    package var kind: Change.Kind
  }

  /// The directory of the media.
  package var media: String
  /// The snapshot's file, relative to that.
  package var snapshot: [UInt8]
  /// In the order of their paths.
  package var actions: [Action]
  package var notes: [String]
}

extension StoreError {
  /// - Parameters:
  ///   - snapshot: its file.
  ///   - owner: tells which package brought a path.
  ///   - mayGo: tells whether something is there that --delete may remove.
  static func refused(
    _ refusal: RestoreRefusal, _ snapshot: String, owner: (BytePath) -> String?, mayGo: (BytePath) -> Bool
  ) -> StoreError {
    var name: String?
    var goes = false
    if case .notHeld(let path, let isPackaged) = refusal {
      if isPackaged { name = owner(path) } else { goes = mayGo(path) }
    }
    let words = refusal.words(owner: name, snapshot: snapshot, mayGo: goes)
    return StoreError("nothing is restored: \(words.text)", hint: words.hint)
  }

  static func notRestorable(_ path: String, _ error: any Error) -> StoreError {
    StoreError(
      "nothing is restored: \(path) is no whole snapshot: \(error)", hint: "lbuctl log shows which others there are")
  }

  static func otherBoxes(_ path: String, _ host: String?, here: String) -> StoreError {
    StoreError("nothing is restored: \(foreign(path, host, here: here))", hint: remedyForForeign)
  }

  /// A step on the running system failed.
  /// - Parameter originals: where what was at the stuck paths is now.
  static func notRestored(_ error: any Error, stuck: [BytePath], originals: [BytePath: BytePath] = [:]) -> StoreError {
    let hint =
      switch (error as? FileError)?.code {
      case ENOSPC, EDQUOT: "make room in the file system it is on, or restore fewer paths"
      case EROFS: "that file system is mounted read-only: mount -o remount,rw"
      case EPERM, EACCES: "it may be immutable (lsattr), or lbud lacks the right to do it"
      case EIO: "the medium may be dying: dmesg; lbuctl log shows which other snapshots there are"
      default: "all is as it was; try again"
      }
    guard stuck.isEmpty else {
      let names = stuck.prefix(20).map { path in
        "/\(path.display)" + (originals[path].map { " (what was there is /\($0.display) now)" } ?? "")
      }.joined(separator: ", ")
      let more = stuck.count > 20 ? " and \(stuck.count - 20) more" : ""
      return StoreError(
        "\(error); restored before that, and not taken back: \(names)\(more); nothing else is restored", hint: hint)
    }
    return StoreError("nothing is restored: \(error)", hint: hint)
  }
}
