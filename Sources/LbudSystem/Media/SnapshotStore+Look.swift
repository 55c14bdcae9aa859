import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension SnapshotStore {
  /// What is known of the file that was read last: the same record means the same snapshot, though it has another
  /// inode, as vfat gives it after each mount.
  package struct Known: Sendable {
    package var name: String
    package var size: UInt64
    /// Nil for one that another program has made.
    package var record: SnapshotRecord?
    /// Of an encrypted one: it is not decrypted again to be known.
    package var seal: Seal?
    /// The file itself as it was; nil where it may have become another one.
    package var signature: FileStatus.Signature?

    package init(
      name: String, size: UInt64, record: SnapshotRecord?, seal: Seal? = nil, signature: FileStatus.Signature? = nil
    ) {
      self.name = name
      self.size = size
      self.record = record
      self.seal = seal
      self.signature = signature
    }
  }

  /// Looks at what the media holds, mounted for that if it must be; makes good what a crash has left.
  /// - Parameter say: takes what is worth a debug line.
  /// - Throws: `StoreError`.
  package func look(known: Known?, say: @escaping (String) -> Void) throws(StoreError) -> MediaLook {
    var notes: [Problem] = []
    return try explaining("\(path) cannot be looked at", hint: "see the log of lbud") {
      var look = try mount.withAccess(.reading, note: { notes.append($0) }, say: say) { try lookMounted(known, say) }
      // Afterwards it may be asleep again.
      let after = try glance()
      if after.isAsleep { look.glance = after }
      look.glance.isToBePutBack = after.isToBePutBack
      look.problems += notes
      return look
    }
  }

  private func lookMounted(_ known: Known?, _ say: (String) -> Void) throws -> MediaLook {
    var problems: [Problem] = []
    do throws(StoreError) {
      problems += try recover()
    } catch {
      // What is there can be read all the same; the next commit tries again.
      problems.append(Problem(.degraded, subject: path, error.description, remedy: error.hint))
    }
    let uncleanliness = mount.uncleanliness()
    if let uncleanliness { problems.append(uncleanliness) }
    if decryption.password != nil { _ = try encryptor() }
    let glance = try glance()
    let top = try mount.open()
    let rivals = glance.rivals.keys.sorted { $0.lexicographicallyPrecedes($1) }
    var own: [[UInt8]] = []
    for name in rivals where try owners.isOwn(name, in: top, path: path, decryption) { own.append(name) }
    problems += try [passwordProblem, revealingProblem(own, in: top)].compactMap(\.self)
    var look = MediaLook(
      glance: glance, saved: .read(nil), own: own.map { displayText(of: $0) },
      foreign: rivals.filter { !own.contains($0) }.map { displayText(of: $0) }, problems: problems)
    look.isUnclean = uncleanliness != nil
    look.free = try? Space.free(top, path: path).bytes
    readConfirmation(into: &look, top)
    try readSaved(into: &look, top, own, known)
    if look.savedName == currentName, look.damage == nil { owners.remember(say) }
    return look
  }

  /// A folder that cannot be read is no reason not to save: a commit comes to the check that may mend it.
  private func readConfirmation(into look: inout MediaLook, _ top: borrowing Descriptor) {
    do throws(StoreError) {
      let (found, problem) = try explaining(folderPath, hint: "see the log of lbud") { try confirmation(in: top) }
      look.confirmation = .some(found)
      look.problems += [problem].compactMap(\.self)
    } catch {
      look.confirmation = nil
      look.isFolderTorn = !canList(top)
      let problem = Problem(.degraded, subject: path, error.description, remedy: error.hint)
      // `recover` may have met the same.
      if !look.problems.contains(problem) { look.problems.append(problem) }
    }
  }

  private func canList(_ top: borrowing Descriptor) -> Bool {
    do throws(FileError) {
      guard let folder = try openFolder(in: top) else { return true }
      _ = try folder.names(path: BytePath(folderPath))
      return true
    } catch {
      return false
    }
  }

  private func readSaved(
    into look: inout MediaLook, _ top: borrowing Descriptor, _ own: [[UInt8]], _ known: Known?
  ) throws {
    guard let name = try savedName(top, own, look) else { return }
    let path = self.path + "/" + displayText(of: name)
    guard let file = try opening(name, in: top, path) else { return }
    let status = try file.status(path: path)
    guard status.kind == .file else { throw StoreError.unusable(path, "no regular file") }
    look.savedName = displayText(of: name)
    look.savedSignature = status.signature
    // vfat has times of two seconds.
    look.isSavedSettled = status.signature.changed.seconds < SystemClock.fileStamp().seconds - 2
    let known = known.flatMap { $0.name == look.savedName && $0.size == status.size ? $0 : nil }
    if SnapshotName.cipher(of: Self.baseName(name)) != nil { return try readEncrypted(into: &look, file, name, known) }
    do {
      if let known, known.record == nil, known.signature == status.signature {
        look.saved = .known
      } else if let record = known?.record, try Self.record(of: file, path: path) == record {
        look.saved = .known
      } else {
        look.saved = .read(try Self.index(of: file, path: path, isQuick: true))
      }
    } catch let error as FileError {
      // Not readable now is no reason to take nothing for saved.
      throw error
    } catch {
      look.damage = .damaged(path, error)
    }
  }

  private func opening(_ name: [UInt8], in top: borrowing Descriptor, _ path: String) throws -> Descriptor? {
    do throws(FileError) {
      return try openIn(top, name, path)
    } catch {
      switch error.code {
      case ENOENT: return nil
      case ELOOP: throw StoreError.unusable(path, "a symlink")
      default: throw error
      }
    }
  }

  /// - Parameter name: in the top directory, or in `LBUD/`.
  func openIn(_ top: borrowing Descriptor, _ name: [UInt8], _ path: String) throws(FileError) -> Descriptor {
    let prefix = Array((Self.subdirectory + "/").utf8)
    guard name.starts(with: prefix) else { return try top.openFile(name, path: BytePath(path)) }
    guard let folder = try openFolder(in: top) else { throw FileError("open", path, code: ENOENT) }
    return try folder.openFile(Array(name.dropFirst(prefix.count)), path: BytePath(path))
  }

  /// - Returns: nil where there is no such directory.
  /// - Throws: where there is one, or may be, that cannot be opened.
  func openFolder(in top: borrowing Descriptor) throws(FileError) -> Descriptor? {
    let raw = openat(top.raw, Self.subdirectory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if raw >= 0 { return Descriptor(owning: raw) }
    guard [ENOENT, ENOTDIR, ELOOP].contains(errno) else { throw FileError("open", folderPath) }
    return nil
  }

  /// The file that holds what this box has saved last.
  private func savedName(_ top: borrowing Descriptor, _ own: [[UInt8]], _ look: MediaLook) throws -> [UInt8]? {
    let current = look.glance.current == nil ? nil : Array(currentName.utf8)
    // A folder that cannot be read has been told of by `recover`, and a commit may come to its check.
    if !look.foreign.isEmpty, let aside = (try? newestAside(top)).flatMap(\.self) {
      guard let current, let record = try? record(current, in: top), record.facts.time > aside.time else {
        return aside.name
      }
    }
    // Of several former names the last one; which of them boots is not known, and all are about to be retired.
    return current
      ?? own.last { name in
        // One that is no whole one (`.new`) is no cipher's either.
        let cipher = SnapshotName.cipher(of: name)
        return (SnapshotName.parseBootable(name)?.suffix.isEmpty ?? false)
          || (cipher.map(SnapshotName.isOfKnownCipher) ?? false && decryption.canOpen(name))
      }
  }

  /// The newest of those saved beside another box's overlay.
  func newestAside(_ top: borrowing Descriptor) throws -> (name: [UInt8], time: Int64)? {
    guard let folder = try openFolder(in: top) else { return nil }
    let dated = try folder.names(path: BytePath(folderPath))
      .compactMap { name in SnapshotName.parseDated(name).map { (name: name, host: $0.host, date: $0.date) } }
      .filter { $0.host.elementsEqual(host.utf8) }
      .sorted { $1.date.lexicographicallyPrecedes($0.date) }
    for old in dated {
      let name = Array((Self.subdirectory + "/").utf8) + old.name
      guard let record = try? record(name, in: top), record.facts.isAside else { continue }
      return (name, record.facts.time)
    }
    return nil
  }
}
