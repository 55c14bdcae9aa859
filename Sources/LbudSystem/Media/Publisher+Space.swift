import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Whether there is room for a snapshot, before anything of it is written.
extension Publisher {
  /// Makes room where that helps: old snapshots beyond the limit go before the new one comes, not after.
  /// - Parameters:
  ///   - bound: bytes that the archive has at most.
  ///   - isAside: whether the current file stays as it is, so that no copy of it is made.
  ///   - measure: how many bytes it has exactly; asked only where the bound does not fit.
  /// - Throws: `StoreError` where there is not room enough, with what is needed and what is free; nothing was removed
  ///   then. `FileError`.
  func makeRoom(bound: UInt64, isAside: Bool, measure: () throws -> UInt64) throws {
    let copies = isAside ? [] : try sizesOfCopies() + sizesToGoBack(bound)
    var free = try Space.free(top, path: store.path)
    // The temporary file, a link or a copy of each old one, the directories.
    if let files = free.files, files < UInt64(copies.count) + 4 {
      guard pruneForFiles(), let now = try Space.free(top, path: store.path).files, now >= UInt64(copies.count) + 4
      else {
        throw StoreError.noFilesLeft(store.path)
      }
    }
    let limit = Space.largestFile
    var size = bound
    if SpaceNeed(files: copies + [size]).bytes(block: free.block) > free.bytes || size > limit ?? .max {
      size = try measure()
    }
    if let limit, size > limit { throw StoreError.fileTooLarge(store.path, needs: size, limit: limit) }
    let needs = SpaceNeed(files: copies + [size]).bytes(block: free.block)
    guard needs > free.bytes else { return }
    for name in try Retention.toMakeRoom(removable(), missing: needs - free.bytes, block: free.block)
    where remove(old: name) {
      madeRoom.append(displayText(of: name))
    }
    free = try Space.free(top, path: store.path)
    guard needs <= free.bytes else { throw StoreError.full(store.path, needs: needs, free: free.bytes) }
  }

  /// What going back takes where nobody confirms the snapshot: a copy of the one before, and where there are no links one
  /// of this one.
  private func sizesToGoBack(_ bound: UInt64) throws(FileError) -> [UInt64] {
    guard wanted != nil else { return [] }
    let current = try top.status(of: Array(store.currentName.utf8), path: BytePath(store.currentPath))?.size ?? 0
    return ClusterOwners.isFAT(top) || !store.mayLink ? [current, bound] : [current]
  }

  /// Makes room for a snapshot that did not fit though it should have.
  /// - Returns: whether anything was removed.
  func makeAnyRoom() throws -> Bool {
    let gone = try removable().map(\.name).filter { remove(old: $0) }
    madeRoom += gone.map { displayText(of: $0) }
    return !gone.isEmpty
  }

  /// They had to go before the new snapshot was safe, which a larger medium would have spared them.
  var roomNotes: [String] {
    guard !madeRoom.isEmpty else { return [] }
    let names = madeRoom.map { SnapshotStore.subdirectory + "/" + $0 }.joined(separator: ", ")
    return ["\(store.path) was too full for another snapshot: removed before it was made: \(names)"]
  }

  private func pruneForFiles() -> Bool { (try? makeAnyRoom()) ?? false }

  /// Where the file system has no links, the old current file and this box's other ones are copied.
  func sizesOfCopies() throws(FileError) -> [UInt64] {
    guard ClusterOwners.isFAT(top) || !store.mayLink || !owners.partners(of: store.currentName).isEmpty else {
      return []
    }
    var sizes: [UInt64] = []
    for name in [Array(store.currentName.utf8)] + rivals.own {
      if let status = try top.status(of: name, path: BytePath(store.path)) { sizes.append(status.size) }
    }
    return sizes
  }

  /// Old snapshots that may go before the new one comes, oldest first: those that go when the current one is an old one,
  /// but never the newest whole one.
  private func removable() throws(FileError) -> [(name: [UInt8], size: UInt64)] {
    let current = try top.status(of: Array(store.currentName.utf8), path: BytePath(store.currentPath))
    let decisions = try guardedStore.decisions(on: oldNames(), afterCommitOver: current?.modificationTime)
    let beyond = decisions.dropFirst().filter { !$0.isKept }.map(\.name)
    var isOneSafe = decisions.contains { !beyond.contains($0.name) && isWhole($0.name) }
    var removable: [(name: [UInt8], size: UInt64)] = []
    // What was saved beside another box's overlay is not a copy of anything.
    let aside = (try? store.newestAside(top)).flatMap(\.self).map {
      Array($0.name.dropFirst(SnapshotStore.subdirectory.utf8.count + 1))
    }
    for name in beyond where name != aside {
      if !isOneSafe, isWhole(name) {
        isOneSafe = true
        continue
      }
      var status = try folder.status(of: name, path: BytePath(folderPath))
      if status == nil { status = try top.status(of: name, path: BytePath(store.path)) }
      removable.append((name, status?.size ?? 0))
    }
    return removable.reversed()
  }

  private func isWhole(_ name: [UInt8]) -> Bool {
    let path = BytePath(folderPath)
    let shown = displayText(of: name)
    guard let file = (try? folder.openFile(name, path: path)) ?? (try? top.openFile(name, path: path)),
      let plain = try? store.decryption.plain(file, named: name, path: shown)
    else { return false }
    return (try? SnapshotStore.index(of: plain, path: shown)) != nil
  }
}
