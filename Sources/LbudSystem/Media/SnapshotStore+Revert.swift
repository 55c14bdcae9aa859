import LbudArchive
import LbudCore

/// What is asked of an old snapshot beyond being whole, before it becomes the current one.
package struct RevertDemands: Sendable {
  /// Whether another box may have made it.
  package var takesForeign = false
  /// Whether it may be an encrypted one that the password does not open: it may have another one.
  package var takesUnopened = false

  /// Whether nobody is there who could do something about what is in the way: other boxes' overlays stay, and old snapshots
  /// go where there is no room.
  var isUnattended = false

  package init(takesForeign: Bool = false) { self.takesForeign = takesForeign }

  /// Of the one before a commit that nobody has confirmed: nothing else is there to go back to.
  package static func goingBack(isUnattended: Bool = false) -> RevertDemands {
    var demands = RevertDemands(takesForeign: true)
    (demands.takesUnopened, demands.isUnattended) = (true, isUnattended)
    return demands
  }
}

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
    /// Of what is current now; nil where it has none, or is encrypted and could not be opened.
    package var record: SnapshotRecord?
    /// Bytes of the file.
    package var size: UInt64
    package var signature: FileStatus.Signature
    /// What else a person should know, in words.
    package var notes: [String]
    /// What the media looks like now; nil where that cannot be told.
    package var glance: MediaGlance?
  }

  /// Makes an old snapshot the current one, as durably as a commit does it: at each moment there is one that boots. The old
  /// name goes afterwards, since it was moved. Nothing else goes: retention is the next commit's.
  ///
  /// It gets the name that makes it boot as what it is, encrypted or not, whatever `ENCRYPTION` says.
  /// - Parameters:
  ///   - name: one that `olds` has, with `LBUD/` in front or not.
  ///   - say: takes what is worth a debug line.
  /// - Throws: `StoreError`; the media then holds a whole current snapshot, mostly the one from before.
  package func revert(
    to name: [UInt8], _ demands: RevertDemands = RevertDemands(), say: @escaping (String) -> Void
  ) throws(StoreError) -> Reverted {
    var notes: [String] = []
    var reverted = try explaining("\(path) cannot be reverted", hint: "the current snapshot is untouched") {
      try mount.withAccess(.writing, note: { notes.append($0.lineWithRemedy) }, say: say) {
        try revertMounted(to: name, demands, say)
      }
    }
    owners.remember(say)
    reverted.notes += notes
    reverted.glance = try? glance()
    return reverted
  }

  private func revertMounted(
    to name: [UInt8], _ demands: RevertDemands, _ say: @escaping (String) -> Void
  ) throws -> Reverted {
    let old = try openOld(name, in: mount.open())
    let content = try content(of: old, demands)
    try expectOwn(old, content.record, demands)
    var store = self
    store.cipher = content.cipher
    let publisher = try Publisher.open(store, foreign: demands.isUnattended ? .saveAside : .refuse, say: say)
    publisher.isUnattended = demands.isUnattended
    let published = try publisher.publish(copyOf: old)
    return Reverted(
      name: store.currentName, former: published.former, retired: published.retired, record: content.record,
      size: published.status.size, signature: published.status.signature,
      notes: [content.note].compactMap(\.self) + published.notes)
  }

  // MARK: What is in it

  private struct Content {
    /// Nil for one in the clear.
    var cipher: String?
    var record: SnapshotRecord?
    /// Why it could not be checked, in words.
    var note: String?
  }

  /// Whether it is encrypted is told by its beginning: a suffix alone may be anything.
  /// - Throws: `StoreError` where it is not good to the last byte, as far as that can be told; `FileError`.
  private func content(of old: OldFile, _ demands: RevertDemands) throws -> Content {
    let suffix = SnapshotName.suffix(ofOld: old.name)
    guard suffix.first == UInt8(ascii: "."), suffix.count > 1, try Seal.read(old.descriptor, path: old.path) != nil,
      let cipher = String(validating: suffix.dropFirst(), as: UTF8.self)
    else {
      return Content(record: try Self.wholeRecord(of: old.descriptor, at: old.path, old.path))
    }
    let unchecked = "\(old.path) is encrypted and could not be checked"
    guard decryption.password != nil else {
      return Content(cipher: cipher, note: "\(unchecked): no PASSWORD is set")
    }
    guard Program.find("openssl") != nil else {
      return Content(cipher: cipher, note: "\(unchecked): openssl is not installed")
    }
    let openssl: OpenSSL
    do throws(StoreError) {
      // What the boot loader takes for the cipher is behind the last dot.
      openssl = try OpenSSL(cipher: cipher.split(separator: ".").last.map(String.init) ?? cipher)
    } catch {
      throw StoreError.damagedOld(old.path, error.description)
    }
    do {
      let plain = try decryption.decrypted(old.descriptor, with: openssl, path: old.path)
      return Content(cipher: cipher, record: try Self.wholeRecord(of: plain, at: MemoryFile.path, old.path))
    } catch let error as StoreError where error.isDamage {
      guard demands.takesUnopened else { throw StoreError.unopened(old.path, error) }
      return Content(cipher: cipher, note: "\(error)")
    }
  }

  /// Reads all of a gzip file, as a verification does.
  /// - Parameter shown: the snapshot's path, for messages.
  /// - Returns: nil where it has no record.
  private static func wholeRecord(
    of file: borrowing Descriptor, at path: String, _ shown: String
  ) throws -> SnapshotRecord? {
    let (raw, size) = (file.raw, try file.status(path: path).size)
    let findings = try SnapshotCheck.run(fileSize: size) { offset, buffer in
      try Descriptor.read(raw, at: offset, into: buffer, path: path)
    }
    if let damage = findings.damages.first {
      throw StoreError.damagedOld(shown, (damage.path.map { $0.display + ": " } ?? "") + damage.reason)
    }
    guard findings.entryCount > 0 else { throw StoreError.emptyOld(shown) }
    return findings.record
  }

  // MARK: Whose it is

  /// By its record, or else by its name.
  private func expectOwn(_ old: OldFile, _ record: SnapshotRecord?, _ demands: RevertDemands) throws(StoreError) {
    let maker = record?.facts.host
    let owner = maker.map { Array($0.utf8) } ?? SnapshotName.parseDated(old.name)?.host
    guard !demands.takesForeign, !(owner.map(owners.isNameOfThisBox) ?? false) else { return }
    throw .otherBoxesOld(old.path, maker, here: host)
  }
}

extension StoreError {
  private static func unreverted(_ what: String, hint: String) -> StoreError {
    StoreError("\(what); the current one is untouched", hint: hint)
  }

  /// One that must not become the current one.
  static func damagedOld(_ path: String, _ why: String) -> StoreError {
    unreverted("\(path) is no whole snapshot: \(why)", hint: "it would not boot as it was saved; \(remedyForOld)")
  }

  fileprivate static func emptyOld(_ path: String) -> StoreError {
    unreverted("\(path) holds nothing", hint: "the box would boot without any of its settings; \(remedyForOld)")
  }

  /// - Parameter host: of its record; nil where only its name tells.
  fileprivate static func otherBoxesOld(_ path: String, _ host: String?, here: String) -> StoreError {
    unreverted(foreign(path, host, here: here), hint: remedyForForeign)
  }

  /// - Parameter host: of its record; nil where only its name tells.
  static func foreign(_ path: String, _ host: String?, here: String) -> String {
    let whose = host.map { "was made by the box \(displayText(of: $0.utf8))" } ?? "is another box's by its name"
    return "\(path) \(whose), and this is \(displayText(of: here.utf8))"
  }

  static let remedyForForeign = "if it is to be taken all the same: --foreign"
}
