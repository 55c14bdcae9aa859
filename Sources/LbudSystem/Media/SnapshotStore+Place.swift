import LbudCore

/// Two stores of the same place, and the place itself where it is not one of the root's.
extension SnapshotStore {
  /// Whether another one saves to the same file.
  package func isSamePlace(as other: SnapshotStore) -> Bool {
    path == other.path && isOutside == other.isOutside && currentName == other.currentName
  }

  /// The same place with other settings.
  package func following(_ settings: Settings) -> SnapshotStore {
    var store = self
    store.retention = settings.retention
    store.verifies = settings.verify
    if let password = settings.password, password != decryption.password { store = store.with(password: password) }
    return store
  }

  /// Nil where what is saved can be encrypted and read, or is in the clear.
  package var passwordError: StoreError? {
    guard let cipher, decryption.password == nil else { return nil }
    return .passwordMissing(cipher)
  }

  /// Where a directory is that the settings name. lbu takes it as it stands though a root of its own is given, lbud takes
  /// every path inside the root.
  /// - Parameter mayBeOutside: whether one that is not in the root, and is there outside of it, is meant.
  static func place(
    of directory: String, root: RootDirectory, mayBeOutside: Bool
  ) -> (root: RootDirectory, path: String) {
    guard !root.isSystemRoot else { return (root, directory) }
    if directory.hasPrefix(root.path + "/") { return (root, String(directory.dropFirst(root.path.count))) }
    guard mayBeOutside, (try? root.status(BytePath(directory))) == nil,
      let outer = try? RootDirectory(path: "/"), (try? outer.status(BytePath(directory))) != nil
    else { return (root, directory) }
    return (outer, directory)
  }
}
