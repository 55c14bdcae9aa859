import LbudCore

/// Turns members, in their order, into fingerprints.
struct IndexBuilder {
  private(set) var entries: [BytePath: Fingerprint] = [:]
  private var count: MemberCount

  init(limits: SnapshotIndex.Limits) {
    count = MemberCount(limits: limits)
  }

  /// - Parameter position: where the tar reader is, for errors.
  /// - Throws: `ArchiveError.tooManyEntries`, `.namesTooLong`, `.badEntry` for a hard link to nothing or to a directory, and
  ///   whatever `digest` throws, which is called for files only.
  mutating func add(_ member: Member, at position: UInt64, digest: () throws -> ContentDigest) throws {
    try count.add(member)
    switch member.body {
    case .hardLink(let target): entries[member.path] = try linked(member, to: target, at: position)
    case .file: entries[member.path] = fingerprint(member, digest: try digest())
    default: entries[member.path] = fingerprint(member, digest: nil)
    }
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
