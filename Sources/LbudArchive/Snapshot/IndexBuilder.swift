import LbudCore

/// Turns members, in their order, into fingerprints.
struct IndexBuilder {
  private var entries = SavedEntriesBuilder()
  private var count: MemberCount
  /// Where in the tar spans begin that have not been reached yet; the last one is that of the tar's end.
  private var starts: ArraySlice<UInt64> = []

  /// - Parameter spans: those of the snapshot, as its record says; none where it does not.
  init(limits: SnapshotIndex.Limits, spans: [SnapshotRecord.Span]) {
    count = MemberCount(limits: limits)
    guard spans.allSatisfy({ $0.proof != nil }), spans.count > 1 else {
      entries.misalign()
      return
    }
    var start: UInt64 = 0
    starts = spans.map { span in
      defer { start = start.addingReportingOverflow(span.tarSize).partialValue }
      return start
    }.dropFirst()
  }

  /// - Parameters:
  ///   - start: where in the tar the entry begins.
  ///   - position: where the tar reader is, for errors.
  /// - Throws: `ArchiveError.tooManyEntries`, `.namesTooLong`, `.badEntry` for a hard link to nothing or to a directory, and
  ///   whatever `digest` throws, which is called for files only.
  mutating func add(
    _ member: Member, from start: UInt64, at position: UInt64, digest: () throws -> ContentDigest
  ) throws {
    try count.add(member)
    if let border = starts.first, start >= border {
      // An entry that is in two spans can be copied with neither.
      if start == border { entries.endSpan() } else { entries.misalign() }
      starts = starts.dropFirst()
    }
    switch member.body {
    case .hardLink(let target): add(member, try linked(member, to: target, at: position))
    case .file: add(member, fingerprint(member, digest: try digest()))
    default: add(member, fingerprint(member, digest: nil))
    }
  }

  consuming func finish() -> SavedEntries {
    // What is left is where the tar's end begins.
    if starts.count == 1 { entries.endSpan() } else { entries.misalign() }
    return entries.finish()
  }

  private mutating func add(_ member: Member, _ fingerprint: Fingerprint) {
    var isLinked = false
    if case .hardLink(let target) = member.body {
      isLinked = true
      entries.link(to: target)
    }
    entries.add(member.path, fingerprint, modificationTime: member.modificationTime, isLinked: isLinked)
  }

  private func fingerprint(_ member: Member, digest: ContentDigest?) -> Fingerprint {
    Fingerprint(content: member.content(digest: digest), mode: member.mode, uid: member.uid, gid: member.gid)
  }

  /// Both names are one file once unpacked, so mode and owner are those of the file, whatever the link's header says.
  private func linked(_ member: Member, to target: BytePath, at position: UInt64) throws -> Fingerprint {
    guard let fingerprint = entries[target], fingerprint.content != .directory else {
      throw ArchiveError.badEntry(
        path: member.path, reason: "a hard link to \(target.display), which is no earlier file,", at: position)
    }
    return fingerprint
  }
}

/// Counts what passes, so that no archive takes more memory than there is.
struct MemberCount {
  private let limits: SnapshotIndex.Limits
  private var memberCount = 0
  private var nameBytes = 0

  init(limits: SnapshotIndex.Limits) {
    self.limits = limits
  }

  /// - Throws: `ArchiveError.tooManyEntries`, `.namesTooLong`.
  mutating func add(_ member: Member) throws {
    memberCount += 1
    guard memberCount <= limits.entries else { throw ArchiveError.tooManyEntries(limit: limits.entries) }
    nameBytes += member.path.bytes.count
    if case .symlink(let target) = member.body { nameBytes += target.count }
    guard nameBytes <= limits.names else { throw ArchiveError.namesTooLong(limit: limits.names) }
  }
}
