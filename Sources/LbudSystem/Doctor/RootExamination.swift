import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What the running system has of what would come back: the files that are looked at without the media.
package struct RootExamination: Sendable {
  package static let fstab = BytePath("etc/fstab")
  package static let hostname = BytePath("etc/hostname")
  package static let script = BytePath("etc/init.d/lbud")
  private static let runlevels = BytePath("etc/runlevels")
  private static let service = Array("lbud".utf8)

  package var parameter: BootParameter?
  package var table: FileSystemTable
  /// In /etc/hostname.
  package var name: [UInt8]?
  /// The runlevels that have lbud; nil where there are none.
  package var runlevels: [[UInt8]]?
  package var hasScript: Bool

  package init(root: RootDirectory) {
    let text = { (path: BytePath) in (try? root.read(path, limit: 1 << 20)) ?? [] }
    parameter = BootParameter(commandLine: text(BytePath("proc/cmdline")))
    table = FileSystemTable(parsing: text(Self.fstab))
    name = HostNameFacts.name(in: text(Self.hostname))
    runlevels = Self.runlevels(root)
    hasScript = (try? root.status(Self.script)) != nil
  }

  private static func runlevels(_ root: RootDirectory) -> [[UInt8]]? {
    guard let folder = try? root.open(runlevels.bytes, O_RDONLY | O_DIRECTORY),
      let names = try? folder.names(path: runlevels)
    else { return nil }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.filter { name in
      let level = runlevels.appending(name)
      guard let directory = try? root.open(level.bytes, O_RDONLY | O_DIRECTORY) else { return false }
      return (try? directory.status(of: service, path: level.appending(service))).flatMap(\.self) != nil
    }
  }

  /// The runlevels that have lbud among a snapshot's entries.
  package static func runlevels(in entries: SavedEntries) -> [[UInt8]] {
    entries.keys.filter { $0.name == service && $0.parent.parent == runlevels }.map(\.parent.name)
      .sorted { $0.lexicographicallyPrecedes($1) }
  }
}
