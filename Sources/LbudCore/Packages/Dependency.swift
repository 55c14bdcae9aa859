/// A dependency as the world, indexes and the installed database write it (apk-tools `package.c`, `apk_dep_parse`):
/// `[!]name[@tag][operator version]`; what a package provides is written the same way.
package struct Dependency: Hashable, Sendable {
  /// What it asks of the version.
  package enum Constraint: Hashable, Sendable {
    case any
    /// `=`, `<`, `>`, `~` and what they make together.
    case version(PackageVersion.Relation, isPrefix: Bool, [UInt8])
    /// `><`: exactly the package with this digest; apk writes it when a file is added.
    case identity([UInt8])
  }

  /// As it is written.
  package var text: [UInt8]
  package var name: [UInt8]
  /// `!`: what must not be installed.
  package var isConflict: Bool
  /// The tag of the repositories that may serve it too, with its `@`.
  package var tag: [UInt8]?
  package var constraint: Constraint

  /// Nil where apk would not take it.
  package init?(_ word: some Collection<UInt8>) {
    text = Array(word)
    var rest = text[...]
    isConflict = rest.first == UInt8(ascii: "!")
    if isConflict { rest = rest.dropFirst() }
    var name = rest.prefix { !Self.isComparer($0) }
    let comparers = rest.dropFirst(name.count).prefix(while: Self.isComparer)
    let version = Array(rest.dropFirst(name.count + comparers.count))
    if let at = name.firstIndex(of: UInt8(ascii: "@")) {
      tag = Array(name[at...])
      name = name[..<at]
    }
    self.name = Array(name)
    guard !name.isEmpty, comparers.isEmpty == version.isEmpty else { return nil }
    constraint = Self.constraint(comparers, version)
    if case .version = constraint, !PackageVersion.isValid(version) { return nil }
  }

  private static func isComparer(_ byte: UInt8) -> Bool {
    [UInt8(ascii: "<"), UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "~")].contains(byte)
  }

  private static func constraint(_ comparers: ArraySlice<UInt8>, _ version: [UInt8]) -> Constraint {
    guard !comparers.isEmpty else { return .any }
    var relation: PackageVersion.Relation = []
    let isPrefix = comparers.contains(UInt8(ascii: "~"))
    if comparers.contains(UInt8(ascii: "<")) { relation.insert(.less) }
    if comparers.contains(UInt8(ascii: ">")) { relation.insert(.greater) }
    if isPrefix || comparers.contains(UInt8(ascii: "=")) { relation.insert(.equal) }
    if relation == [.less, .greater], !isPrefix { return .identity(DigestField(version[...])?.bytes ?? []) }
    return .version(relation, isPrefix: isPrefix, version)
  }

  /// The version it names, where it names one: that of what a package provides.
  package var version: [UInt8]? {
    if case .version(_, _, let version) = constraint { version } else { nil }
  }

  /// Whether something of its name satisfies it.
  /// - Parameters:
  ///   - version: nil for a name that is provided without one: apk takes it for any.
  ///   - identity: the digest of the package.
  package func accepts(version: [UInt8]?, identity: [UInt8]) -> Bool {
    switch constraint {
    case .any: return true
    case .identity(let wanted): return !wanted.isEmpty && wanted.prefix(20) == identity.prefix(20)
    case .version(let relation, let isPrefix, let wanted):
      guard let version else { return true }
      return !PackageVersion.compare(version, wanted, isPrefix: isPrefix).isDisjoint(with: relation)
    }
  }

  package var display: String { displayText(of: text) }
}
