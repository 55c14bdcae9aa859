/// The rules that say which paths belong in a snapshot: apk's own three, then those of
/// `etc/apk/protected_paths.d/*.list` (facts: apk-tools `database.c`).
package struct ProtectedPaths: Equatable, Sendable {
  /// A mode and the pattern's components, one a directory level.
  package struct Rule: Equatable, Sendable {
    package var mode: ProtectMode
    package var components: ArraySlice<Pattern>
  }

  /// A file of `protected_paths.d`.
  package struct List: Sendable {
    package var name: [UInt8]
    package var content: [UInt8]

    package init(name: [UInt8], content: [UInt8]) {
      self.name = name
      self.content = content
    }

    /// Whether apk reads a file of this name: it ends in `.list` and does not begin with a dot.
    package static func isRead(_ name: [UInt8]) -> Bool {
      name.first != UInt8(ascii: ".") && name.count >= 5 && name.suffix(5).elementsEqual(".list".utf8)
    }
  }

  package private(set) var rules: [Rule] = []
  /// What the `+` lines of `lbu.list` name, as they stand there, slashes at the end included: lbu adds each that exists
  /// and is no directory, however it is reached (alpine-conf `lbu.in`, `_gen_filelist`).
  package private(set) var included: [[UInt8]] = []
  /// Lines that cannot mean what their author thought.
  package private(set) var problems: [Problem] = []

  package static let directory = BytePath("etc/apk/protected_paths.d")

  /// - Parameter lists: the files of `protected_paths.d` in directory order, as apk reads them; those it does not read
  ///   are passed over.
  package init(lists: [List] = []) {
    add(.changed, "etc".utf8)
    add(.symlinksOnly, "etc/init.d".utf8)
    add(.all, "etc/apk".utf8)
    for list in lists where List.isRead(list.name) { read(list) }
  }

  private mutating func read(_ list: List) {
    let isLbuList = list.name.elementsEqual("lbu.list".utf8)
    for (index, line) in list.content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated()
    where !line.isEmpty && line.first != UInt8(ascii: "#") {
      let (mode, pattern) = Self.split(line)
      if isLbuList, line.first == UInt8(ascii: "+") { included.append(Array(pattern)) }
      add(mode, pattern)
      guard let flaw = rules.last?.components.lazy.compactMap(\.flaw).first else { continue }
      problems.append(
        Problem(
          .warning, subject: Self.directory.appending(list.name).display,
          "line \(index + 1): the pattern \(displayText(of: line)) \(flaw)", remedy: "correct or remove the line"))
    }
  }

  /// The mode character and the rest; a line without one asks for changed files.
  private static func split(_ line: ArraySlice<UInt8>) -> (ProtectMode, ArraySlice<UInt8>) {
    switch line.first {
    case UInt8(ascii: "-"): (.ignore, line.dropFirst())
    case UInt8(ascii: "+"): (.changed, line.dropFirst())
    case UInt8(ascii: "@"): (.symlinksOnly, line.dropFirst())
    case UInt8(ascii: "!"): (.all, line.dropFirst())
    default: (.changed, line)
    }
  }

  private mutating func add(_ mode: ProtectMode, _ pattern: some Collection<UInt8>) {
    let slash = UInt8(ascii: "/")
    let inner = pattern.drop { $0 == slash }
    let trimmed = Array(inner).reversed().drop { $0 == slash }.reversed()
    let components = Array(trimmed).split(separator: slash, omittingEmptySubsequences: false).map { Pattern($0) }
    rules.append(Rule(mode: mode, components: (components.isEmpty ? [Pattern([])] : components)[...]))
  }
}
