/// Reads the database line by line and settles who owns a directory that several packages list.
struct InstalledDatabaseParser {
  /// What decides between two packages that list the same directory.
  fileprivate struct Package {
    var name: [UInt8] = []
    var origin: [UInt8] = []
    var replacesPriority: UInt64 = 0
    var digestsAreCut = false
    var ignoresAttributes = false
  }

  struct OwnedDirectory {
    var permissions: InstalledDatabase.Permissions
    fileprivate var owner: Package
  }

  private(set) var files: [BytePath: InstalledDatabase.FileRecord] = [:]
  private(set) var directories: [BytePath: OwnedDirectory] = [:]
  private(set) var problems: [Problem] = []
  private var complaints = 0

  private let keeps: (BytePath) -> Bool
  private var package: Package?
  private var directory: BytePath?
  private var directoryIsKept = false
  private var permissions = Self.directoryDefault
  private var file: BytePath?
  private var unknownLetters: Set<UInt8> = []

  private static let directoryDefault = InstalledDatabase.Permissions(mode: 0o755, uid: 0, gid: 0)
  private static let fileDefault = InstalledDatabase.Permissions(mode: 0o644, uid: 0, gid: 0)

  init(keeps: @escaping (BytePath) -> Bool) {
    self.keeps = keeps
  }

  mutating func read(_ line: ArraySlice<UInt8>, number: Int) {
    guard line.count >= 2 else {
      if !line.isEmpty { complain(number, "is no field: \(displayText(of: line))") }
      endOfPackage()
      return
    }
    guard line[line.startIndex + 1] == UInt8(ascii: ":"), let letter = line.first else {
      complain(number, "is no field: \(displayText(of: line.prefix(40)))")
      return
    }
    field(letter, line.dropFirst(2), number)
  }

  mutating func endOfFile(after number: Int) {
    if package != nil { complain(number, "the last package is not ended by an empty line") }
    endOfPackage()
  }

  mutating func complain(_ number: Int, _ what: String) {
    // One torn place makes many bad lines; the first few tell where to look.
    guard complaints < 8 else { return }
    complaints += 1
    problems.append(
      Problem(
        .degraded, subject: InstalledDatabase.path.display, "line \(number): \(what)",
        remedy: "files whose record cannot be read are saved as if no package knew them; try: apk fix"))
  }

  private mutating func field(_ letter: UInt8, _ value: ArraySlice<UInt8>, _ number: Int) {
    switch letter {
    case UInt8(ascii: "P"): package = Package(name: Array(value))
    case UInt8(ascii: "o"): package?.origin = Array(value)
    case UInt8(ascii: "q"): package?.replacesPriority = Self.number(value) ?? 0
    case UInt8(ascii: "f"):
      package?.digestsAreCut = value.contains(UInt8(ascii: "S"))
      package?.ignoresAttributes = value.contains(UInt8(ascii: "x"))
    case UInt8(ascii: "F"): beginDirectory(value, number)
    case UInt8(ascii: "M"): setDirectoryPermissions(value, number)
    case UInt8(ascii: "R"): beginFile(value, number)
    case UInt8(ascii: "a"): setFilePermissions(value, number)
    case UInt8(ascii: "Z"): setDigest(value, number)
    default: noteUnknown(letter, number)
    }
  }

  // MARK: Directories

  private mutating func beginDirectory(_ value: ArraySlice<UInt8>, _ number: Int) {
    endOfDirectory()
    guard package != nil else { return complain(number, "a directory before any package name") }
    let path = BytePath(normalizing: value)
    directory = path
    directoryIsKept = keeps(path)
    // A package may come back to a directory: what it said there stays said.
    let earlier = directories[path].flatMap { $0.owner.name == package?.name ? $0.permissions : nil }
    permissions = earlier ?? Self.directoryDefault
  }

  private mutating func setDirectoryPermissions(_ value: ArraySlice<UInt8>, _ number: Int) {
    guard directory != nil else { return complain(number, "permissions of a directory before any directory") }
    guard let parsed = Self.permissions(value) else { return badPermissions(value, number) }
    permissions = parsed.permissions
  }

