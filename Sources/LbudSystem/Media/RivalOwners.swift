import LbudArchive
import LbudCore
import Synchronization

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Tells this box's own overlays under other names from other boxes'.
///
/// An overlay is this box's if it has its name (with another suffix: encrypted, or left by lbu), a name that the box has
/// had since it was booted, or something that only this box has: its host name (unless every box starts with it), though
/// saved under another, or its keys.
final class RivalOwners: Sendable {
  private struct Known {
    var signature: FileStatus.Signature
    var isOwn: Bool
  }

  private let root: RootDirectory
  private let host: String
  private let run: RunFolder
  /// Reading an overlay takes long; the same one is read once.
  private let known = Mutex<[[UInt8]: Known]>([:])

  private static let file = "hosts"
  /// Another box's overlay may be anything; what is beyond is taken for another box's.
  private static let limits = SnapshotIndex.Limits(entries: 50_000, names: 8 << 20)
  private static let keys = Array("etc/ssh/ssh_host_".utf8)
  private static let hostName = BytePath("etc/hostname")
  /// What a box is called before somebody gives it a name.
  private static let commonNames: Set<String> = ["localhost", "alpine", "(none)", "localhost.localdomain"]

  init(root: RootDirectory, host: String) {
    self.root = root
    self.host = host
    run = RunFolder(root: root)
  }

  /// Remembers until the reboot that this box saves, or has saved, under its present name.
  func remember(_ say: (String) -> Void) {
    guard !Self.commonNames.contains(host) else { return }
    do {
      guard try !formerHosts().contains(Array(host.utf8)) else { return }
      try run.append(Array(host.utf8) + [UInt8(ascii: "\n")], to: Self.file)
    } catch {
      say("\(error): after a change of the host name the snapshot under the name of now may be taken for another box's")
    }
  }

  private func formerHosts() throws(FileError) -> Set<[UInt8]> {
    Set(try run.read(Self.file).split(separator: UInt8(ascii: "\n")).map(Array.init))
  }

  /// Whether the box has that name, or has had it since it was booted.
  func isNameOfThisBox(_ host: [UInt8]) -> Bool {
    // Where the names of before cannot be read, a person is asked.
    host.elementsEqual(self.host.utf8) || (try? formerHosts().contains(host)) ?? false
  }

  /// - Parameter name: in the media's top directory, one that the boot loader takes.
  /// - Throws: `FileError` where that cannot be told. An overlay that cannot be read is nobody's that is known.
  func isOwn(
    _ name: [UInt8], in top: borrowing Descriptor, path: String, _ decryption: Decryption
  ) throws(FileError) -> Bool {
    // What is no file is nothing that could be given another name.
    guard let parts = SnapshotName.parseBootable(name),
      let status = try top.status(of: name, path: BytePath(path)), status.kind == .file
    else { return false }
    if parts.host.elementsEqual(host.utf8) { return true }
    if try formerHosts().contains(parts.host) { return true }
    // With this box's password it may be opened: another one's box has another.
    guard parts.suffix.isEmpty || SnapshotName.cipher(of: name).map(SnapshotName.isOfKnownCipher) ?? false,
      decryption.canOpen(name)
    else { return false }
    let earlier = known.withLock { $0[name] }
    if let earlier, earlier.signature == status.signature { return earlier.isOwn }
    let isOwn = holdsWhatOnlyThisBoxHas(name, in: top, path: path + "/" + displayText(of: name), decryption)
    known.withLock { $0[name] = Known(signature: status.signature, isOwn: isOwn) }
    return isOwn
  }

  private func holdsWhatOnlyThisBoxHas(
    _ name: [UInt8], in top: borrowing Descriptor, path: String, _ decryption: Decryption
  ) -> Bool {
    guard let file = try? top.openFile(name, path: BytePath(path)),
      let plain = try? decryption.plain(file, named: name, path: path),
      let index = try? SnapshotStore.index(of: plain, path: path, limits: Self.limits)
    else { return false }
    return index.entries.contains { entry, fingerprint in
      guard (entry == Self.hostName && !Self.commonNames.contains(host)) || entry.bytes.starts(with: Self.keys),
        !entry.bytes.ends(with: Array(".pub".utf8)), case .file(let size, let digest?) = fingerprint.content, size > 0
      else { return false }
      return digest == digestNow(of: entry)
    }
  }

  private func digestNow(of path: BytePath) -> ContentDigest? {
    guard let parent = try? root.openWithoutLinks(path.parent) else { return nil }
    return (try? ContentReader().read(path.name, in: parent, path: path, packageKind: nil))?.digest
  }
}

extension [UInt8] {
  func ends(with suffix: [UInt8]) -> Bool { count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix) }
}
