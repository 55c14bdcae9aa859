import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reads the entries of a snapshot from the running system and writes them as an archive.
struct SnapshotBuilder {
  /// What was archived.
  struct Built {
    var entries: SavedEntries
    var record: SnapshotRecord
    /// The spans of the new snapshot that were copied from the one before.
    var copied: Set<Int>
    /// What the archive could not take as it is, in words.
    var notes: [String]
    /// Selected entries that were not there.
    var missing: [BytePath]
  }

  let root: RootDirectory
  /// Files up to this size are read whole before anything of them is written, so that a change while reading costs
  /// nothing but another read. Larger ones are streamed, and the archive is rewound.
  static let memoryLimit: UInt64 = 4 << 20
  /// How often a file that keeps changing is read again.
  static let attempts = 20

  private var entries = SavedEntriesBuilder()
  private var copied: Set<Int> = []
  /// Spans of the archive that are whole.
  private var spanCount = 0
  private var notes: [String] = []
  private var missing: [BytePath] = []
  /// The first name under which an inode was archived, for those that have several, and what it is.
  private var archivedInodes: [FileIdentity: (path: BytePath, fingerprint: Fingerprint)] = [:]
  /// The directory of the entry before: entries are sorted, so the next is mostly in it too.
  private var parentPath: BytePath?
  /// Bytes that are done, for whoever waits.
  private var done: UInt64 = 0

  private init(root: RootDirectory) {
    self.root = root
  }

  /// - Parameters:
  ///   - recipe: what it is made of.
  ///   - base: where spans are copied from; nil where the recipe has none.
  ///   - output: an open file to write to; it stays the caller's.
  ///   - written: takes how many bytes are done so far, of the recipe's bound.
  /// - Throws: `FileError` and `ArchiveError`. An entry that has gone since is no error; one that cannot be read is,
  ///   since a snapshot without it could replace one that has it.
  static func build(
    _ recipe: CommitRecipe, from base: CopyBase? = nil, facts: SnapshotFacts, root: RootDirectory, output: FileOutput,
    written: (UInt64) -> Void = { _ in }
  ) throws -> Built {
    var builder = SnapshotBuilder(root: root)
    var writer = try ArchiveWriter(output: output, spanSize: recipe.spanSize)
    for part in recipe.parts {
      switch part {
      case .made(let selected): try builder.make(selected, &writer, written)
      case .copied(let spans):
        guard let base else { throw StoreError.baseIsAnother(recipe.base?.name ?? "") }
        try builder.copy(spans, from: base, &writer, written)
      }
    }
    try writer.endSpan()
    builder.follow(writer.spanCount)
    let (_, record) = try writer.finish(facts)
    return Built(
      entries: builder.entries.finish(), record: record, copied: builder.copied, notes: builder.notes,
      missing: builder.missing)
  }

  private mutating func make(
    _ selected: EntryList, _ writer: inout ArchiveWriter<FileOutput>, _ written: (UInt64) -> Void
  ) throws {
    var parent = Descriptor(owning: -1)
    parentPath = nil
    let before = writer.tarSize
    for entry in selected {
      let directory = entry.path.parent
      if parentPath != directory {
        guard let opened = try open(directory, for: entry) else {
          missing.append(entry.path)
          continue
        }
        parent = opened
        parentPath = directory
      }
      try append(entry, in: parent, to: &writer) { [done] in written(done + $0 - before) }
      follow(writer.spanCount)
      written(done + writer.tarSize - before)
    }
    done += writer.tarSize - before
  }

  private mutating func copy(
    _ places: Range<Int>, from base: CopyBase, _ writer: inout ArchiveWriter<FileOutput>, _ written: (UInt64) -> Void
  ) throws {
    try writer.endSpan()
    follow(writer.spanCount)
    let saved = base.entries.spans[places]
    let before = done
    try writer.copy(base.spans[places], entryCount: saved.reduce(0) { $0 + $1.count }) { output in
      try base.copy(places, to: output) { written(before + $0) }
    }
    for span in saved { entries.append(span) }
    copied.formUnion(spanCount..<writer.spanCount)
    spanCount = writer.spanCount
    done += base.size(of: places)
  }

  /// The entries so far are whole spans of the archive, if it has ended one.
  private mutating func follow(_ count: Int) {
    guard count > spanCount else { return }
    entries.endSpan()
    spanCount = count
  }

  /// Nil where the directory has gone.
  private func open(_ directory: BytePath, for entry: SelectedEntry) throws(FileError) -> Descriptor? {
    do {
      return try root.openWithoutLinks(directory)
    } catch let error where error.code == ENOENT {
      return nil
    } catch let error where error.code == ENOTDIR || error.code == ELOOP {
      // Only what lbu.list names itself may be reached through a symlink.
      guard entry.reason == .included else { return nil }
    }
    do {
      return try root.open(directory.bytes, O_RDONLY | O_DIRECTORY)
    } catch let error where error.code == ENOENT || error.code == ENOTDIR {
      return nil
    }
  }

