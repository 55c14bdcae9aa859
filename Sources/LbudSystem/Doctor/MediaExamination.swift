import CLbud
import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What the media holds, read anew and to the end of what boots, for who wants to know whether it would come back.
package struct MediaExamination: Sendable {
  package struct Number: Hashable, Sendable {
    let major: UInt32
    let minor: UInt32

    init(_ number: (major: UInt32, minor: UInt32)) { (major, minor) = (number.major, number.minor) }
  }

  package var facts: MediaFacts
  /// Of the device that it is on, where it is the top directory of that.
  package var device: Number?
  package var uncleanliness: Problem?
  package var overlays: [BootOverlay]
  package var saved: SavedFacts
  /// The name of the snapshot that was read.
  package var savedName: [UInt8]?
  /// What that holds; nil where it could not be read.
  package var entries: SavedEntries?
  /// The content of those files of /etc that were asked for and that it holds.
  package var files: [BytePath: [UInt8]] = [:]
  package var space: SpaceFacts
  package var newest: (name: String, time: Int64)?
  /// What is mounted there, and whether it is what fstab names for it.
  package var mounted: [UInt8]?
  package var isNamedDevice: Bool?
  /// Whether the device of `apkovl=` on the kernel's command line is the media's.
  package var parameterIsMedia: Bool?
  /// The current file's path on its file system.
  package var current: BytePath
}

extension SnapshotStore {
  /// Looks at the media as the next boot will, mounted for that if they must be; nothing is changed. It reads all of a
  /// snapshot: for a thread of its own.
  /// - Parameters:
  ///   - files: whose content is wanted.
  ///   - bound: bytes that a snapshot has at most, where there is none to go by.
  ///   - parameter: of the kernel's command line.
  /// - Throws: `StoreError` where the media cannot be read at all.
  package func examine(
    files: Set<BytePath>, bound: UInt64, parameter: BootParameter?, say: @escaping (String) -> Void
  ) throws(StoreError) -> MediaExamination {
    try explaining("\(path) cannot be looked at", hint: "see the log of lbud") {
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) {
        try examineMounted(files, bound, parameter)
      }
    }
  }

  private func examineMounted(
    _ files: Set<BytePath>, _ bound: UInt64, _ parameter: BootParameter?
  ) throws -> MediaExamination {
    let top = try mount.open()
    let surroundings = Surroundings(of: top, store: self)
    let olds = try dated()
    var overlays: [BootOverlay] = []
    for name in try LoaderProbe.overlays(in: top, path) {
      let isCurrent = name.elementsEqual(currentName.utf8)
      let isOwn = try isCurrent || owners.isOwn(name, in: top, path: path, decryption)
      overlays.append(
        BootOverlay(place: path, name: name, owner: isCurrent ? .current : isOwn ? .own : .other, isOnMedia: true))
    }
    var examination = MediaExamination(
      facts: surroundings.facts, device: surroundings.device, uncleanliness: mount.uncleanliness(), overlays: overlays,
      saved: .none, space: try space(top, olds.map(\.snapshot), bound: bound), current: surroundings.current)
    examination.mounted = surroundings.mount?.source
    examination.isNamedDevice = surroundings.isNamedDevice
    examination.parameterIsMedia = surroundings.isDevice(of: parameter)
    // Of several that could boot it is this box's own that is compared.
    let name = overlays.first { $0.owner == .current }?.name ?? (overlays.count == 1 ? overlays[0].name : nil)
    var recordedTime: Int64?
    if let name { recordedTime = try read(name, top, files, into: &examination) }
    examination.newest = newest(olds, recordedTime.map { (path + "/" + displayText(of: name ?? []), $0) })
    return examination
  }

  // MARK: The snapshot

  /// - Returns: when it was made, in seconds since 1970.
  private func read(
    _ name: [UInt8], _ top: borrowing Descriptor, _ files: Set<BytePath>, into examination: inout MediaExamination
  ) throws -> Int64? {
    let path = self.path + "/" + displayText(of: name)
    examination.savedName = name
    do {
      let file = try openIn(top, name, path)
      let status = try file.status(path: path)
      guard status.kind == .file else {
        throw FileError("read", path, code: status.kind == .directory ? EISDIR : EINVAL)
      }
      examination.space.snapshot = status.size
      let plain = try decryption.plain(file, named: name, path: path)
      let index = try Self.index(of: plain, path: path)
      let raw = plain.raw
      let contents = try SnapshotContents.read(
        fileSize: try Descriptor.size(raw, path: path), paths: files, contentsOf: files,
        limits: .init(file: 1 << 20, total: 1 << 22)
      ) { offset, buffer in try Descriptor.read(raw, at: offset, into: buffer, path: path) }
      withExtendedLifetime(plain) {}
      examination.entries = index.entries
      examination.files = contents.entries.compactMapValues(\.content)
      examination.saved = .whole(path: path, entries: index.entries.count)
      return index.record?.facts.time ?? status.modificationTime
    } catch let error as StoreError where error.isPasswordMissing {
      examination.saved = .sealed(path: path)
    } catch {
      let damage = Self.damage(path, self.path, error)
      examination.saved = .damaged(text: damage.description, remedy: damage.hint)
    }
    return nil
  }

  private static func damage(_ path: String, _ media: String, _ error: any Error) -> StoreError {
    switch error {
    case let error as StoreError: error
    case let error as FileError where error.code == ELOOP: .unusable(path, "a symlink")
    case let error as FileError where error.code == EISDIR: .unusable(path, "a directory")
    case let error as FileError: .from(error, media: media)
    default: .damaged(path, error)
    }
  }

  // MARK: What else is on it

  private func space(_ top: borrowing Descriptor, _ olds: [OldSnapshot], bound: UInt64) throws(FileError) -> SpaceFacts
  {
    let free = try Space.free(top, path: path)
    let current = try top.status(of: Array(currentName.utf8), path: BytePath(path))
    return SpaceFacts(
      path: path, free: free.bytes, block: free.block, files: free.files, snapshot: current?.size ?? bound,
      hasCurrent: current != nil, olds: olds.map(\.size), limit: kept(of: olds.map(\.name), current),
      copies: ClusterOwners.isFAT(top) || !mayLink)
  }

  /// How many old ones stay after the next commit.
  private func kept(of olds: [[UInt8]], _ current: FileStatus?) -> Int {
    switch retention {
    case .limit(let limit): limit
    case .everything: .max
    case .rules:
      decisions(on: olds, afterCommitOver: current?.modificationTime).count { $0.isKept }
        + (current == nil ? 0 : 1)
    }
  }

  /// This box's old snapshots, oldest first.
  private func dated() throws -> [(snapshot: OldSnapshot, date: [UInt8])] {
    try oldsMounted().compactMap { old in
      SnapshotName.parseDated(old.name).flatMap { $0.host.elementsEqual(host.utf8) ? (old, $0.date) : nil }
    }
    .sorted { $0.date.lexicographicallyPrecedes($1.date) }
  }

  private func newest(
    _ olds: [(snapshot: OldSnapshot, date: [UInt8])], _ current: (name: String, time: Int64)?
  ) -> (name: String, time: Int64)? {
    let old = olds.last.flatMap { old in
      SnapshotName.time(ofDate: old.date).map { (path + "/" + displayText(of: old.snapshot.relativeName), $0) }
    }
    return [current, old].compactMap(\.self).max { $0.time < $1.time }
  }
}
