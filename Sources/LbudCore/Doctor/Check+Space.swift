/// What tells how many more commits the media takes.
package struct SpaceFacts: Equatable, Sendable {
  package var path: String
  /// Bytes that lbud may write.
  package var free: UInt64
  /// What a file takes at least, in bytes.
  package var block: UInt64
  /// How many more files; nil where they are not counted.
  package var files: UInt64?
  /// Bytes of the current snapshot; where there is none, what one has at most.
  package var snapshot: UInt64
  /// Whether there is a current snapshot, which then becomes an old one.
  package var hasCurrent: Bool
  /// Bytes of this box's old snapshots, oldest first.
  package var olds: [UInt64]
  /// How many of them stay.
  package var limit: Int
  /// Whether the old one is copied, where there are no links.
  package var copies: Bool

  package init(
    path: String, free: UInt64, block: UInt64, files: UInt64? = nil, snapshot: UInt64, hasCurrent: Bool = true,
    olds: [UInt64] = [], limit: Int = 3, copies: Bool = false
  ) {
    self.path = path
    self.free = free
    self.block = block
    self.files = files
    self.snapshot = snapshot
    self.hasCurrent = hasCurrent
    self.olds = olds
    self.limit = limit
    self.copies = copies
  }

  /// A commit that there is no room for.
  struct Shortage: Equatable {
    var number: Int
    var needs: UInt64
    var free: UInt64
  }

  /// Plays the next commits, each as large as the snapshot is now.
  func shortage(within commits: Int) -> Shortage? {
    var (free, olds, hasCurrent) = (free, olds, hasCurrent)
    for number in 1...commits {
      let needs = SpaceNeed(files: [snapshot] + (copies && hasCurrent ? [snapshot] : [])).bytes(block: block)
      // What would go afterwards anyway goes before, if that helps (`Publisher.makeRoom`).
      while needs > free, olds.count > max(1, limit - 1) { free = sum(free, olds.removeFirst()) }
      guard needs <= free else { return Shortage(number: number, needs: needs, free: free) }
      free -= min(free, rounded(snapshot))
      if hasCurrent { olds.append(snapshot) }
      hasCurrent = true
      while olds.count > limit { free = sum(free, olds.removeFirst()) }
    }
    return nil
  }

  private func sum(_ free: UInt64, _ size: UInt64) -> UInt64 {
    let (sum, overflow) = free.addingReportingOverflow(size / max(1, block) * max(1, block))
    return overflow ? .max : sum
  }

  private func rounded(_ size: UInt64) -> UInt64 {
    let block = max(1, block)
    let (sum, overflow) = size.addingReportingOverflow(block - 1)
    return overflow ? .max : sum / block * block
  }
}

extension Check {
  /// A temporary file, a link, and their directory.
  private static let filesOfCommit: UInt64 = 4

  /// Whether the next two commits find room: one that fails leaves all that comes after it unsaved.
  package static func space(_ facts: SpaceFacts) -> Check {
    if let files = facts.files, files < 2 * filesOfCommit {
      return failed(
        .space, "\(facts.path) takes only \(files) more files",
        remedy: "remove files that are not needed: df -i \(facts.path)")
    }
    guard let shortage = facts.shortage(within: 2) else {
      return ok(.space, "\(facts.path) has room for two more commits: \(SpaceNeed.shown(facts.free)) are free")
    }
    let needs = "which needs \(SpaceNeed.shown(shortage.needs)) where \(SpaceNeed.shown(shortage.free)) are free"
    return failed(
      .space,
      shortage.number == 1
        ? "\(facts.path) has no room for a commit, \(needs)"
        : "\(facts.path) has room for one more commit, and not for the one after it, \(needs)",
      remedy: SpaceNeed.remedy)
  }
}
