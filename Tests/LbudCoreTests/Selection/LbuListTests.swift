import LbudCore
import Testing

@Suite("Editing lbu.list")
struct LbuListTests {
  private func words(_ edits: [LbuList.Edit]) -> [String] {
    edits.map { "\($0.mode) \(displayText(of: $0.name)) \($0.outcome)" }
  }

  @Test(
    "what include and exclude make of the file, and what they report",
    arguments: [
      ("", LbuList.Mode.include, ["root"], "+root\n", ["include root added", "exclude root notThere"]),
      ("", .exclude, ["root"], "-root\n", ["include root notThere", "exclude root added"]),
      // Slashes at the ends mean nothing: without them in the list, with them in what an older lbu has written.
      ("", .include, ["//root//"], "+root\n", ["include root added", "exclude root notThere"]),
      ("+root/\n", .include, ["root"], "+root/\n", ["include root alreadyThere", "exclude root notThere"]),
      ("-/root\n", .include, ["root"], "+root\n", ["include root added", "exclude root removed"]),
      ("+//root/\n", .include, ["root"], "+//root/\n", ["include root alreadyThere", "exclude root notThere"]),
      ("+root/ \n", .exclude, ["root/"], "-root\n", ["include root removed", "exclude root added"]),
      // The other mode's line goes, and back.
      ("-a\n+b\n", .include, ["a"], "+b\n+a\n", ["include a added", "exclude a removed"]),
      ("-a\n+b\n", .exclude, ["b"], "-a\n-b\n", ["include b removed", "exclude b added"]),
      // Reported in the order of the two steps, not of the names.
      (
        "-a\n-b\n", .include, ["a", "b"], "+a\n+b\n",
        ["include a added", "include b added", "exclude a removed", "exclude b removed"]
      ),
      (
        "+a\n+b\n", .exclude, ["a", "c"], "+b\n-a\n-c\n",
        ["include a removed", "include c notThere", "exclude a added", "exclude c added"]
      ),
      // A duplicate changes nothing, also of an argument.
      ("+a\n", .include, ["/a"], "+a\n", ["include a alreadyThere", "exclude a notThere"]),
      (
        "", .include, ["a", "a"], "+a\n",
        ["include a added", "include a alreadyThere", "exclude a notThere", "exclude a notThere"]
      ),
      // All of the equal ones.
      ("-a\n-b\n-a\n", .include, ["a"], "-b\n+a\n", ["include a added", "exclude a removed"]),
      // Blanks around the line do not count, those inside do.
      (" +a \t\n", .include, ["a"], " +a \t\n", ["include a alreadyThere", "exclude a notThere"]),
      ("+a b\n", .include, ["a  b"], "+a b\n+a  b\n", ["include a  b added", "exclude a  b notThere"]),
      ("-a \n", .include, ["a"], "+a\n", ["include a added", "exclude a removed"]),
      ("+a\r\n", .include, ["a"], "+a\r\n+a\n", ["include a added", "exclude a notThere"]),
      // Comments, empty lines, rules of apk's that lbu has no command for, and lines without a sign stay.
      (
        "# mine\n\n@x\n!y\nroot\n-a\n# end\n", .include, ["root"], "# mine\n\n@x\n!y\nroot\n-a\n# end\n+root\n",
        ["include root added", "exclude root notThere"]
      ),
      ("#+a\n", .include, ["a"], "#+a\n+a\n", ["include a added", "exclude a notThere"]),
      // A last line without its newline is neither lost nor glued to.
      ("+a", .include, ["b"], "+a\n+b\n", ["include b added", "exclude b notThere"]),
      ("+a", .include, ["a"], "+a", ["include a alreadyThere", "exclude a notThere"]),
      ("+a\n-b", .include, ["b"], "+a\n+b\n", ["include b added", "exclude b removed"]),
      ("+a", .exclude, ["a"], "-a\n", ["include a removed", "exclude a added"]),
      // Patterns are bytes too, and so is what the shell would unescape.
      ("+a*\n", .exclude, ["a*"], "-a*\n", ["include a* removed", "exclude a* added"]),
      ("+a\\b\n", .exclude, ["a\\b"], "-a\\b\n", ["include a\\\\b removed", "exclude a\\\\b added"]),
      ("", .include, ["-x"], "+-x\n", ["include -x added", "exclude -x notThere"]),
    ])
  func adding(before: String, mode: LbuList.Mode, names: [String], after: String, expected: [String]) throws {
    var list = LbuList(before.bytes)
    #expect(words(try list.add(mode, names.map(\.bytes))) == expected)
    #expect(displayText(of: list.bytes) == displayText(of: after.bytes))
  }

