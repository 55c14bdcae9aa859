/// What becomes of a file of /etc at the next boot.
package enum SavedFile: Equatable, Sendable {
  /// The snapshot has it.
  case content([UInt8])
  /// The snapshot has it not, and need not: the package brings it as it is.
  case ofPackage
  /// It is left out of snapshots.
  case leftOut
  /// It would be saved, and is not yet.
  case unsaved
  /// The snapshot cannot be read.
  case unknown

  /// - Parameters:
  ///   - content: what the snapshot has; nil where it has no such file.
  ///   - isSelected: whether a snapshot made now would have it.
  ///   - selection: the rules that say so.
  package init(_ path: BytePath, content: [UInt8]?, isSelected: Bool, selection: Selection) {
    if let content {
      self = .content(content)
    } else if isSelected {
      self = .unsaved
    } else {
      let mode = selection.rootScope.directory(at: path.parent).mode(ofFile: path.name)
      self = mode == .changed || mode == .all ? .ofPackage : .leftOut
    }
  }
}
