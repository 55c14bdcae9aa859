import LbudCore

/// Keeps of the members that pass, in their order, those that were asked for.
struct ContentCollector {
  private let paths: Set<BytePath>
  /// Wanted too, with all that is below it.
  private let directory: BytePath?
  private let contentsOf: Set<BytePath>
  private let limits: SnapshotContents.Limits
  /// What was asked for, and the hard links to it.
  private(set) var known: [BytePath: SnapshotContents.Entry] = [:]
  /// For each hard link to a file that was not asked for, that file.
  private var origins: [BytePath: BytePath] = [:]
  /// The hard links asked for whose file passed unseen, with where they stand.
  private(set) var missingTargets: [BytePath: (target: BytePath, position: UInt64)] = [:]
  private var kept: UInt64 = 0
  private let counts: SnapshotIndex.Limits
  private var count: MemberCount

  init(
    paths: Set<BytePath>, inside directory: BytePath?, contentsOf: Set<BytePath>, limits: SnapshotContents.Limits,
    counts: SnapshotIndex.Limits
  ) {
    self.paths = paths
    self.directory = directory
    self.counts = counts
    count = MemberCount(limits: counts)
    self.contentsOf = contentsOf
    self.limits = limits
  }

  /// For another pass, which also keeps the files that this one found to be missing.
  func again() -> ContentCollector {
    let targets = missingTargets.values.map(\.target)
    let withContent = missingTargets.filter { contentsOf.contains($0.key) }.values.map(\.target)
    return ContentCollector(
      paths: paths.union(targets), inside: directory, contentsOf: contentsOf.union(withContent), limits: limits,
      counts: counts)
  }

  /// - Throws: `ArchiveError.badEntry` where a hard link's file is still missing.
  func expectAllTargets() throws {
    for (path, (target, position)) in missingTargets { throw Self.badLink(path, to: target, at: position) }
  }

  /// - Parameter content: called for a file's content, with its size, which is within the limits.
  /// Whether it was asked for, by itself or with its directory.
  func wants(_ path: BytePath) -> Bool { paths.contains(path) || directory.map(path.isInside) ?? false }

  /// - Throws: `ArchiveError.badEntry` for a hard link to a directory, as `SnapshotIndex` for what is too much, and whatever
  ///   `content` throws.
  mutating func add(_ member: Member, at position: UInt64, content: (UInt64) throws -> [UInt8]) throws {
    let path = member.path
    try count.add(member)
    if case .hardLink(let target) = member.body { return try link(path, to: target, at: position) }
    forget(path)
    guard wants(path) else { return }
    var entry = SnapshotContents.Entry(
      fingerprint: Fingerprint(
        content: member.content(digest: nil), mode: member.mode, uid: member.uid, gid: member.gid),
      modificationTime: member.modificationTime)
    if case .file(let size) = member.body, contentsOf.contains(path), size <= limits.file, size <= limits.total - kept {
      entry.content = try content(size)
      kept += size
    }
    known[path] = entry
  }

  private mutating func link(_ path: BytePath, to target: BytePath, at position: UInt64) throws {
    // A name that is a link to itself stays what it is.
    guard path != target else { return }
    let entry = known[target]
    if entry?.fingerprint.content == .directory { throw Self.badLink(path, to: target, at: position) }
    let origin = origins[target] ?? target
    forget(path)
    known[path] = entry
    guard entry == nil else { return }
    origins[path] = origin
    if wants(path) { missingTargets[path] = (origin, position) }
  }

  /// Another entry of the same name takes its place.
  private mutating func forget(_ path: BytePath) {
    // What a hard link still shares is counted no more: a limit on memory need not be exact.
    if let old = known.removeValue(forKey: path), let content = old.content {
      kept -= min(kept, UInt64(content.count))
    }
    origins[path] = nil
    missingTargets[path] = nil
  }

  private static func badLink(_ path: BytePath, to target: BytePath, at position: UInt64) -> ArchiveError {
    .badEntry(path: path, reason: "a hard link to \(target.display), which is no earlier file,", at: position)
  }
}
