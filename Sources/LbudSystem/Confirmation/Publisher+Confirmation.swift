import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A commit that is to be confirmed.
package struct ConfirmationOrder: Sendable {
  /// How long somebody has for it.
  package var seconds: Seconds
  /// Whether the machine is rebooted when nobody did.
  package var reboots: Bool
  package var uid: UInt32
  package var user: String?
  package var message: String?

  package init(seconds: Seconds, reboots: Bool, uid: UInt32, user: String?, message: String?) {
    self.seconds = seconds
    self.reboots = reboots
    self.uid = uid
    self.user = user
    self.message = message
  }
}

/// What a publish does about a confirmation: that which it asks for is safe on the medium before the new snapshot takes its
/// place, and names it; so there is no moment in which the new one is current and nothing says that it is to be confirmed.
extension Publisher {
  /// What stands on the media when a publish begins.
  struct Awaiting {
    /// In force: the current snapshot is one that it awaits.
    var confirmation: Confirmation?
    var found = ConfirmationFiles.Found()
    /// Of the snapshot that it awaits.
    var current: Confirmation.Identity?
  }

  /// - Parameter known: what stood on the media before, for where it cannot be read now.
  /// - Throws: `FileError`, `StoreError`.
  static func awaiting(
    _ store: SnapshotStore, _ top: borrowing Descriptor, _ folder: borrowing Descriptor, known: Confirmation? = nil
  ) throws -> Awaiting {
    var awaiting = Awaiting(found: try ConfirmationFiles.read(in: folder, path: store.folderPath))
    if awaiting.found.unreadable != nil, awaiting.found.confirmation == nil { awaiting.found.confirmation = known }
    guard let confirmation = awaiting.found.confirmation else { return awaiting }
    // Where the box has another name by now, or another cipher, the snapshot has its former name until the next commit.
    for name in try [Array(store.currentName.utf8)] + store.bootable(in: top) {
      do {
        guard let identity = try identity(name, store, top), confirmation.awaiting.contains(identity) else { continue }
        (awaiting.current, awaiting.confirmation) = (identity, confirmation)
      } catch  where name.elementsEqual(store.currentName.utf8) {
        // Whichever it is: going back to what was good is the lesser harm.
        awaiting.confirmation = confirmation
      } catch {
        continue
      }
      break
    }
    return awaiting
  }

  /// Of a name in the top directory; nil where no file has it.
  private static func identity(
    _ name: [UInt8], _ store: SnapshotStore, _ top: borrowing Descriptor
  ) throws(FileError) -> Confirmation.Identity? {
    let path = store.path + "/" + displayText(of: name)
    guard try top.status(of: name, path: BytePath(path))?.kind == .file else { return nil }
    return try SnapshotIdentity.read(try top.openFile(name, path: BytePath(path)), path: path)
  }

  /// Before the rename: says on the medium that the new snapshot is to be confirmed, where it is.
  /// - Parameter former: the dated name of the one before, in `LBUD/`.
  /// - Throws: `StoreError` where there is nothing to go back to; `FileError`.
  func announce(_ temporary: NamedFile, former: String?) throws {
    guard !isGoingBack, wanted != nil || awaiting.confirmation != nil else { return }
    // Opened anew: that descriptor may be one to read whole blocks by, see `MediumReader`.
    let written = try temporary.folder.descriptor.openFile(Array(temporary.name.utf8), path: BytePath(temporary.path))
    let identity = try SnapshotIdentity.read(written, path: temporary.path)
    var confirmation: Confirmation
    if let wanted {
      if let standing = awaiting.confirmation { throw StoreError.alreadyAwaiting(standing) }
      guard let (back, current) = try wholeOne(former) else { throw StoreError.nothingToGoBackTo(store.path) }
      confirmation = Confirmation(
        awaiting: [identity], back: Array("\(SnapshotStore.subdirectory)/\(back)".utf8), reboots: wanted.reboots,
        made: SystemClock.wallNanoseconds() / 1_000_000_000, seconds: wanted.seconds, now: SystemClock.now(),
        boot: BootIdentity.read(), uid: wanted.uid, user: wanted.user, message: wanted.message)
      // Else the snapshot before would be taken for the one that awaits it.
      guard current != identity else { throw StoreError.nothingToGoBackTo(store.path) }
      confirmation.serial = (awaiting.found.confirmation?.serial ?? 0) + 1
    } else {
      guard let standing = awaiting.confirmation else { return }
      confirmation = standing.extended(to: identity, current: awaiting.current)
    }
    announced = (confirmation, try ConfirmationFiles.write(confirmation, by: self))
  }

