/// What the protected paths say about one directory and what is in it.
///
/// The rules are followed down the tree as apk follows them (apk-tools `database.c`, `apk_db_dir_get`): each directory
/// inherits its parent's mode and the part of the parent's patterns that its name matched.
package struct Scope: Equatable, Sendable {
  /// The mode that the directory passes to what is in it.
  package let mode: ProtectMode
  /// Whether the walk goes into the directory.
  package let descends: Bool
  /// The patterns relative to the directory.
  private let rules: [ProtectedPaths.Rule]
  /// In the root directory itself no rule applies to files.
  private let isRoot: Bool

  /// The scope of the root directory.
  package init(_ paths: ProtectedPaths) {
    mode = .none
    descends = true
    rules = paths.rules
    isRoot = true
  }

  private init(mode: ProtectMode, descends: Bool, rules: [ProtectedPaths.Rule]) {
    self.mode = mode
    self.descends = descends
    self.rules = rules
    isRoot = false
  }

  /// The scope of a directory of this name in this one.
  package func directory(named name: [UInt8]) -> Scope {
    var childMode = mode
    var descends = mode.protects
    var passedOn: [ProtectedPaths.Rule] = []
    for rule in rules {
      guard let first = rule.components.first, first.matches(name) else { continue }
      if rule.components.count > 1 {
        passedOn.append(.init(mode: rule.mode, components: rule.components.dropFirst()))
      } else {
        childMode = rule.mode
      }
      // Either kind counts, even where a later rule takes the mode away again.
      descends = descends || rule.mode.protects
    }
    return Scope(mode: childMode, descends: descends, rules: passedOn)
  }

  /// The mode of a file (anything that is no directory) of this name in this directory.
  package func mode(ofFile name: [UInt8]) -> ProtectMode {
    guard !isRoot else { return .none }
    return rules.last { $0.components.count == 1 && $0.components.first?.matches(name) ?? false }?.mode ?? mode
  }

  /// The scope of any directory below this one, whether it exists or not.
  package func directory(at path: BytePath) -> Scope {
    path.components.reduce(self) { $0.directory(named: $1) }
  }
}
