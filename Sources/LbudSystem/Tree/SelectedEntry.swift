import LbudCore

/// An entry that a snapshot holds.
package struct SelectedEntry: Hashable, Sendable {
  package var path: BytePath
  package var kind: FileKind
  package var reason: Reason

  package init(_ path: BytePath, _ kind: FileKind, _ reason: Reason) {
    self.path = path
    self.kind = kind
    self.reason = reason
  }

  /// As `apk audit` prints it and tar names it: a directory ends in a slash.
  package var name: [UInt8] { kind == .directory ? path.bytes + [BytePath.separator] : path.bytes }

  /// Where it stands in the archive.
  package var key: ArchiveKey { ArchiveKey(path, kind) }
}
