import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// All snapshots on the media, and any one of them.
extension SnapshotStore {
  /// All that the media holds, read from their records alone, on media that are mounted for that if they must be.
  /// - Parameter say: takes what is worth a debug line.
  /// - Returns: the current one first, then others that the boot loader takes, then the old ones, the newest first.
  /// - Throws: `StoreError`.
  package func history(say: @escaping (String) -> Void) throws(StoreError) -> [HistoryEntry] {
    try explaining("\(path) cannot be looked at", hint: "see the log of lbud") {
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) { try historyMounted() }
    }
  }

  /// - Parameter name: of the only ones that are looked at, without the folder; nil for all.
  /// - Throws: `FileError`, `StoreError`.
  func historyMounted(only name: [UInt8]? = nil) throws -> [HistoryEntry] {
    let top = try mount.open()
    var entries = try entries(in: top, path, isInFolder: false, only: name)
    if let folder = try oldFolder(in: top) {
      entries += try self.entries(in: folder, folderPath, isInFolder: true, only: name)
    }
    let rank: (HistoryEntry) -> Int = { $0.standing == .current ? 0 : $0.standing == .rival ? 1 : 2 }
    return entries.sorted { left, right in
      if rank(left) != rank(right) { return rank(left) < rank(right) }
      if left.date != right.date { return right.date.lexicographicallyPrecedes(left.date) }
      return left.relativeName.lexicographicallyPrecedes(right.relativeName)
    }
  }

  private func entries(
    in directory: borrowing Descriptor, _ path: String, isInFolder: Bool, only wanted: [UInt8]?
  ) throws(FileError) -> [HistoryEntry] {
    var entries: [HistoryEntry] = []
    for name in try directory.names(path: BytePath(path)) where wanted.map({ $0 == name }) ?? true {
      let boots = !isInFolder && SnapshotName.isBootable(name)
      guard boots || SnapshotName.isOld(name) else { continue }
      let shown = BytePath(path + "/" + displayText(of: name))
      guard let status = try directory.status(of: name, path: shown), status.kind == .file else { continue }
      let account: HistoryEntry.Account =
        status.size == 0 ? .damaged("\(ArchiveError.cutGzip(at: 0))") : account(of: name, in: directory, shown)
      let isCurrent = boots && name.elementsEqual(currentName.utf8)
      let named = boots ? SnapshotName.parseBootable(name)?.host : SnapshotName.parseDated(name)?.host
      var entry = HistoryEntry(
        name: name, isInFolder: isInFolder, standing: isCurrent ? .current : boots ? .rival : .old, account: account,
        isOwn: named?.elementsEqual(host.utf8) ?? false, signature: status.signature)
      if let record = entry.record { entry.isOwn = entry.isOwn || record.facts.host == host }
      entries.append(entry)
    }
    return entries
  }

  private func account(of name: [UInt8], in directory: borrowing Descriptor, _ path: BytePath) -> HistoryEntry.Account {
    do {
      let isEncrypted = SnapshotName.cipher(of: name) != nil
      if isEncrypted, try Seal.read(directory.openFile(name, path: path), path: path.display) == nil {
        return .damaged("not encrypted, though the boot loader takes the end of its name for a cipher")
      }
      guard decryption.canOpen(name) else { return .sealed }
      let file = try directory.openFile(name, path: path)
      if let record = try decryption.record(file, named: name, path: path.display) { return .record(record) }
      // What was decrypted has been looked at already.
      if !isEncrypted, try !Decryption.isGzip(directory.openFile(name, path: path), path: path.display) {
        return .damaged("\(ArchiveError.notGzip)")
      }
      return .none
    } catch let error as StoreError where error.isPasswordMissing {
      return .sealed
    } catch let error as StoreError where error.isDamage {
      return .unopened("\(error)")
    } catch {
      return .damaged("\(error)")
    }
  }

  // MARK: One of them

  /// A snapshot that is open, decrypted where it must be.
  final class OpenSnapshot {
    let entry: HistoryEntry
    /// For messages.
    let path: String
    /// The gzip file, to be read by its offsets.
    let file: Descriptor
    private let isInterrupted: () -> Bool

    init(
      _ entry: HistoryEntry, _ path: String, _ file: consuming Descriptor, _ isInterrupted: @escaping () -> Bool
    ) {
      self.entry = entry
      self.path = path
      self.file = file
      self.isInterrupted = isInterrupted
    }

    /// Fills the buffer from an offset on.
    /// - Throws: `FileError`, `InterruptedReading`.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
      try goOn()
      return try Descriptor.read(file.raw, at: offset, into: buffer, path: path)
    }

    /// - Throws: `InterruptedReading` where the reading is to end.
    func goOn() throws(InterruptedReading) { if isInterrupted() { throw InterruptedReading() } }

    /// Bytes of the gzip file.
    /// - Throws: `FileError`.
    func size() throws(FileError) -> UInt64 { try file.status(path: path).size }
  }

  /// Runs what reads snapshots, on media that are mounted for that if they must be.
  /// - Parameters:
  ///   - what: what could not be done, where an error does not say so itself.
  ///   - body: gets what opens one of them, which throws `StoreError` and `FileError`.
  /// - Throws: `StoreError`.
  func readingSnapshots<Result>(
    _ what: String, say: @escaping (String) -> Void,
    _ body: ((SnapshotReference) throws -> OpenSnapshot) throws -> Result
  ) throws(StoreError) -> Result {
    try explaining(what, hint: "see the log of lbud") {
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) {
        try body { try self.openMounted($0) }
      }
    }
  }

  /// The one that is meant.
  /// - Parameter entries: as `history` has them.
  /// - Throws: `StoreError`.
  func entry(_ reference: SnapshotReference, in entries: [HistoryEntry]) throws(StoreError) -> HistoryEntry {
    do throws(SnapshotReference.Failure) {
      return entries[try withoutMedia(reference).place(in: entries.map(\.candidate))]
    } catch {
      throw .notFound(error, path)
    }
  }

  /// A name as messages have it, the directory of the media in front, is the name without that.
  func withoutMedia(_ reference: SnapshotReference) -> SnapshotReference {
    let directory = Array((path + "/").utf8)
    guard case .named(let name) = reference, name.starts(with: directory) else { return reference }
    return .named(Array(name.dropFirst(directory.count)))
  }

  /// - Throws: `StoreError`, `FileError`.
  func openMounted(_ reference: SnapshotReference) throws -> OpenSnapshot {
    let entry = try entryMounted(reference)
    let shown = path + "/" + displayText(of: entry.relativeName)
    do {
      let file = try decryption.plain(
        openIn(mount.open(), entry.relativeName, shown), named: entry.name, path: shown)
      return OpenSnapshot(entry, shown, file, isInterrupted)
    } catch let error as StoreError where error.isPasswordMissing {
      throw StoreError.sealed(shown)
    } catch let error as StoreError where error.isDamage {
      throw StoreError.unopened(shown, error)
    }
  }

  /// - Throws: `StoreError`, `FileError`.
  func entryMounted(_ reference: SnapshotReference) throws -> HistoryEntry {
    guard case .named(let name) = withoutMedia(reference) else { return try entry(reference, in: historyMounted()) }
    do {
      return try entry(reference, in: historyMounted(only: Self.baseName(name)))
    } catch let error as StoreError {
      // What is there by that name, and no snapshot, is told what it is.
      do { _ = try openOld(name, in: mount.open()) } catch let found as StoreError
        where found.description == error.description
      { throw error }
      throw error
    }
  }
}

extension StoreError {
  static func notFound(_ failure: SnapshotReference.Failure, _ path: String) -> StoreError {
    let what =
      switch failure {
      case .none: "\(path) holds no snapshot of this box"
      case .tooFarBack(let back, let count):
        "\(path) holds \(count == 1 ? "1 snapshot" : "\(count) snapshots") of this box: there is no number -\(back)"
      case .tooEarly(let oldest):
        "\(path) holds no snapshot of this box from so early: the oldest is of \(DiffTime.utc(oldest))"
      case .noneUsable: "\(path) holds no snapshot of this box that can be read"
      // lbu's own words, which scripts look for.
      case .noSuchName(let name): "file not found: \(path)/\(displayText(of: name))"
      }
    return StoreError(what, hint: failure == .none ? "lbuctl commit makes one" : "lbuctl log shows which there are")
  }
}

/// A reading for somebody was ended before it was done.
struct InterruptedReading: Error, CustomStringConvertible {
  var description: String { "the reading was broken off, since lbud ends or the machine shuts down" }
}