  /// What is to be gone back to: the snapshot before, or where the box has another name now, or another cipher, the one
  /// under the former; if it is whole.
  /// - Parameter former: the dated name of the one before.
  /// - Returns: its dated name, and its identity; nil where there is none.
  /// - Throws: `StoreError` where it is none that could be gone back to; `FileError`.
  private func wholeOne(_ former: String?) throws -> (dated: String, identity: Confirmation.Identity)? {
    let only = retired.count == 1 ? retired.first : nil
    guard let dated = former ?? only?.value else { return nil }
    let name = former == nil ? only?.key ?? [] : Array(store.currentName.utf8)
    guard let identity = try Self.identity(name, store, top) else { return nil }
    let path = store.path + "/" + displayText(of: name)
    do {
      let plain = try store.decryption.plain(top.openFile(name, path: BytePath(path)), named: name, path: path)
      _ = try SnapshotStore.index(of: plain, path: path)
    } catch let error as FileError {
      throw error
    } catch {
      throw StoreError.cannotBeGoneBackTo(path, error)
    }
    return (dated, identity)
  }

  /// The new snapshot has not taken its place.
  func takeBackAnnouncement() {
    guard let announced else { return }
    try? ConfirmationFiles.remove([announced.name], by: self)
    self.announced = nil
  }

  /// The new snapshot is safe: what said something of those before goes.
  /// - Returns: what did not go as it should, in words.
  func removeFormerAnnouncements() -> [String] {
    let former = awaiting.found.names.filter { $0 != announced?.name }
    // What cannot be read, behind the check of the file system, keeps nobody from saving; nobody goes back any more then.
    var notes: [String] = []
    if awaiting.confirmation == nil, !isGoingBack, let name = awaiting.found.damaged.first {
      let why = awaiting.found.unreadable.map { "could not be read (\($0.reason))" } ?? "was not whole"
      notes.append(
        "\(folderPath)/\(displayText(of: name)) \(why): if a snapshot was to be confirmed, it counts as confirmed")
    }
    do throws(FileError) {
      try ConfirmationFiles.remove(former, by: self)
    } catch {
      // It awaits none that is current any more, or has a lower number.
      notes.append("\(error)")
    }
    return notes
  }

  /// The store, as it decides on old snapshots while one of them is to be gone back to.
  var guardedStore: SnapshotStore {
    var store = store
    store.protected.formUnion(untouchable)
    return store
  }

  private var untouchable: Set<[UInt8]> {
    Set([announced?.confirmation, awaiting.confirmation].compactMap { $0.map { SnapshotStore.baseName($0.back) } })
  }
}

extension StoreError {
  static func nothingToGoBackTo(_ path: String) -> StoreError {
    StoreError(
      "\(path) holds no snapshot that could be gone back to, so there is nothing to confirm",
      hint: "commit without --confirm first")
  }

  static func cannotBeGoneBackTo(_ path: String, _ error: any Error) -> StoreError {
    StoreError(
      "\(path) could not be gone back to, so nothing is saved: \(error)",
      hint: "commit without --confirm, and then what comes after it with --confirm")
  }

  /// - Parameter left: seconds; nil where that is not known.
  package static func alreadyAwaiting(_ confirmation: Confirmation, left: Double? = nil) -> StoreError {
    StoreError(
      "a snapshot is to be confirmed already\(left.map { ", within \(Policy.duration($0))" } ?? "") (\(confirmation.words))",
      hint: "lbuctl confirm keeps it; lbuctl revert \(displayText(of: confirmation.back)) goes back at once")
  }

  package static func nothingToConfirm() -> StoreError {
    StoreError("nothing is to be confirmed", hint: "lbuctl log shows what there is")
  }
}
