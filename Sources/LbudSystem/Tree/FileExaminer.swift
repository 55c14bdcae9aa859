import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Finds out whether a snapshot holds a file, and tells the journal.
struct FileExaminer {
  let selection: Selection
  /// Of the directory the file is in.
  let scope: Scope
  /// Whether a `+` line of lbu.list names the file itself.
  let isIncluded: Bool
  let look: OverlayTree.Look
  /// The file stamp clock before the status was taken.
  let stamp: FileTime

  /// - Returns: what is now known of the file; nil where the rules do not reach it.
  /// - Throws: `FileError` where it cannot be read; what is known then stays as it was.
  func examine(
    _ name: [UInt8], _ path: BytePath, _ directory: borrowing Descriptor, _ status: FileStatus, known: KnownFile?,
    _ journal: inout Journal, _ now: Instant
  ) throws(FileError) -> KnownFile? {
    let unchanged = known.map { look.trustsSignatures && $0.isSettled && $0.signature == status.signature } ?? false
    if unchanged, !look.retells { return known }

    var content = Content(status: status, known: unchanged ? known : nil, isSettled: status.changed < stamp)
    let reason: Reason?
    switch selection.verdict(file: name, at: path, kind: status.kind, in: scope) {
    case .leftOut:
      guard isIncluded else {
        journal.observe(path, nil, at: now)
        return nil
      }
      reason = .included
    case .selected(let why): reason = why
    case .compare(let record):
      reason = try compare(record, name, path, directory, &content) ?? (isIncluded ? .included : nil)
    }
    let fingerprint = try fingerprint(name, path, directory, &content, isSelected: reason != nil, journal)
    // A socket is listed as lbu lists it, but no archive holds one: it is never unsaved.
    journal.observe(path, reason == nil || fingerprint.kind == .socket ? nil : fingerprint, at: now)
    return KnownFile(
      signature: content.status.signature, fingerprint: fingerprint, reason: reason, isSettled: content.isSettled,
      isLinked: content.status.links > 1)
  }

  /// What has been read of the file so far.
  private struct Content {
    var status: FileStatus
    var digest: ContentDigest?
    var isSettled: Bool

    init(status: FileStatus, known: KnownFile?, isSettled: Bool) {
      self.status = status
      self.isSettled = known?.isSettled ?? isSettled
      if case .file(_, let digest)? = known?.fingerprint.content { self.digest = digest }
    }
  }

  private func compare(
    _ record: InstalledDatabase.FileRecord, _ name: [UInt8], _ path: BytePath, _ directory: borrowing Descriptor,
    _ content: inout Content
  ) throws(FileError) -> Reason? {
    var digest: PackageDigest?
    if let expected = record.digest {
      switch content.status.kind {
      case .file: digest = try packageDigest(expected.kind, name, path, directory, &content)
      case .symlink:
        digest = ContentReader.digest(ofTarget: try directory.target(of: name, path: path), kind: expected.kind)
      case .directory, .fifo, .characterDevice, .blockDevice, .socket: break
      }
    }
    var attributes = record.attributes
    if content.status.kind == .file, !record.ignoresAttributes {
      attributes = try ExtendedAttributes.digest(
        of: name, in: directory, path: path, length: record.attributes.bytes.count)
    }
    return record.reason(
      kind: content.status.kind, digest: digest, attributes: attributes, permissions: content.status.permissions)
  }

  private func packageDigest(
    _ kind: PackageDigest.Kind, _ name: [UInt8], _ path: BytePath, _ directory: borrowing Descriptor,
    _ content: inout Content
  ) throws(FileError) -> PackageDigest? {
    if let digest = content.digest, kind == .sha256Cut {
      return PackageDigest(kind: kind, bytes: Array(digest.bytes.prefix(20)))
    }
    return try read(name, path, directory, &content, packageKind: kind)
  }

  private func fingerprint(
    _ name: [UInt8], _ path: BytePath, _ directory: borrowing Descriptor, _ content: inout Content, isSelected: Bool,
    _ journal: Journal
  ) throws(FileError) -> Fingerprint {
    let status = content.status
    let body: Fingerprint.Content
    switch status.kind {
    case .file:
      if isSelected, content.digest == nil, journal.needsDigest(path, size: status.size) {
        _ = try read(name, path, directory, &content, packageKind: nil)
      }
      body = .file(size: content.status.size, digest: content.digest)
    case .symlink: body = .symlink(target: try directory.target(of: name, path: path))
    case .directory: body = .directory
    case .fifo: body = .fifo
    case .characterDevice: body = .characterDevice(major: status.deviceMajor, minor: status.deviceMinor)
    case .blockDevice: body = .blockDevice(major: status.deviceMajor, minor: status.deviceMinor)
    case .socket: body = .socket
    }
    return Fingerprint(content: body, mode: content.status.mode, uid: content.status.uid, gid: content.status.gid)
  }

  private func read(
    _ name: [UInt8], _ path: BytePath, _ directory: borrowing Descriptor, _ content: inout Content,
    packageKind: PackageDigest.Kind?
  ) throws(FileError) -> PackageDigest? {
    guard let read = try ContentReader().read(name, in: directory, path: path, packageKind: packageKind) else {
      // Gone or replaced since: the event of that brings another look.
      content.isSettled = false
      return nil
    }
    content.status = read.status
    content.digest = read.digest
    content.isSettled = read.isSettled
    return read.packageDigest
  }
}
