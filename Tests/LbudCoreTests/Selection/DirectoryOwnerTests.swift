import LbudCore
import Testing

/// Each package gives `d` a user id of its own, which tells whose permissions hold.
@Suite("A directory that several packages list")
struct DirectoryOwnerTests {
  struct Package: Sendable {
    var name: String
    var uid: UInt32?
    var priority: Int?
    var origin: String?

    init(_ name: String, _ uid: UInt32?, q priority: Int? = nil, o origin: String? = nil) {
      self.name = name
      self.uid = uid
      self.priority = priority
      self.origin = origin
    }

    var text: String {
      "P:\(name)\n" + (origin.map { "o:\($0)\n" } ?? "") + (priority.map { "q:\($0)\n" } ?? "") + "F:d\n"
        + (uid.map { "M:\($0):0:755\n" } ?? "") + "\n"
    }
  }

  static func owner(_ packages: [Package]) -> UInt32? {
    let database = InstalledDatabase(parsing: packages.map(\.text).joined().bytes)
    #expect(database.problems.isEmpty)
    return database.directories[BytePath("d")]?.uid
  }

  static let cases: [(packages: [Package], winner: UInt32)] = [
    // The name that sorts first.
    ([Package("a", 1), Package("b", 2)], 1),
    ([Package("ab", 1), Package("abc", 2)], 1),
    ([Package("B", 1), Package("a", 2)], 1),
    // The default counts as what the package says.
    ([Package("a", nil), Package("b", 2)], 0),
    // The higher priority.
    ([Package("a", 1), Package("b", 2, q: 1)], 2),
    ([Package("a", 1, q: 5), Package("b", 2, q: 5)], 1),
    ([Package("a", 1, q: 9), Package("b", 2, q: 10)], 2),
    // Of one origin the package named like it.
    ([Package("a", 1, o: "z"), Package("z", 2, o: "z")], 2),
    ([Package("a", 1, o: "y"), Package("z", 2, o: "z")], 1),
    ([Package("a", 1, o: "x"), Package("z", 2, o: "x")], 1),
    // Priority comes before origin.
    ([Package("a", 1, q: 2, o: "z"), Package("z", 2, q: 1, o: "z")], 1),
    // Among three.
    ([Package("a", 1), Package("m", 2, q: 1), Package("z", 3)], 2),
  ]

  @Test("the winner does not depend on the order of the packages", arguments: cases.indices)
  func winner(index: Int) {
    let (packages, winner) = Self.cases[index]
    #expect(Self.owner(packages) == winner)
    #expect(Self.owner(packages.reversed()) == winner)
  }

  @Test func theSamePackageTwiceSpeaksLast() {
    #expect(Self.owner([Package("a", 1), Package("a", 2)]) == 2)
  }

  @Test func aDirectoryListedAgainWithoutPermissionsKeepsWhatItsPackageSaid() {
    let database = InstalledDatabase(parsing: "P:a\nF:d\nM:7:7:700\nF:other\nF:d\nR:x\n\n".bytes)
    #expect(database.directories[BytePath("d")] == .init(mode: 0o700, uid: 7, gid: 7))
  }

  @Test func thePermissionsBehindFilesStillAreTheDirectorys() {
    let database = InstalledDatabase(parsing: "P:a\nF:d\nR:x\nM:7:7:700\n\n".bytes)
    #expect(database.directories[BytePath("d")]?.uid == 7)
  }
}
