/// What somebody wants to have back.
package struct RestoreRequest: Equatable, Sendable {
  /// The root for all that the snapshot has; never empty.
  package var paths: [BytePath]
  /// Whether what is there now and not in the snapshot is removed.
  package var deletes: Bool

  package init(paths: [BytePath], deletes: Bool = false) {
    self.paths = paths
    self.deletes = deletes
  }

  /// The running system as the snapshot has it.
  package static let all = RestoreRequest(paths: [.root], deletes: true)

  /// A path as somebody names it, with slashes in front or not.
  /// - Throws: `RestoreRefusal`.
  package static func path(_ bytes: [UInt8]) throws(RestoreRefusal) -> BytePath {
    guard !bytes.isEmpty else { throw .emptyPath }
    let components = BytePath(normalizing: bytes).components.filter { $0 != [UInt8(ascii: ".")] }
    guard !components.contains([UInt8(ascii: "."), UInt8(ascii: ".")]) else { throw .leadsUp(BytePath(bytes: bytes)) }
    return components.reduce(BytePath.root) { $0.appending($1) }
  }

  /// Whether a path is among what is asked for.
  package func includes(_ path: BytePath) -> Bool { paths.contains { path.isInside($0) } }
}

/// Why nothing at all is restored.
package enum RestoreRefusal: Error, Equatable, Sendable {
  case emptyPath
  case leadsUp(BytePath)
  /// The snapshot has nothing of it, and nothing of it is to be removed.
  case notHeld(BytePath, isPackaged: Bool)
  /// A directory that holds something is where a file is to be.
  case directoryInTheWay(BytePath)
  /// The same with --delete, which does not remove this.
  case directoryHoldsOther(BytePath, other: BytePath)
  /// Something that is no directory is where one is needed.
  case noDirectory(BytePath, FileKind, needed: BytePath)
  case mountPoint(BytePath)
  /// It is reached through a symlink; `instead` is what can be asked for, and `place` where it is.
  case behindLink(BytePath, link: BytePath, instead: BytePath?, place: BytePath?)
}

extension RestoreRefusal {
  /// What is wrong, and what to do.
  /// - Parameters:
  ///   - owner: the package that brought the path, where it is known.
  ///   - snapshot: its file.
  ///   - mayGo: whether something is there that --delete may remove.
  package func words(
    owner: String? = nil, snapshot: String = "the snapshot", mayGo: Bool = false
  ) -> (text: String, hint: String) {
    switch self {
    case .emptyPath: ("a path is empty", "name a file or a directory below /, or / for all that the snapshot has")
    case .leadsUp(let path): ("\(path.display) has a .. component", "name it without")
    case .notHeld(let path, let isPackaged):
      (
        "\(snapshot) holds nothing of /\(path.display)",
        isPackaged
          ? "to have it as its package brought it: apk fix \(owner ?? "PACKAGE")"
          : "lbuctl log shows which other snapshots there are"
            + (mayGo ? "; what is there now goes with --delete, if it is saved" : "")
      )
    case .directoryInTheWay(let path):
      (
        "/\(path.display) is a directory that holds something, and no directory in the snapshot",
        "move it away, or: --delete"
      )
    case .directoryHoldsOther(let path, let other):
      (
        "/\(path.display) is no directory in the snapshot, and is one now that holds what lbud does not save: \(other.display)",
        "move that away"
      )
    case .noDirectory(let path, let kind, let needed):
      (
        "/\(path.display) is \(kind.words), and no directory: /\(needed.display) cannot be put below it",
        "move it away, or restore other paths"
      )
    case .mountPoint(let path):
      ("something is mounted on /\(path.display), which cannot be replaced", "unmount it, or restore other paths")
    case .behindLink(let path, let link, let instead, let place):
      (
        "/\(link.display) is a symlink, and no directory: /\(path.display) cannot be put below it",
        instead.map { "lbuctl restore /\($0.display)" }
          ?? place.map { "it is /\($0.display): lbuctl show prints what the snapshot has, to be put there" }
          ?? "restore other paths"
      )
    }
  }
}

extension FileKind {
  /// `a symlink`.
  var words: String {
    switch self {
    case .file: "a file"
    case .directory: "a directory"
    case .symlink: "a symlink"
    case .fifo: "a fifo"
    case .characterDevice, .blockDevice: "a device"
    case .socket: "a socket"
    }
  }
}
