import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What a power cut in the middle of a rename leaves: a second name of the current file, of which that does not know.
extension Publisher {
  /// Removes the other names of what was the current file, while that is still held open and what it is made of is nobody
  /// else's: the new current file has another place. vfat frees the clusters once for each name and complains at the second
  /// time, which may turn the file system read-only (facts, section 5): then it is made writable again.
  func removeCurrentsPartners() throws {
    let partners = owners.partners(of: store.currentName)
    guard !partners.isEmpty else { return }
    do {
      var held: [SharedDescriptor] = []
      for partner in partners {
        say("\(store.path)/\(partner) shared the place of the snapshot before: it is removed")
        let name = Array(partner.utf8)
        if let file = SharedDescriptor.opening(name, in: top.raw) { held.append(file) }
        if unlinkat(top.raw, cString(name), 0) != 0, errno != ENOENT {
          throw FileError("remove", store.path + "/" + partner)
        }
      }
      if let stage = try? MediaFolder.open(SnapshotStore.stage, in: folder, folderPath) {
        try stage.descriptor.synchronize(path: stage.path)
      }
      try folder.synchronize(path: folderPath)
      try top.synchronize(path: store.path)
      try flushDevice()
      withExtendedLifetime(held) {}
    } catch let error as FileError {
      throw StoreError.unsettled(store.currentPath, error)
    }
    try makeWritableAgain()
  }

  private func makeWritableAgain() throws {
    guard case .mounted(let mount) = try store.mount.standing(), mount.isReadOnly else { return }
    try mount.setReadOnly(mount: false, superblock: false)
    say("\(store.path) was turned read-only by the file system, and made writable again")
  }
}
