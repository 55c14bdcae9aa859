import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Other overlays on the media that the boot loader takes, sorted by what a commit does about them.
struct Rivals {
  /// This box's own: they get dated names.
  var own: [[UInt8]] = []
  /// Other boxes', to be removed.
  var foreign: [[UInt8]] = []
  /// Other boxes' that stay: then what is saved does not become the one that boots.
  var staying: [[UInt8]] = []

  /// - Throws: `StoreError` where a foreign one is a reason to save nothing; `FileError`.
  static func find(_ store: SnapshotStore, in top: borrowing Descriptor, _ foreign: ForeignOverlays) throws -> Rivals {
    var rivals = Rivals()
    for name in try store.bootable(in: top) {
      if try store.owners.isOwn(name, in: top, path: store.path, store.decryption) {
        rivals.own.append(name)
      } else {
        rivals.foreign.append(name)
      }
    }
    guard !rivals.foreign.isEmpty else { return rivals }
    switch foreign {
    case .refuse: throw StoreError.rivals(store.path, rivals.foreign.map { displayText(of: $0) })
    case .remove: break
    case .saveAside: swap(&rivals.foreign, &rivals.staying)
    }
    return rivals
  }
}

extension Publisher {
  /// Gives this box's overlays under other names a dated one each, of the host that they are named after, before the new
  /// snapshot takes its place. Their own names go when it is safe: no two names can be replaced at once, and one that is
  /// there too often boots an older state, one too few none.
  /// - Returns: the dated names by their own.
  func retireOwn() throws -> [[UInt8]: String] {
    var dated: [[UInt8]: String] = [:]
    for name in rivals.own {
      let path = store.path + "/" + displayText(of: name)
      let file = try top.openFile(name, path: BytePath(path))
      let status = try file.status(path: path)
      dated[name] = try giveDatedName(
        to: file, status, named: name, host: Self.datedHost(of: name, or: store.host),
        suffix: Self.datedSuffix(of: name))
    }
    if !dated.isEmpty { try flushDevice() }
    return dated
  }

  /// Under the name of its former host it is no old snapshot that this host's limit counts.
  private static func datedHost(of name: [UInt8], or host: String) -> String {
    SnapshotName.parseBootable(name).flatMap { String(validating: $0.host, as: UTF8.self) } ?? host
  }

  /// What stands behind `.tar.gz` in the dated name: with a dot, so that it is known for an old snapshot.
  private static func datedSuffix(of name: [UInt8]) -> String {
    let suffix = String(decoding: SnapshotName.parseBootable(name)?.suffix ?? [], as: UTF8.self)
    return suffix.isEmpty || suffix.hasPrefix(".") ? suffix : "." + suffix
  }

  /// Removes the other overlays, now that the new one is safe; each is held open until its name is gone from the medium,
  /// for the reason that `prune` has.
  /// - Parameter retired: the dated names of this box's own. Where the own name stays, that one is one too many.
  /// - Returns: why one is still there.
  func removeRivals(_ retired: [[UInt8]: String]) -> (any Error)? {
    var held: [SharedDescriptor] = []
    defer { withExtendedLifetime(held) {} }
    var failure: (any Error)?
    do {
      guard !rivals.own.isEmpty || !rivals.foreign.isEmpty else { return nil }
      let links = try linkForeign()
      for name in rivals.own + rivals.foreign {
        do {
          try removeRival(name, &held)
        } catch {
          failure = failure ?? error
          if let dated = retired[name] { _ = remove(old: Array(dated.utf8)) }
        }
      }
      try top.synchronize(path: store.path)
      try flushDevice()
      for link in links { unlinkat(folder.raw, link, 0) }
    } catch {
      failure = failure ?? error
    }
    return failure
  }

  private func removeRival(_ name: [UInt8], _ held: inout [SharedDescriptor]) throws {
    let path = store.path + "/" + displayText(of: name)
    guard owners.partners(of: displayText(of: name)).isEmpty else {
      // Those that share the current file's place are gone by now.
      if try top.status(of: name, path: BytePath(path)) == nil { return }
      throw SharedPlace(path: path)
    }
    if let file = SharedDescriptor.opening(name, in: top.raw) { held.append(file) }
    if unlinkat(top.raw, cString(name), 0) != 0, errno != ENOENT { throw FileError("remove", path) }
  }

  /// Without a journal ext4 may write that a file has no name left before the name itself is gone, which is then one that
  /// the boot loader takes and cannot read (contrib/crashtest saw it). With a second name there is no such moment: what
  /// is left of that after a power cut is a temporary file.
  /// - Returns: the second names, in `LBUD/`; none where the file system has no links.
  private func linkForeign() throws(FileError) -> [String] {
    var links: [String] = []
    for name in rivals.foreign where store.mayLink && !ClusterOwners.isFAT(top) {
      for _ in 0..<64 {
        let link = "NEW." + MediaFolder.randomSuffix()
        if linkat(top.raw, cString(name), folder.raw, link, 0) == 0 {
          links.append(link)
          break
        }
        // What cannot be linked is removed as it is.
        guard errno == EEXIST || errno == EINTR else { break }
      }
    }
    if !links.isEmpty {
      try folder.synchronize(path: folderPath)
      try flushDevice()
    }
    return links
  }

  private struct SharedPlace: Error, CustomStringConvertible {
    var path: String
    var description: String {
      "\(path) has its place on the medium in common with another file: unmount the medium and check it: fsck"
    }
  }
}
