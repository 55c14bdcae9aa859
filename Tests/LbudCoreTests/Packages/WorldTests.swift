import Testing

@testable import LbudCore

@Suite struct WorldTests {
  @Test(
    arguments: [
      ("", []), ("\n\n", []), ("a\nb\n", ["a", "b"]), ("a b", ["a", "b"]), ("a\n!c\nb=1.0-r2\n", ["a", "b=1.0-r2"]),
      ("a\na\n", ["a"]), ("a@edge~1.2", ["a@edge~1.2"]),
      // There are no comments: apk looks for packages of these names.
      ("# x\n", ["#", "x"]),
      // Only blanks and newlines stand between words.
      ("a\tb\r\n", ["a\tb\r"]),
    ] as [(String, [String])])
  func words(text: String, expected: [String]) {
    let world = World(parsing: text.bytes)
    #expect(world.dependencies.map(\.text) == expected.map(\.bytes))
    #expect(world.problems.isEmpty)
  }

  @Test func whatIsNoDependencyIsSaid() {
    let world = World(parsing: "a\nb=\n\u{7}=\nc\n".bytes)
    #expect(world.dependencies.map(\.display) == ["a", "c"])
    #expect(
      world.problems.map(\.line) == [
        "/etc/apk/world: is no dependency: b=", "/etc/apk/world: is no dependency: \\x07=",
      ])
  }

  @Test func aTornFileFullOfNonsenseSaysLittle() {
    let world = World(parsing: (0..<1000).map { "=\($0) " }.joined().bytes)
    #expect(world.problems.count == 8)
    #expect(World(parsing: [UInt8](repeating: 0, count: 4096)).dependencies.count == 1)
  }
}
