/// What must be known of a file before it is clear whether a snapshot holds it.
package enum FileVerdict: Equatable, Sendable {
  case leftOut
  case selected(Reason)
  /// A package brought the file: its content and metadata decide.
  case compare(InstalledDatabase.FileRecord)
}

/// The rules and the database together: which entries a snapshot holds (facts: apk-tools `app_audit.c`, `--backup
/// --recursive --check-permissions`).
package struct Selection: Sendable {
  package let paths: ProtectedPaths
  package let database: InstalledDatabase

  package init(paths: ProtectedPaths, database: InstalledDatabase) {
    self.paths = paths
    self.database = database
  }

  package var rootScope: Scope { Scope(paths) }

  /// - Parameters:
  ///   - scope: of the directory the file is in.
  package func verdict(file name: [UInt8], at path: BytePath, kind: FileKind, in scope: Scope) -> FileVerdict {
    let record = database.files[path]
    let isSavedWhole: Bool
    switch scope.mode(ofFile: name) {
    case .none, .ignore: return .leftOut
    case .symlinksOnly where kind != .symlink: return .leftOut
    case .symlinksOnly, .changed: isSavedWhole = false
    case .all: isSavedWhole = true
    }
    guard let record, !isSavedWhole else {
      // apk leaves NAME.apk-new beside a file that somebody changed; it is the package's, not the administrator's.
      return name.count >= 8 && name.suffix(8).elementsEqual(".apk-new".utf8) ? .leftOut : .selected(.added)
    }
    return .compare(record)
  }

  /// Why a directory is in a snapshot; nil where it is not.
  /// - Parameter scope: the directory's own.
  package func reason(
    directory path: BytePath, permissions: InstalledDatabase.Permissions, scope: Scope
  ) -> Reason? {
    guard scope.mode.protects else { return nil }
    guard let owned = database.directories[path] else { return .newDirectory }
    return owned == permissions ? nil : .directoryMetadata
  }
}

extension InstalledDatabase.FileRecord {
  /// Why a file that a package brought is in a snapshot; nil where it is as the package brought it.
  /// - Parameters:
  ///   - digest: of the content (of the target, for a symlink) in the record's kind; nil for what has no content.
  ///   - attributes: the digest of the extended attributes, in the record's length.
  package func reason(
    kind: FileKind, digest: PackageDigest?, attributes: AttributesDigest, permissions: InstalledDatabase.Permissions
  ) -> Reason? {
    switch kind {
    case .file, .symlink:
      guard let expected = self.digest, expected == digest else { return .changed }
    case .directory, .fifo, .characterDevice, .blockDevice, .socket:
      // apk has no digest of these; a record with one is another kind of file.
      guard self.digest == nil else { return .changed }
    }
    if kind != .symlink, !ignoresAttributes, attributes != self.attributes { return .extendedAttributes }
    return permissions == self.permissions ? nil : .metadata
  }
}