  private mutating func append(
    _ entry: SelectedEntry, in parent: borrowing Descriptor, to writer: inout ArchiveWriter<FileOutput>,
    _ written: (UInt64) -> Void
  ) throws {
    let path = entry.path
    guard let status = try parent.status(of: path.name, path: path) else { return missing.append(path) }
    if status.kind == .socket {
      return notes.append("\(path.display): a socket cannot be archived, it is left out")
    }
    if status.kind == .file { return try appendFile(path, in: parent, status, to: &writer, written) }
    let (body, content) = try body(of: path, in: parent, status)
    try writer.append(status.member(path, body))
    add(path, status.fingerprint(content), status)
  }

  private mutating func add(_ path: BytePath, _ fingerprint: Fingerprint, _ status: FileStatus) {
    entries.add(
      path, fingerprint, modificationTime: status.modificationTime,
      isLinked: status.kind != .directory && status.links > 1)
  }

  private func body(
    of path: BytePath, in parent: borrowing Descriptor, _ status: FileStatus
  ) throws(FileError) -> (Member.Body, Fingerprint.Content) {
    let (major, minor) = (status.deviceMajor, status.deviceMinor)
    switch status.kind {
    case .directory: return (.directory, .directory)
    case .symlink:
      let target = try parent.target(of: path.name, path: path)
      return (.symlink(target: target), .symlink(target: target))
    case .characterDevice:
      return (.characterDevice(major: major, minor: minor), .characterDevice(major: major, minor: minor))
    case .blockDevice: return (.blockDevice(major: major, minor: minor), .blockDevice(major: major, minor: minor))
    case .fifo, .file, .socket: return (.fifo, .fifo)
    }
  }

  private mutating func appendFile(
    _ path: BytePath, in parent: borrowing Descriptor, _ status: FileStatus,
    to writer: inout ArchiveWriter<FileOutput>, _ written: (UInt64) -> Void
  ) throws {
    if status.links > 1, let first = archivedInodes[status.identity] {
      try writer.append(status.member(path, .hardLink(to: first.path)))
      return add(path, first.fingerprint, status)
    }
    var mark: ArchiveWriter<FileOutput>.Mark?
    for attempt in 1...Self.attempts {
      let reading = try StableReading.begin(path.name, in: parent, path: path)
      if let mark { try writer.rewind(to: mark) }
      guard let reading else { return missing.append(path) }
      if mark == nil, reading.status.size > Self.memoryLimit { mark = try writer.mark() }
      let isLast = attempt == Self.attempts
      guard let (now, digest) = try archive(path, reading, isLast: isLast, mark: mark, to: &writer, written) else {
        continue
      }
      if isLast { notes.append("\(path.display): kept changing while it was read; it stays unsaved in the journal") }
      let fingerprint = now.fingerprint(.file(size: now.size, digest: isLast ? nil : digest))
      if now.links > 1 { archivedInodes[now.identity] = (path, fingerprint) }
      return add(path, fingerprint, now)
    }
  }

  /// - Returns: nil where the file changed and is to be read again.
  private func archive(
    _ path: BytePath, _ reading: StableReading, isLast: Bool, mark: ArchiveWriter<FileOutput>.Mark?,
    to writer: inout ArchiveWriter<FileOutput>, _ written: (UInt64) -> Void
  ) throws -> (FileStatus, ContentDigest)? {
    let status = reading.status
    if mark == nil {
      guard let content = try reading.readWhole(limit: Self.memoryLimit, acceptingChange: isLast) else { return nil }
      var now = status
      now.size = UInt64(content.count)
      var rest = content[...]
      let digest = try writer.append(now.member(path, .file(size: now.size))) { buffer in
        let part = rest.prefix(buffer.count)
        buffer.copyBytes(from: part)
        rest = rest.dropFirst(part.count)
        return part.count
      }
      return (now, digest)
    }
    // Of a file that only grows, as logs do, the first bytes are a state that it had: good enough for the last attempt.
    var left = status.size
    let before = writer.tarSize
    var taken: UInt64 = 0
    do {
      let digest = try writer.append(status.member(path, .file(size: status.size))) { buffer in
        defer { written(before + taken) }
        guard isLast else {
          let count = try reading.read(into: buffer)
          taken += UInt64(count)
          return count
        }
        let count = try reading.read(
          into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(min(left, UInt64(buffer.count))))))
        left -= UInt64(count)
        taken += UInt64(count)
        return count
      }
      return try reading.isUnchanged() || isLast ? (status, digest) : nil
    } catch let error as ArchiveError {
      // It grew or shrank meanwhile: another state, read again.
      switch error {
      case .shortContent where !isLast, .longContent where !isLast: return nil
      default: throw error
      }
    }
  }
}

extension FileStatus {
  func member(_ path: BytePath, _ body: Member.Body) -> Member {
    Member(path: path, body: body, mode: mode, uid: uid, gid: gid, modificationTime: modificationTime)
  }

  func fingerprint(_ content: Fingerprint.Content) -> Fingerprint {
    Fingerprint(content: content, mode: mode, uid: uid, gid: gid)
  }
}
