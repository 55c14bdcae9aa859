import LbudCore

/// Telling a journal everything anew.
extension OverlayTree {
  /// Tells the journal everything anew, since its baseline was replaced.
  ///
  /// What is known is what the last `update` has found: of that nothing is listed again. Looked at are contents that nobody
  /// needed before, and what no event would have told of.
  package func retell(_ journal: inout Journal, at now: Instant) throws {
    if !hasLooked {
      try lookAtAll(.retelling, &journal, now)
      guard journal.expectsBaseline else { return }
    }
    learnDigests(for: journal)
    // With its baseline it is told all again.
    if journal.expectsBaseline { return }
    var uncertain: [(WatchedDirectory, [[UInt8]])] = []
    top.forEach { directory in
      let names = retell(directory, &journal, now)
      if !names.isEmpty { uncertain.append((directory, names)) }
    }
    for (directory, names) in uncertain where directory.isAttached {
      try look(atNames: names, in: directory, .retelling, &journal, now)
    }
    try finishLooking(&journal, now, included: .retelling)
    try watchControls()
  }

  /// - Returns: the names that are to be looked at.
  private func retell(_ directory: WatchedDirectory, _ journal: inout Journal, _ now: Instant) -> [[UInt8]] {
    let path = directory.path
    if directory.parent != nil {
      journal.observe(path, directory.reason == nil ? nil : directory.fingerprint, at: now)
    }
    if isUnseen(directory, path) { pendingScans.append((directory, .shallowRetelling)) }
    var uncertain: [[UInt8]] = []
    for (name, file) in directory.files {
      let entry = path.appending(name)
      if file.isSettled, unreadable.isEmpty || unreadable[entry] == nil, !needsDigest(file, entry, journal) {
        let isSaved = file.reason != nil && file.fingerprint.kind != .socket
        journal.observe(
          entry, isSaved ? file.fingerprint : nil, modified: file.signature.modified.seconds, at: now)
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

  /// As many files as are read at once; what was found of them is in memory until it is taken in.
  private static let batchSize = 4096

  /// Reads the files whose content the journal will ask for: all, where it expects a baseline.
  private func learnDigests(for journal: Journal) {
    var batch = DigestBatch()
    var places: [(directory: WatchedDirectory, indices: [Int])] = []
    func takeIn() {
      for (place, found) in zip(places, batch.read(root)) {
        for (index, found) in zip(place.indices, found) {
          guard let found else { continue }
          place.directory.files.learn(found.digest, at: index, as: found.signature)
        }
      }
      (batch, places) = (DigestBatch(), [])
    }
    top.forEach { directory in
      let path = directory.path
      guard !isUnseen(directory, path) else { return }
      var (indices, names): ([Int], [[UInt8]]) = ([], [])
      func flush() {
        guard !names.isEmpty else { return }
        batch.append(DigestBatch.Job(path: path, names: names))
        places.append((directory, indices))
        (indices, names) = ([], [])
        if batch.fileCount >= Self.batchSize { takeIn() }
      }
      for index in 0..<directory.files.count {
        let file = directory.files.file(at: index)
        let name = directory.files.name(at: index)
        guard file.isSettled, isUnread(file),
          journal.expectsBaseline || needsDigest(file, path.appending(name), journal)
        else { continue }
        indices.append(index)
        names.append(name)
        // A large directory is one for both threads.
        if names.count >= Self.batchSize / 8 { flush() }
      }
      flush()
    }
    takeIn()
  }
}

extension OverlayTree.Look {
  /// For directories without a watch.
  fileprivate static let shallowRetelling = OverlayTree.Look(trustsSignatures: true, retells: true, isDeep: false)
}
