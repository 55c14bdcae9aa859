import LbudCore
import Testing

@Suite("A package database that is torn or newer")
struct TornDatabaseTests {
  static let packages = [
    """
    C:Q1tlifxqsNyCzxIJnRwtQKuZToQQw=
    P:base
    V:1.0-r0
    o:base
    q:1
    f:S
    F:etc
    M:0:0:750
    R:motd
    a:0:0:600
    Z:Q1AAECAwQFBgcICQoLDA0ODxAREhM=
    F:etc/ssh
    R:moduli


    """,
    """
    C:Q1tlifxqsNyCzxIJnRwtQKuZToQQw=
    P:extra
    F:etc
    R:extra
    Z:X1000102030405060708090a0b0c0d0e0f10111213
    F:opt


    """,
  ]
  static let text = packages.joined().bytes

  @Test func theSampleIsGood() {
    let database = InstalledDatabase(parsing: Self.text)
    #expect(database.problems.isEmpty)
    #expect(database.files.count == 3)
    #expect(database.directories.count == 3)
  }

  @Test func cutAnywhereItIsReportedOrEndsBetweenPackages() {
    let wholes = (0...Self.packages.count).map { count in
      InstalledDatabase(parsing: Self.packages[..<count].joined().bytes)
    }
    for cut in Self.text.indices {
      let database = InstalledDatabase(parsing: Array(Self.text[..<cut]))
      let isWhole = wholes.contains { $0.files == database.files && $0.directories == database.directories }
      #expect(isWhole || database.problems.contains { $0.severity == .degraded }, "cut at byte \(cut)")
    }
  }

  @Test("bytes flipped anywhere never stop the reader", arguments: [0, 10, 58, 255] as [UInt8])
  func damaged(byte: UInt8) {
    for index in Self.text.indices {
      var text = Self.text
      text[index] = byte
      #expect(InstalledDatabase(parsing: text).directories.count <= 8, "byte \(index)")
    }
  }

  @Test(
    arguments: [
      (
        "P:a\nF:etc",
        ["line 2: ends in the middle of a line", "line 2: the last package is not ended by an empty line"]
      ),
      ("P:a\nF:etc\n", ["line 2: the last package is not ended by an empty line"]),
      ("P:a\n\nF:etc\n\n", ["line 3: a directory before any package name"]),
      ("P:a\nM:0:0:755\n\n", ["line 2: permissions of a directory before any directory"]),
      ("P:a\nR:f\n\n", ["line 2: a file before any directory"]),
      ("P:a\nF:etc\na:0:0:644\n\n", ["line 3: permissions of a file before any file"]),
      ("P:a\nF:etc\nZ:Q1AAECAwQFBgcICQoLDA0ODxAREhM=\n\n", ["line 3: a digest before any file"]),
      ("P:a\nF:etc\nR:f\nF:opt\na:0:0:644\n\n", ["line 5: permissions of a file before any file"]),
      ("P:a\nrubbish\n\n", ["line 2: is no field: rubbish"]),
      ("P:a\nx\n\n", ["line 2: is no field: x"]),
      ("\u{0}\u{0}\u{0}\n", ["line 1: is no field: \\x00\\x00\\x00"]),
    ])
  func whatIsSaid(text: String, expected: [String]) {
    let problems = InstalledDatabase(parsing: text.bytes).problems
    #expect(problems.map(\.text) == expected)
    #expect(problems.allSatisfy { $0.severity == .degraded && $0.subject == "lib/apk/db/installed" })
    #expect(
      problems.allSatisfy {
        $0.remedy == "files whose record cannot be read are saved as if no package knew them; try: apk fix"
      })
  }

  @Test func aTornPlaceIsReportedOnlyAFewTimes() {
    let text = String(repeating: "no field at all\n", count: 1000)
    #expect(InstalledDatabase(parsing: text.bytes).problems.count == 8)
  }

  @Test func emptyLinesInARowAreNoPackage() {
    let database = InstalledDatabase(parsing: "\n\nP:a\nF:etc\n\n\n\nP:b\nF:opt\n\n\n".bytes)
    #expect(database.problems.isEmpty)
    #expect(database.directories.count == 2)
  }

  @Test func anUnknownLetterIsWarnedOfOnceWithItsFirstLine() {
    let problems = InstalledDatabase(parsing: "P:a\nY:1\nF:etc\nY:2\n\nP:b\nY:3\nW:1\n\n".bytes).problems
    #expect(
      problems.map(\.line) == [
        "lib/apk/db/installed: line 2: the field Y is unknown and passed over",
        "lib/apk/db/installed: line 8: the field W is unknown and passed over",
      ])
    #expect(problems.allSatisfy { $0.severity == .warning })
    #expect(
      problems.first?.remedy == "written by a newer apk? nothing to do if lbuctl list names what you expect")
  }

  @Test func lettersOfTheIndexAreNoWarning() {
    let index = "CPVASITULomtckrpDiqsgf".map { "\($0):x\n" }.joined()
    #expect(InstalledDatabase(parsing: "\(index)\n".bytes).problems.isEmpty)
  }

  @Test func unknownLettersDoNotHideATornPlace() {
    let letters = "BEGHJKNOQWXY".map { "\($0):1\n" }.joined()
    let problems = InstalledDatabase(parsing: "P:a\n\(letters)rubbish\n\n".bytes).problems
    #expect(problems.contains { $0.severity == .degraded }, "a warning must not take the place of what is broken")
  }
}
