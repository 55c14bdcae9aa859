/// Whether rules reach a path: not what is saved of it, which a package database decides too.
///
/// What the rules of a snapshot did not reach it says nothing about, and its absence there means nothing.
package struct RuleReach: Sendable {
  private let scope: Scope
  private let included: Set<BytePath>

  package init(_ paths: ProtectedPaths) {
    scope = Scope(paths)
    included = Set(paths.included.map { BytePath(normalizing: $0) })
  }

  package func reaches(_ path: BytePath, _ kind: FileKind) -> Bool {
    if included.contains(path), kind != .directory { return true }
    var current = scope
    for component in path.parent.components {
      current = current.directory(named: component)
      guard current.descends else { return false }
    }
    if kind == .directory { return current.directory(named: path.name).mode.protects }
    switch current.mode(ofFile: path.name) {
    case .none, .ignore: return false
    case .symlinksOnly: return kind == .symlink
    case .changed, .all: return true
    }
  }
}
