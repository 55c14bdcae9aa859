import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Finds out what `MediaSetup` decides about, and carries out what it has decided.
package struct MediaSetter {
  private let places: SetupPlaces
  private let devices: [DiskDevice]

  /// Looks at all block devices.
  package init(root: RootDirectory) {
    places = SetupPlaces(root: root)
    devices = DiskDevice.all()
  }

  // MARK: What there is

  /// - Throws: `SetupRefusal`, `StoreError` or `FileError`.
  package func look(_ choice: MediaChoice) throws -> MediaSetup {
    let text = try places.text(SetupPlaces.fstab)
    let table = FileSystemTable(parsing: text)
    var named: DiskDevice?
    if let specification = choice.specification { named = try device(specification, choice.text) }
    let name = choice.name(label: named?.label, places: named.map { places(of: $0, table) } ?? .init())
    let point = Array("/media/".utf8) + name
    let entry = table.entry(for: point)
    let device = try named.map { self.device($0, point) } ?? self.device(at: point, entry)
    var setup = MediaSetup(choice: choice, name: name, isDirectory: places.isDirectory(point), device: device)
    setup.entry = entry
    setup.otherDevice = otherDevice(entry, device)
    setup.table = text
    setup.configuration = try places.text(Settings.path)
    let settings = places.settings()
    setup.media = settings.media
    setup.backupDirectory = settings.backupDirectory
    return setup
  }

  /// The one device with that label or UUID.
  private func device(
    _ specification: FileSystemTable.Entry.Specification, _ text: [UInt8]
  ) throws(SetupRefusal) -> DiskDevice {
    let found = devices.filter { $0.matches(specification) }
    let shown = displayText(of: text)
    guard let first = found.first else {
      throw SetupRefusal(
        "there is no device with \(shown)", hint: "plug it in; lbuctl setup media lists those that are there")
    }
    guard found.count == 1 else {
      let names = found.map { displayText(of: $0.path) }.joined(separator: ", ")
      throw SetupRefusal(
        "\(found.count) devices have \(shown): \(names)",
        hint: "say which by its UUID=..; lbuctl setup media lists them; with the same UUID pull one")
    }
    return first
  }

  private func places(of device: DiskDevice, _ table: FileSystemTable) -> MediaChoice.Places {
    var result = MediaChoice.Places()
    for entry in table.entries {
      guard let name = MediaCandidate.name(inMedia: entry.point) else { continue }
      if device.matches(entry.specification) {
        result.inTable = result.inTable ?? name
      } else {
        result.taken.insert(name)
      }
    }
    let mounts = device.mounts(in: places.mounts)
    result.mounted = mounts.compactMap { MediaCandidate.name(inMedia: places.inside($0.point)) }.first
    result.present = Set(places.names(in: BootPlaces.mediaPath))
    for name in result.present {
      let path = BootPlaces.mediaPath.appending(name)
      let mount = places.mount(at: path.bytes)
      if mount.map({ !mounts.contains($0) }) ?? !places.names(in: path).isEmpty { result.taken.insert(name) }
    }
    return result
  }

  private func device(_ device: DiskDevice, _ point: [UInt8]) -> MediaSetup.Device {
    let mounts = device.mounts(in: places.mounts)
    let points = mounts.map { places.inside($0.point) ?? $0.point }
    return MediaSetup.Device(
      path: device.path, type: device.type, uuid: device.uuid, isMounted: points.contains(point),
      elsewhere: points.first { $0 != point })
  }

  /// What is mounted at a point, or else what fstab has for it.
  private func device(at point: [UInt8], _ entry: FileSystemTable.Entry?) throws(StoreError) -> MediaSetup.Device? {
    if let mount = places.mount(at: point) {
      if let device = devices.first(where: { $0.mounts(in: places.mounts).contains(mount) }) {
        return self.device(device, point)
      }
      // Not a device of this system's /dev. Memory has no source worth a name.
      let isMemory = ["tmpfs", "ramfs"].contains(mount.type)
      return MediaSetup.Device(path: isMemory ? point : mount.source, type: mount.type, isMounted: true)
    }
    guard let entry else { return nil }
    let shown = displayText(of: point)
    let found = try MediaDevice.find(entry, media: shown)
    if let device = devices.first(where: { $0.path == found.name }) { return self.device(device, point) }
    // A link to a node, an image, or what only mount(8) finds.
    let identity = MediaDevice.identity(of: found.name)
    return MediaSetup.Device(
      path: found.name, type: identity?.type ?? (entry.type == "auto" ? nil : entry.type), uuid: identity?.uuid)
  }

  /// The device of a line, where it is not this one, or not there.
  private func otherDevice(_ entry: FileSystemTable.Entry?, _ device: MediaSetup.Device?) -> [UInt8]? {
    guard let entry, let device else { return nil }
    let known = devices.first { $0.path == device.path }
    switch entry.specification {
    case .other: return nil
    case .path(let path):
      if path == device.path || known?.matches(entry.specification) ?? false { return nil }
      return path
    case .label, .uuid:
      guard let known else { return nil }
      if known.matches(entry.specification) { return nil }
      return devices.first { $0.matches(entry.specification) }?.path ?? Array("not there".utf8)
    }
  }

  // MARK: Candidates

  /// Every file system that could be meant, usable or not, by the name of its device.
  package func candidates() -> [MediaCandidate] {
    let table = FileSystemTable(parsing: (try? places.text(SetupPlaces.fstab)) ?? [])
    var candidates: [MediaCandidate] = []
    var seen: Set<[UInt8]> = []
    for device in devices {
      // The system's own modules and memory, which nobody would look for here.
      if device.type == "squashfs" && device.path.starts(with: "/dev/loop".utf8) { continue }
      if device.path.starts(with: "/dev/zram".utf8) || device.path.starts(with: "/dev/ram".utf8) { continue }
      let points = device.mounts(in: places.mounts).map { places.inside($0.point) ?? $0.point }
      let entries = table.entries.filter { $0.type != "swap" && device.matches($0.specification) }
      seen.formUnion(points + entries.map(\.point))
      candidates.append(
        MediaCandidate(
          device: device.path, size: device.size, type: device.type, label: device.label, uuid: device.uuid,
          mounted: points.first { MediaCandidate.name(inMedia: $0) != nil } ?? points.first,
          inTable: (entries.first { MediaCandidate.name(inMedia: $0.point) != nil } ?? entries.first)?.point))
    }
    return candidates + others(table, seen)
  }

  /// What is mounted in /media, or is to be, and is no device of this list.
  private func others(_ table: FileSystemTable, _ seen: Set<[UInt8]>) -> [MediaCandidate] {
    var candidates: [MediaCandidate] = []
    var seen = seen
    for mount in places.mounts.mounts {
      guard let point = places.inside(mount.point), MediaCandidate.name(inMedia: point) != nil,
        seen.insert(point).inserted
      else { continue }
      candidates.append(MediaCandidate(device: mount.source, size: nil, type: mount.type, mounted: point))
    }
    for entry in table.entries
    where MediaCandidate.name(inMedia: entry.point) != nil && seen.insert(entry.point).inserted {
      candidates.append(
        MediaCandidate(device: entry.spec, size: nil, type: entry.type, inTable: entry.point, isPresent: false))
    }
    return candidates
  }

  /// What `LBU_MEDIA` is now.
  package var media: String? { places.settings().media }

  // MARK: Doing it

  /// - Parameter done: called after each step.
  /// - Throws: `FileError`.
  package func carryOut(_ plan: SetupPlan, done: (SetupStep) -> Void) throws(FileError) {
    for step in plan.steps {
      try places.carryOut(step)
      done(step)
    }
  }
}

extension SetupPlaces {
  /// - Throws: `FileError`.
  func carryOut(_ step: SetupStep) throws(FileError) {
    switch step {
    case .makeDirectory(let path): try root.makeDirectories(BytePath(normalizing: path))
    case .addLine(_, let text), .removeNoauto(_, let text): try root.replace(Array("/etc/fstab".utf8), with: text)
    case .setMedia(_, let text): try root.replace([BytePath.separator] + Settings.path.bytes, with: text)
    case .linkCache(let target, _): try root.link([BytePath.separator] + BootPlaces.cachePath.bytes, to: target)
    }
  }
}
