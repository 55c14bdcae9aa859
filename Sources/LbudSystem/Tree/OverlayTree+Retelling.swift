import LbudCore

/// Telling a journal everything anew.
extension OverlayTree {
  /// Tells the journal everything anew, since its baseline was replaced.
  ///
  /// What is known is what the last `update` has found: of that nothing is listed again. Looked at are contents that nobody
  /// needed before, and what no event would have told of.
  package func retell(_ journal: inout Journal, at now: Instant) throws { _ = try retellAll(&journal, now) }

  /// Gives the journal another baseline, and tells it everything anew.
  package func retell(_ journal: inout Journal, against saved: SavedEntries, at now: Instant) throws {
    journal.changeBaseline(to: saved)
    let told = Result { try retellAll(&journal, now) }
    // As many as there are, each told once: then none is missing.
    if (try? told.get()) != saved.count {
      for path in missing(of: saved) { journal.observe(path, nil, at: now) }
    }
    _ = try told.get()
  }

  /// - Returns: how many paths the baseline has of those that are there, or fewer.
  private func retellAll(_ journal: inout Journal, _ now: Instant) throws -> Int {
    if !hasLooked {
      try lookAtAll(.retelling, &journal, now)
      guard journal.expectsBaseline else { return 0 }
    }
    learnDigests(for: journal)
    // With its baseline it is told all again.
    if journal.expectsBaseline { return 0 }
    var uncertain: [(WatchedDirectory, [[UInt8]])] = []
    var count = 0
    top.forEach { directory in
      let names = retell(directory, &journal, now, &count)
      if !names.isEmpty { uncertain.append((directory, names)) }
    }
    for (directory, names) in uncertain where directory.isAttached {
      try look(atNames: names, in: directory, .retelling, &journal, now)
    }
    try finishLooking(&journal, now, included: .retelling)
    try watchControls()
    return count
  }

  /// - Returns: the names that are to be looked at.
  private func retell(
    _ directory: WatchedDirectory, _ journal: inout Journal, _ now: Instant, _ count: inout Int
  ) -> [[UInt8]] {
    let path = directory.path
    if directory.parent != nil {
      let isHeld = directory.reason != nil
      if journal.observe(path, isHeld ? directory.fingerprint : nil, at: now), isHeld { count += 1 }
    }
    if isUnseen(directory, path) { pendingScans.append((directory, .shallowRetelling)) }
    var uncertain: [[UInt8]] = []
    for (name, file) in directory.files {
      let entry = path.appending(name)
      if file.isSettled, unreadable.isEmpty || unreadable[entry] == nil, !needsDigest(file, entry, journal) {
        let isSaved = file.reason != nil && file.fingerprint.kind != .socket
        let isInBaseline = journal.observe(
          entry, isSaved ? file.fingerprint : nil, modified: file.signature.modified.seconds, at: now)
        if isInBaseline, isSaved { count += 1 }
      } else {
        uncertain.append(name)
      }
    }
    return uncertain
  }

  /// Whether what happens in the directory may go unnoticed.
  private func isUnseen(_ directory: WatchedDirectory, _ path: BytePath) -> Bool {
    unwatched[ObjectIdentifier(directory)] != nil || (!unreadable.isEmpty && unreadable[path] != nil)
  }

  private func needsDigest(_ file: KnownFile, _ path: BytePath, _ journal: Journal) -> Bool {
    guard isUnread(file), case .file(let size, _) = file.fingerprint.content else { return false }
    return journal.needsDigest(path, size: size)
  }

  private func isUnread(_ file: KnownFile) -> Bool {
    guard file.reason != nil, case .file(_, nil) = file.fingerprint.content else { return false }
    return true
  }

  // MARK: Contents

  /// As many files as are given to be read before what was found of others is taken in: all that is in memory meanwhile.
  private static let mostAtOnce = 4096

  /// Reads the files whose content the journal will ask for: all, where it expects a baseline.
  private func learnDigests(for journal: Journal) {
    var places: [Int: (directory: WatchedDirectory, indices: [Int])] = [:]
    var (jobCount, pending) = (0, 0)
    func takeIn(_ found: DigestWork.Found) {
      guard let (directory, indices) = places.removeValue(forKey: found.number) else { return }
      pending -= indices.count
      for (index, digest) in zip(indices, found.digests) {
        if let digest { directory.files.learn(digest, at: index) }
      }
    }
    DigestWork.run(
      root,
      { work in
        top.forEach { directory in
          giveUnread(of: directory, for: journal) { path, indices, names, signatures in
            places[jobCount] = (directory, indices)
            work.give(DigestWork.Job(number: jobCount, path: path, names: names, signatures: signatures))
            jobCount += 1
            pending += indices.count
            while pending > Self.mostAtOnce, work.advance(takeIn) {}
          }
        }
      }, takeIn: takeIn)
  }

  /// Those files of a directory whose content nobody has needed yet, so many at a time that two threads share a large one.
  private func giveUnread(
    of directory: WatchedDirectory, for journal: Journal,
    _ give: (BytePath, [Int], [[UInt8]], [FileStatus.Signature]) -> Void
  ) {
    let path = directory.path
    guard !isUnseen(directory, path) else { return }
    var (indices, names, signatures): ([Int], [[UInt8]], [FileStatus.Signature]) = ([], [], [])
    for index in 0..<directory.files.count {
      let file = directory.files.file(at: index)
      guard file.isSettled, isUnread(file) else { continue }
      let name = directory.files.name(at: index)
      guard journal.expectsBaseline || needsDigest(file, path.appending(name), journal) else { continue }
      indices.append(index)
      names.append(name)
      signatures.append(file.signature)
      guard indices.count == Self.mostAtOnce / 8 else { continue }
      give(path, indices, names, signatures)
      (indices, names, signatures) = ([], [], [])
    }
    if !indices.isEmpty { give(path, indices, names, signatures) }
  }
}

extension OverlayTree.Look {
  /// For directories without a watch.
  fileprivate static let shallowRetelling = OverlayTree.Look(trustsSignatures: true, retells: true, isDeep: false)
}
