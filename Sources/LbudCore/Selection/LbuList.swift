/// The file that `lbu include` and `lbu exclude` edit, `etc/apk/protected_paths.d/lbu.list`.
///
/// It is a person's as well: comments, order, and lines that lbu does not know stay as they are, byte for byte. apk takes
/// a line without a sign for one with a `+`, lbu's own commands do not see it (alpine-conf `lbu.in`), and neither does
/// this.
package struct LbuList: Equatable, Sendable {
  package enum Mode: Equatable, Sendable {
    case include, exclude

    package var sign: UInt8 { self == .include ? UInt8(ascii: "+") : UInt8(ascii: "-") }
    var opposite: Mode { self == .include ? .exclude : .include }
  }

  /// What became of one name in one of the two modes.
  package struct Edit: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
      case added, alreadyThere, removed, notThere
    }

    /// Without slashes at its ends.
    package var name: [UInt8]
    package var mode: Mode
    package var outcome: Outcome
  }

  /// Why a name cannot stand in the list.
  package struct NameError: Error, Equatable, CustomStringConvertible {
    package var description: String
    package var hint: String
  }

  /// Whether there is a file: where there is none, lbu looks for nothing in it.
  package private(set) var isThere: Bool
  /// What stands between the newlines; the last one is empty where the file ends with a newline.
  private var lines: [[UInt8]]

  private static let newline = UInt8(ascii: "\n")
  private static let slash = UInt8(ascii: "/")

  package static let path = ProtectedPaths.directory.appending("lbu.list".utf8)

  /// No file.
  package static let missing = LbuList(isThere: false, lines: [[]])

  /// - Parameter bytes: the file's.
  package init(_ bytes: [UInt8]) {
    self.init(
      isThere: true, lines: bytes.split(separator: Self.newline, omittingEmptySubsequences: false).map { Array($0) })
  }

  private init(isThere: Bool, lines: [[UInt8]]) {
    self.isThere = isThere
    self.lines = lines
  }

  package var bytes: [UInt8] { Array(lines.joined(separator: [Self.newline])) }

  /// The names of a mode, in the order of the file, as they stand there.
  package func entries(_ mode: Mode) -> [[UInt8]] {
    lines.filter { $0.first == mode.sign }.map { Array($0.dropFirst()) }
  }

  /// Adds the names and takes them out of the other mode.
  /// - Returns: what lbu reports, in its order: for `include` first what is added, for `exclude` first what is removed.
  /// - Throws: `NameError`; nothing is changed then.
  package mutating func add(_ mode: Mode, _ names: [[UInt8]]) throws(NameError) -> [Edit] {
    let names = names.map(Self.withoutSlashes)
    for name in names { try Self.check(name) }
    guard mode == .include else {
      let removed = removeEach(mode.opposite, names)
      return removed + addEach(mode, names)
    }
    let added = addEach(mode, names)
    return added + removeEach(mode.opposite, names)
  }

  /// Takes the names out of a mode.
  /// - Returns: what lbu reports; nothing where there is no file.
  package mutating func remove(_ mode: Mode, _ names: [[UInt8]]) -> [Edit] {
    removeEach(mode, names.map(Self.withoutSlashes))
  }

  private mutating func addEach(_ mode: Mode, _ names: [[UInt8]]) -> [Edit] {
    var known = Set(lines.flatMap(Self.forms(of:)))
    return names.map { name in
      let line = [mode.sign] + name
      guard !known.contains(line) else { return Edit(name: name, mode: mode, outcome: .alreadyThere) }
      append(line)
      known.formUnion(Self.forms(of: line))
      return Edit(name: name, mode: mode, outcome: .added)
    }
  }

  private mutating func append(_ line: [UInt8]) {
    isThere = true
    // A last line without a newline is completed: lbu would write behind it.
    if lines.last != [] { lines.append([]) }
    lines.insert(line, at: lines.count - 1)
  }

  private mutating func removeEach(_ mode: Mode, _ names: [[UInt8]]) -> [Edit] {
    guard isThere else { return [] }
    let places = Dictionary(zip(names.map { [mode.sign] + $0 }, names.indices), uniquingKeysWith: { first, _ in first })
    var found: Set<Int> = []
    let last = lines.last ?? []
    lines.removeAll { line in
      guard let place = Self.forms(of: line).compactMap({ places[$0] }).min() else { return false }
      found.insert(place)
      return true
    }
    // The newline before it stays.
    if !last.isEmpty, Self.forms(of: last).contains(where: { places[$0] != nil }) { lines.append([]) }
    return names.indices.map { place in
      Edit(name: names[place], mode: mode, outcome: found.contains(place) ? .removed : .notThere)
    }
  }

  /// What a line can be asked for by, so that many names are looked for in many lines at once.
  ///
  /// lbu compares what the shell's `read` leaves of a line: without the blanks at its ends. A name may end with a blank
  /// all the same, which apk takes for a part of it. A slash at the end, as a shell completes the name of a directory,
  /// means nothing to apk, and neither does one in front: unlike lbu, this takes it for the same name.
  private static func forms(of line: [UInt8]) -> [[UInt8]] {
    [line[...], withoutBlanks(line)].map { $0.prefix(1) + withoutSlashes(Array($0.dropFirst())) }
  }

  private static func withoutBlanks(_ line: [UInt8]) -> ArraySlice<UInt8> {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let end = line.lastIndex(where: { !isBlank($0) }) else { return [] }
    return line[...end].drop(while: isBlank)
  }

  private static func withoutSlashes(_ name: [UInt8]) -> [UInt8] {
    let end = name.lastIndex { $0 != slash }.map { $0 + 1 } ?? 0
    return Array(name[..<end].drop { $0 == slash })
  }

  private static func check(_ name: [UInt8]) throws(NameError) {
    if name.isEmpty {
      throw NameError(
        description: "\(path.display) takes no empty name", hint: "name a file or a directory below /, as etc/motd")
    }
    guard !name.contains(newline), !name.contains(0) else {
      throw NameError(
        description: "\(path.display) takes no name with a newline or a NUL in it: \(displayText(of: name))",
        hint: "name the directory that it is in, or a pattern that matches it")
    }
  }
}
