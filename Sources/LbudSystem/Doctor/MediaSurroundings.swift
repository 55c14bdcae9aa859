import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension SnapshotStore {
  /// Where the media is: its mount, its device, and what fstab and the kernel's command line have of that.
  struct Surroundings {
    /// What it is in; nil where it is in a directory of another root, or that cannot be told.
    let mount: Mount?
    let facts: MediaFacts
    let device: MediaExamination.Number?
    let current: BytePath
    private let entry: FileSystemTable.Entry?
    private let media: String

    init(of top: borrowing Descriptor, store: SnapshotStore) {
      let places = SetupPlaces(root: store.mount.root)
      let point = top.truePath
      let found = point.flatMap { places.mounts.mount(holding: $0) }
      let isPoint = found.map { BytePath(normalizing: $0.point) == BytePath(normalizing: point ?? []) } ?? false
      // Without a mount of its own a directory of another root is on whatever that root lies on.
      let isKnown = store.mount.root.isSystemRoot || isPoint
      mount = isKnown ? found : nil
      media = store.path
      let position: MediaFacts.Position =
        !isKnown || found == nil ? .unknown : isPoint && !(found?.isBind ?? false) ? .top : .below
      facts = MediaFacts(
        path: store.path, type: mount?.type, device: mount?.source, position: position,
        isInMemory: store.mount.root.isInMemory(top))
      device =
        position == .top
        ? mount.map { MediaExamination.Number(($0.deviceMajor, $0.deviceMinor)) } : nil
      current = BytePath(store.currentName)
      let table = FileSystemTable(parsing: (try? places.text(SetupPlaces.fstab)) ?? [])
      entry = TableFacts.entry(table, holding: Array(store.path.utf8))
    }

    /// Whether the line of fstab names what is mounted; nil where that is no device that can be told from others.
    var isNamedDevice: Bool? {
      guard let entry, let mount, mount.deviceMajor != 0 else { return nil }
      do throws(StoreError) {
        let named = try MediaDevice.find(entry, media: media)
        guard let number = named.number else { return nil }
        return number == (mount.deviceMajor, mount.deviceMinor)
      } catch {
        // There is no such device, or more than one.
        return false
      }
    }

    /// Whether `apkovl=DEV:PATH` is about the media's device; nil where there is no such parameter, or no such device now.
    func isDevice(of parameter: BootParameter?) -> Bool? {
      guard case .file(let name, _, _)? = parameter, let mount, mount.deviceMajor != 0 else { return nil }
      let isTag = name.starts(with: "LABEL=".utf8) || name.starts(with: "UUID=".utf8)
      let isPath = name.first == BytePath.separator
      let spec = isTag || isPath ? name : Array("/dev/".utf8) + name
      let line = FileSystemTable.Entry(spec: spec, point: mount.point, type: "auto", options: [])
      guard let number = (try? MediaDevice.find(line, media: media))?.number else { return nil }
      return number == (mount.deviceMajor, mount.deviceMinor)
    }
  }
}
