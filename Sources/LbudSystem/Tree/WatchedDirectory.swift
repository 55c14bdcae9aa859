import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What is known of a file that the rules reach.
struct KnownFile: Equatable {
  var signature: FileStatus.Signature
  var fingerprint: Fingerprint
  /// Why a snapshot holds it; nil where none does.
  var reason: Reason?
  /// Whether fingerprint and reason stay right as long as the signature does.
  var isSettled: Bool
  /// Whether the file has other names too, in the tree or outside.
  var isLinked: Bool
}

/// A directory that the rules reach, and what is known of what is in it.
///
/// Its path follows from its parents, so that a renamed directory needs no renaming of all below. One tree's
/// directories belong to one owner; none crosses a thread.
final class WatchedDirectory {
  unowned let parent: WatchedDirectory?
  let name: [UInt8]
  var scope: Scope
  /// The watch, or nil where the kernel gave none: then the directory is looked at whenever somebody asks.
  var watch: Int32?
  var identity: FileIdentity
  var permissions: InstalledDatabase.Permissions
  var reason: Reason?
  var files = FileTable()
  var directories: [[UInt8]: WatchedDirectory] = [:]
  /// False once it is no longer part of the tree.
  var isAttached = true

  init(
    parent: WatchedDirectory?, name: [UInt8], scope: Scope, identity: FileIdentity,
    permissions: InstalledDatabase.Permissions
  ) {
    self.parent = parent
    self.name = name
    self.scope = scope
    self.identity = identity
    self.permissions = permissions
  }

  var path: BytePath {
    guard let parent else { return .root }
    return parent.path.appending(name)
  }

  var depth: Int { (parent?.depth ?? -1) + 1 }

  var fingerprint: Fingerprint {
    Fingerprint(content: .directory, mode: permissions.mode, uid: permissions.uid, gid: permissions.gid)
  }

  /// The directory itself and all below it, parents first.
  func forEach(_ body: (WatchedDirectory) -> Void) {
    var pending = [self]
    while let directory = pending.popLast() {
      body(directory)
      pending.append(contentsOf: directory.directories.values)
    }
  }
}
