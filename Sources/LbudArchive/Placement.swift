import LbudCore

/// Whether the entries of an archive may be written below a directory, one after another: nothing of what an archive says
/// leads out of it. Whoever writes them still opens every directory without following a symlink, since those that are there
/// already are none of the archive's.
///
/// `TarReader` refuses names with `..` in them before; with `refusingAbsoluteNames` absolute ones too.
package struct Placement: Sendable {
  package struct Refusal: Error, Equatable, CustomStringConvertible {
    package var path: BytePath
    package var reason: String
    package var description: String { "\(path.display): \(reason)" }
  }

  private enum Kind {
    case directory, file, other
  }

  /// What earlier entries have made.
  private var made: [BytePath: Kind] = [:]

  /// What a file system takes as a name (NAME_MAX).
  private static let longestName = 255

  package init() {}

  /// Takes the next entry, if it may be written.
  /// - Throws: `Refusal`; then no other entry is to be written either.
  package mutating func take(_ member: Member) throws(Refusal) {
    let path = member.path
    if let reason = Self.problem(path) ?? problem(member) { throw Refusal(path: path, reason: reason) }
    made[path] = Self.kind(member.body)
  }

  /// Whether a path is one below the directory, whatever it was made from.
  /// - Returns: why it is none; nil where it is.
  package static func problem(_ path: BytePath) -> String? {
    guard !path.isRoot else { return "the directory itself is no entry" }
    guard path.bytes.first != BytePath.separator else { return "its name is absolute" }
    for name in path.bytes.split(separator: BytePath.separator, omittingEmptySubsequences: false) {
      if name.isEmpty || name.elementsEqual(".".utf8) { return "its name has an empty component" }
      if name.elementsEqual("..".utf8) { return "its name has a .. component" }
      if name.contains(0) { return "its name holds a NUL byte" }
      if name.count > longestName { return "its name has a component of \(name.count) bytes" }
    }
    return nil
  }

  private func problem(_ member: Member) -> String? {
    var folder = member.path.parent
    while !folder.isRoot {
      if let kind = made[folder], kind != .directory {
        return "it lies in \(folder.display), which the archive makes no directory"
      }
      folder = folder.parent
    }
    // Twice is how tar -r replaces a file; anything else is a trick.
    if let kind = made[member.path], kind != Self.kind(member.body) || kind == .other {
      return "it comes twice, as different things"
    }
    if case .hardLink(let target) = member.body, made[target] != .file {
      return "it is a hard link to \(target.display), which is no file of the archive before it"
    }
    return nil
  }

  private static func kind(_ body: Member.Body) -> Kind {
    switch body {
    case .directory: .directory
    case .file, .hardLink: .file
    case .symlink, .fifo, .characterDevice, .blockDevice: .other
    }
  }
}
