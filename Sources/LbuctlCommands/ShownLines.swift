import LbudCore
import LbudProtocol

/// Entries of a snapshot as lines, as `ls -l` has them.
enum ShownLines {
  /// Each with its newline. Names stand as in a diff: quoted where that is needed, so that each is one line, and exact.
  static func lines(_ entries: [ShownEntry]) -> [[UInt8]] {
    let owners = entries.map(\.owner)
    let sizes = entries.map(\.sizeText)
    let ownerWidth = owners.map { displayWidth(of: $0) }.max() ?? 0
    let sizeWidth = sizes.map(\.utf8.count).max() ?? 0
    return entries.indices.map { index in
      let entry = entries[index]
      let owner = owners[index] + blanks(ownerWidth - displayWidth(of: owners[index]))
      let size = blanks(sizeWidth - sizes[index].utf8.count) + sizes[index]
      let start = "\(entry.modeText)  \(owner)  \(size)  \(Voice.time(entry.time))  "
      let slash = entry.kind == .directory ? [UInt8(ascii: "/")] : []
      let target = entry.target.map { Array(" -> ".utf8) + quotedName($0.rawBytes) } ?? []
      return Array(start.utf8) + quotedName(entry.path.rawBytes + slash) + target + [UInt8(ascii: "\n")]
    }
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}

extension ShownEntry {
  fileprivate var owner: String { "\(shown(user) ?? String(uid)):\(shown(group) ?? String(gid))" }

  private func shown(_ name: String?) -> String? { name.map { harmlessText(of: $0) } }

  /// Bytes; of a device its numbers.
  fileprivate var sizeText: String {
    guard let major, let minor else { return String(size) }
    return "\(major),\(minor)"
  }

  /// `drwxr-xr-x`
  var modeText: String {
    let letters = Array("rwxrwxrwx")
    var text = letters.indices.map { mode & (0o400 >> $0) == 0 ? "-" : letters[$0] }
    // Set-user-ID, set-group-ID and the sticky bit share the place of an x.
    for (bit, place, letter) in [(0o4000, 2, "s"), (0o2000, 5, "s"), (0o1000, 8, "t")] where mode & bit != 0 {
      text[place] = text[place] == "x" ? Character(letter) : Character(letter.uppercased())
    }
    return kindLetter + String(text)
  }

  private var kindLetter: String {
    switch kind {
    case .file: "-"
    case .directory: "d"
    case .symlink: "l"
    case .fifo: "p"
    case .character: "c"
    case .block: "b"
    case .socket: "s"
    }
  }
}