  @Test(
    "-r takes out of one mode only",
    arguments: [
      ("+a\n-a\n", LbuList.Mode.include, ["a"], "-a\n", ["include a removed"]),
      ("+a\n-a\n", .exclude, ["//a"], "+a\n", ["exclude a removed"]),
      ("+a\n", .include, ["b", "a"], "", ["include b notThere", "include a removed"]),
      ("+b\n+a", .include, ["a"], "+b\n", ["include a removed"]),
      ("+a\nb", .include, ["a"], "b", ["include a removed"]),
      ("+a\n\n+a\n# x", .include, ["a", "a"], "\n# x", ["include a removed", "include a notThere"]),
      // What an older lbu made of "include /".
      ("+\n+a\n", .include, ["/"], "+a\n", ["include  removed"]),
      ("+a\n", .include, ["a\nb"], "+a\n", ["include a\\nb notThere"]),
    ])
  func removing(before: String, mode: LbuList.Mode, names: [String], after: String, expected: [String]) {
    var list = LbuList(before.bytes)
    #expect(words(list.remove(mode, names.map(\.bytes))) == expected)
    #expect(displayText(of: list.bytes) == displayText(of: after.bytes))
  }

  @Test func whereThereIsNoFileNothingIsLookedForInIt() throws {
    var list = LbuList.missing
    #expect(list.remove(.include, ["a".bytes]).isEmpty)
    #expect(list == .missing)
    #expect(words(try list.add(.exclude, ["a".bytes])) == ["exclude a added"])
    #expect(list == LbuList("-a\n".bytes))
    list = .missing
    #expect(words(try list.add(.include, ["a".bytes])) == ["include a added", "exclude a notThere"])
    #expect(LbuList([]) != .missing)
  }

  @Test func entriesAreListedAsTheyStand() {
    let list = LbuList("+a\n#+b\n-c\n +d\n+e \nf\n+\n@g\n-h".bytes)
    #expect(list.entries(.include).map { displayText(of: $0) } == ["a", "e ", ""])
    #expect(list.entries(.exclude).map { displayText(of: $0) } == ["c", "h"])
    #expect(LbuList.missing.entries(.include).isEmpty)
  }

  @Test func namesAreBytes() throws {
    let names: [[UInt8]] = [
      [0xff, 0x80], "a b ".bytes, " a".bytes, [UInt8](repeating: 0xfe, count: 255), "tab\there".bytes, [0x1b, 0x0d],
    ]
    var list = LbuList([])
    let added = try list.add(.include, names)
    #expect(added.filter { $0.outcome == .added }.map(\.name) == names)
    #expect(list.entries(.include) == names)
    // Each is found again, that which ends with a blank too.
    #expect(try list.add(.include, names).filter { $0.outcome == .alreadyThere }.count == names.count)
    #expect(list.remove(.include, names).allSatisfy { $0.outcome == .removed })
    #expect(list.bytes.isEmpty)
  }

  @Test(
    "a name that the list cannot hold is refused, and nothing is changed",
    arguments: [
      ("", "etc/apk/protected_paths.d/lbu.list takes no empty name", "name a file or a directory below /, as etc/motd"),
      (
        "///", "etc/apk/protected_paths.d/lbu.list takes no empty name",
        "name a file or a directory below /, as etc/motd"
      ),
      (
        "/etc/a\nb",
        "etc/apk/protected_paths.d/lbu.list takes no name with a newline or a NUL in it: etc/a\\nb",
        "name the directory that it is in, or a pattern that matches it"
      ),
      (
        "a\0b", "etc/apk/protected_paths.d/lbu.list takes no name with a newline or a NUL in it: a\\x00b",
        "name the directory that it is in, or a pattern that matches it"
      ),
    ])
  func refused(name: String, description: String, hint: String) {
    var list = LbuList("-good".bytes)
    for mode in [LbuList.Mode.include, .exclude] {
      let error = #expect(throws: LbuList.NameError.self) { try list.add(mode, ["good".bytes, name.bytes]) }
      #expect(error?.description == description)
      #expect(error?.hint == hint)
    }
    #expect(list == LbuList("-good".bytes))
  }

  /// Each name was looked for in every line: a message of the length that is allowed took minutes.
  @Test("as many names as a message of 300 kB holds", .timeLimit(.minutes(1)))
  func manyNames() throws {
    let names = (0..<20_000).map { "r\($0)".bytes }
    var list = LbuList.missing
    #expect(try list.add(.include, names).count { $0.outcome == .added } == names.count)
    #expect(try list.add(.exclude, names).count { $0.outcome == .removed } == names.count)
    #expect(list.remove(.exclude, names + names).count { $0.outcome == .removed } == names.count)
    #expect(list.bytes.isEmpty)
  }
}
