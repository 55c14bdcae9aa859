/// The snapshot that boots, as far as the media has it.
package enum SavedFacts: Equatable, Sendable {
  /// It was read to its end.
  case whole(path: String, entries: Int)
  case damaged(text: String, remedy: String)
  /// There is none that could be read.
  case none
  /// It is encrypted, and there is no password.
  case sealed(path: String)
}

extension Check {
  /// Whether what boots can be unpacked.
  package static func snapshot(_ saved: SavedFacts) -> Check {
    switch saved {
    case .whole(let path, let entries):
      return ok(.snapshot, "\(path) is whole: \(entries == 1 ? "1 entry" : "\(entries) entries")")
    case .damaged(let text, let remedy): return failed(.snapshot, text, remedy: remedy)
    case .none: return skipped(.snapshot, "there is no snapshot to be read")
    case .sealed(let path): return skipped(.snapshot, "\(path) is encrypted and cannot be read without its password")
    }
  }

  private static let shownChanges = 5

  /// What would be lost.
  /// - Parameter changes: what differs from the snapshot; nil where that cannot be told.
  package static func changes(_ changes: [BytePath: Change.Kind]?) -> Check {
    guard let changes else { return skipped(.changes, "what would be lost cannot be told without a snapshot") }
    guard !changes.isEmpty else { return ok(.changes, "it holds all that was changed: nothing would be lost") }
    let names = changes.sorted { $0.key < $1.key }.prefix(shownChanges).map { "\($1.letter) \($0.display)" }
    let rest = changes.count - shownChanges
    return failed(
      .changes,
      "\(Policy.count(changes.count)) would be lost: \(names.joined(separator: ", "))"
        + (rest > 0 ? " and \(rest) more" : ""),
      remedy: "lbuctl commit")
  }

  /// Whether an encrypted snapshot can be made, and opened at the boot.
  /// - Parameters:
  ///   - cipher: that the settings ask for.
  ///   - encrypted: the path of a snapshot that is encrypted though the settings ask for none.
  package static func password(cipher: String?, isKnown: Bool, encrypted: String?) -> Check {
    let file = "/" + Settings.path.display
    guard let cipher else {
      guard let encrypted else { return ok(.password, "what is saved is not encrypted") }
      return warning(
        .password, "\(encrypted) is encrypted, and \(file) has no ENCRYPTION: nothing is saved in the clear by itself",
        remedy: "set ENCRYPTION and PASSWORD in \(file), or to save in the clear: lbuctl commit")
    }
    let shown = displayText(of: cipher.utf8)
    guard isKnown else {
      return failed(
        .password, "ENCRYPTION=\(shown) is set and PASSWORD is not: nothing is saved by itself",
        remedy: "set PASSWORD in \(file) (and: chmod 600 \(file)), or: lbu commit, which asks for it")
    }
    return ok(.password, "what is saved is encrypted (\(shown)): the boot asks for the password")
  }
}
