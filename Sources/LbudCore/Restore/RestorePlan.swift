/// What is done to the running system so that it is what a snapshot says, path by path.
package struct RestorePlan: Equatable, Sendable {
  package enum Step: Equatable, Sendable {
    /// Made beside its place as the snapshot has it (which entry of the archive that is), then put there.
    case put(origin: Int)
    /// A directory that is not there; what is put into it comes with it.
    case makeDirectory(InstalledDatabase.Permissions)
    /// Mode and owner of what is there and is a file or a directory.
    case permissions(InstalledDatabase.Permissions)
    case remove(FileKind)
    /// In a directory that something else takes the place of.
    case removeWith(BytePath)
  }

  package struct Action: Equatable, Sendable {
    package var path: BytePath
    /// How it is told; nil for what makes no difference that is told.
    package var kind: Change.Kind?
    package var step: Step

    package init(_ path: BytePath, _ kind: Change.Kind?, _ step: Step) {
      self.path = path
      self.kind = kind
      self.step = step
    }
  }

  /// In the order of their paths.
  package internal(set) var actions: [Action] = []
  /// Times to be set at last, of files and directories that are there by then; the deepest first.
  package internal(set) var times: [(path: BytePath, seconds: Int64)] = []
  package internal(set) var notes: [RestoreNote] = []

  /// What is told, in the order of the paths.
  package var told: [(path: BytePath, kind: Change.Kind)] {
    actions.compactMap { action in action.kind.map { (action.path, $0) } }
  }

  package static func == (left: RestorePlan, right: RestorePlan) -> Bool {
    left.actions == right.actions && left.notes == right.notes && left.times.elementsEqual(right.times, by: ==)
  }

  /// - Parameters:
  ///   - saved: all that the snapshot has.
  ///   - selected: all that a snapshot made now would hold, if anything is to be removed.
  ///   - then: the rules that the snapshot was made by, as far as it tells; nil where it does not.
  ///   - directories: those that packages own.
  /// - Throws: `RestoreRefusal`; then nothing is to be done.
  package init(
    _ request: RestoreRequest, saved: [BytePath: SavedEntry], running: RunningState, selected: [SelectedNow] = [],
    then: RuleReach? = nil, directories: [BytePath: InstalledDatabase.Permissions] = [:],
    isPackaged: (BytePath) -> Bool = { _ in false }
  ) throws(RestoreRefusal) {
    var planner = RestorePlanner(request, saved, running, directories)
    try planner.expectAll(selected, isPackaged)
    if request.deletes { planner.remove(selected, then) }
    try planner.restore()
    self = planner.plan()
  }
}

/// What stays otherwise than somebody may think.
package enum RestoreNote: Equatable, Sendable {
  /// A package brought the file, it was changed since, and the snapshot does not hold how it was.
  case package(BytePath)
  /// The rules that the snapshot was made by did not reach it.
  case outOfReach(BytePath)
  /// A directory that holds what is not saved.
  case notEmpty(BytePath)
  /// It is on another mount, or one is on it.
  case mounted(BytePath)
  /// The way there leads through a symlink.
  case behindLink(BytePath)
  /// The same of what the snapshot has otherwise; `place` is where that is, as far as it is known.
  case differsBehindLink(BytePath, place: BytePath?)

  package var path: BytePath {
    switch self {
    case .package(let path), .outOfReach(let path), .notEmpty(let path), .mounted(let path),
      .behindLink(let path), .differsBehindLink(let path, _):
      path
    }
  }

  /// - Parameter owner: the package's name, where it is known.
  package func words(owner: String?) -> String {
    switch self {
    case .package(let path):
      "\(path.display): a package brought it, and the snapshot does not hold it; it stays as it is; to have the package's own: "
        + "apk fix \(owner ?? "PACKAGE")"
    case .outOfReach(let path): "\(path.display): the rules of the snapshot did not reach it; it stays"
    case .notEmpty(let path): "\(path.display): holds what is not saved; it stays"
    case .mounted(let path): "\(path.display): is on another mount; it stays"
    case .behindLink(let path): "\(path.display): is reached through a symlink; it stays"
    case .differsBehindLink(let path, let place):
      "\(path.display): is reached through a symlink"
        + (place.map { ", which leads to /\($0.display)," } ?? "") + " and is not as the snapshot has it; it stays"
    }
  }
}
