import LbudArchive
import LbudCore

extension SnapshotStore {
  /// What a revert left on the media.
  package struct Reverted: Sendable {
    /// The name that boots now, relative to the media.
    package var name: String
    /// The name that what was current has now; nil where nothing was.
    package var former: String?
    /// The names that this box's overlays under other names have now: what was current, where it was of the other kind, in
    /// the clear or encrypted, is among them.
    package var retired: [String]
    /// What the current snapshot holds; nil for an encrypted one.
    package var index: SnapshotIndex?
    /// Bytes of the file.
    package var size: UInt64
    package var signature: FileStatus.Signature
    /// What else a person should know, in words.
    package var notes: [String]
    /// What the media looks like now; nil where that cannot be told.
    package var glance: MediaGlance?
  }

  /// The name by which `revert` takes the snapshot that is meant.
  /// - Throws: `StoreError` where there is none, or it is the current one.
  package func oldName(of reference: SnapshotReference, say: @escaping (String) -> Void) throws(StoreError) -> [UInt8] {
    if case .named(let name) = reference { return name }
    let entry = try entry(reference, in: try history(say: say))
    guard entry.standing == .old else {
      throw .noOld(path + "/" + displayText(of: entry.name), "no old snapshot: it is the one that boots")
    }
    return entry.relativeName
  }

  /// Makes an old snapshot the current one, as durably as a commit does it: at each moment there is one that boots. The old
  /// name goes afterwards, since it was moved. Nothing else goes: retention is the next commit's.
  ///
  /// It gets the name that makes it boot as what it is, encrypted or not, whatever `ENCRYPTION` says.
  /// - Parameters:
  ///   - name: one that `olds` has, with `LBUD/` in front or not.
  ///   - isUnattended: whether nobody is there who could do something about what is in the way: other boxes' overlays stay,
  ///     and old snapshots go where there is no room.
  ///   - say: takes what is worth a debug line.
  /// - Throws: `StoreError`; the media then holds a whole current snapshot, mostly the one from before.
  package func revert(
    to name: [UInt8], isUnattended: Bool = false, say: @escaping (String) -> Void
  ) throws(StoreError) -> Reverted {
    var notes: [String] = []
    var reverted = try explaining("\(path) cannot be reverted", hint: "the current snapshot is untouched") {
      try mount.withAccess(.writing, note: { notes.append("\($0.line); \($0.remedy)") }, say: say) {
        try revertMounted(to: name, isUnattended, say)
      }
    }
    owners.remember(say)
    reverted.notes += notes
    reverted.glance = try? glance()
    return reverted
  }

  private func revertMounted(to name: [UInt8], _ isUnattended: Bool, _ say: @escaping (String) -> Void) throws
    -> Reverted
  {
    let old = try openOld(name, in: mount.open())
    let (cipher, index) = try Self.content(of: old)
    var store = self
    store.cipher = cipher
    let publisher = try Publisher.open(store, foreign: isUnattended ? .saveAside : .refuse, say: say)
    publisher.isUnattended = isUnattended
    let published = try publisher.publish(copyOf: old)
    return Reverted(
      name: store.currentName, former: published.former, retired: published.retired, index: index,
      size: published.status.size, signature: published.status.signature, notes: published.notes)
  }

  /// Whether it is encrypted, told by its beginning: a suffix alone may be anything. What is in an encrypted one cannot be
  /// told without its password.
  private static func content(of old: OldFile) throws -> (cipher: String?, index: SnapshotIndex?) {
    let suffix = SnapshotName.suffix(ofOld: old.name)
    if suffix.first == UInt8(ascii: "."), suffix.count > 1, try Seal.read(old.descriptor, path: old.path) != nil,
      let cipher = String(validating: suffix.dropFirst(), as: UTF8.self)
    {
      return (cipher, nil)
    }
    do { return (nil, try index(of: old.descriptor, path: old.path)) } catch let error as FileError {
      throw error
    } catch {
      throw StoreError.damagedOld(old.path, error)
    }
  }
}