  /// The rule of apk-tools `package.c`, `apk_pkg_replaces_dir`: the higher priority wins; of one origin the package
  /// named like it; else the name that sorts first.
  private mutating func endOfDirectory() {
    defer {
      directory = nil
      file = nil
    }
    guard let directory, directoryIsKept, let package else { return }
    if let owned = directories[directory], !Self.replaces(owned.owner, by: package) { return }
    directories[directory] = OwnedDirectory(permissions: permissions, owner: package)
  }

  private static func replaces(_ owner: Package, by other: Package) -> Bool {
    if owner.name == other.name { return true }
    if owner.replacesPriority != other.replacesPriority { return owner.replacesPriority < other.replacesPriority }
    if !owner.origin.isEmpty, owner.origin == other.origin {
      if owner.origin == owner.name { return false }
      if other.origin == other.name { return true }
    }
    return other.name.lexicographicallyPrecedes(owner.name)
  }

  private mutating func endOfPackage() {
    endOfDirectory()
    package = nil
  }

  // MARK: Files

  private mutating func beginFile(_ value: ArraySlice<UInt8>, _ number: Int) {
    file = nil
    guard let directory else { return complain(number, "a file before any directory") }
    guard directoryIsKept else {
      file = .root
      return
    }
    let path = directory.appending(value)
    file = path
    // A file that two packages list keeps the first one's flags and takes the last one's digest and permissions.
    if files[path] == nil {
      files[path] = InstalledDatabase.FileRecord(
        permissions: Self.fileDefault, digest: nil, attributes: .none,
        ignoresAttributes: package?.ignoresAttributes ?? false)
    }
  }

  private mutating func setFilePermissions(_ value: ArraySlice<UInt8>, _ number: Int) {
    guard let file else { return complain(number, "permissions of a file before any file") }
    guard let parsed = Self.permissions(value) else { return badPermissions(value, number) }
    files[file]?.permissions = parsed.permissions
    files[file]?.attributes = parsed.attributes
  }

  private mutating func setDigest(_ value: ArraySlice<UInt8>, _ number: Int) {
    guard let file else { return complain(number, "a digest before any file") }
    // The digests of files that cannot matter are most of the database: not decoded.
    guard files[file] != nil else { return }
    guard let field = DigestField(value) else {
      return complain(number, "is no digest: \(displayText(of: value.prefix(60)))")
    }
    let kind: PackageDigest.Kind = package?.digestsAreCut ?? false ? .sha256Cut : .sha1
    files[file]?.digest = field.isLong ? nil : PackageDigest(kind: kind, bytes: field.bytes)
  }

  // MARK: Values

  private mutating func badPermissions(_ value: ArraySlice<UInt8>, _ number: Int) {
    complain(number, "is no uid:gid:mode: \(displayText(of: value.prefix(60)))")
  }

  private static func permissions(
    _ value: ArraySlice<UInt8>
  ) -> (permissions: InstalledDatabase.Permissions, attributes: AttributesDigest)? {
    let fields = value.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
    guard fields.count >= 3, let uid = number(fields[0]).flatMap(UInt32.init(exactly:)),
      let gid = number(fields[1]).flatMap(UInt32.init(exactly:)), let mode = number(fields[2], radix: 8)
    else { return nil }
    var attributes = AttributesDigest.none
    if fields.count == 4 {
      guard let digest = DigestField(fields[3]) else { return nil }
      attributes = AttributesDigest(bytes: digest.bytes)
    }
    return (.init(mode: UInt16(truncatingIfNeeded: mode & 0o7777), uid: uid, gid: gid), attributes)
  }

  private static func number(_ text: ArraySlice<UInt8>, radix: Int = 10) -> UInt64? {
    UInt64(String(decoding: text, as: UTF8.self), radix: radix)
  }

  /// The fields of apk-tools 3.0; a lower-case one that is not among them may be ignored by its own rule.
  private static let known = Set("PVTULADCSIpiomtckrqsgFMRZaf".utf8)

  private mutating func noteUnknown(_ letter: UInt8, _ number: Int) {
    guard !Self.known.contains(letter), unknownLetters.insert(letter).inserted else { return }
    problems.append(
      Problem(
        .warning, subject: InstalledDatabase.path.display,
        "line \(number): the field \(displayText(of: [letter])) is unknown and passed over",
        remedy: "written by a newer apk? nothing to do if lbuctl list names what you expect"))
  }
}
