/// What `etc/apk/world` asks for (apk-tools 3.0.6 `database.c`, `apk_db_read_layer`).
package struct World: Equatable, Sendable {
  /// In the order of the file, without conflicts: those bring no package.
  package private(set) var dependencies: [Dependency] = []
  package private(set) var problems: [Problem] = []

  package static let path = BytePath("etc/apk/world")

  package init() {}

  /// Words, between newlines and blanks. There are no comments: apk would look for a package called `#`.
  package init(parsing text: [UInt8]) {
    var seen: Set<[UInt8]> = []
    for word in text.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: " ") }) {
      guard let dependency = Dependency(word) else {
        if problems.count < 8 { problems.append(Self.problem(word)) }
        continue
      }
      // Of one name apk keeps the last constraint; which packages are named is what counts here.
      if !dependency.isConflict, seen.insert(dependency.text).inserted { dependencies.append(dependency) }
    }
  }

  private static func problem(_ word: ArraySlice<UInt8>) -> Problem {
    Problem(
      .warning, subject: "/" + path.display, "is no dependency: \(displayText(of: word.prefix(60)))",
      remedy: "apk reads nothing that stands behind it; mend the file, then: apk fix")
  }
}
