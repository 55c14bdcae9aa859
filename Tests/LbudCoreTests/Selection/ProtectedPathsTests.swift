import LbudCore
import Testing

@Suite("The lists of protected paths")
struct ProtectedPathsTests {
  typealias List = ProtectedPaths.List

  /// Rules as a person would write them.
  static func text(_ rules: some Sequence<ProtectedPaths.Rule>) -> [String] {
    rules.map { rule in
      let mode: String
      switch rule.mode {
      case .none: mode = " "
      case .ignore: mode = "-"
      case .changed: mode = "+"
      case .symlinksOnly: mode = "@"
      case .all: mode = "!"
      }
      return mode + rule.components.map { displayText(of: $0.bytes) }.joined(separator: "/")
    }
  }

  static func added(_ content: String) -> [String] {
    text(ProtectedPaths(lists: [List(name: "lbu.list".bytes, content: content.bytes)]).rules.dropFirst(3))
  }

  @Test func withoutListsApksOwnRulesStand() {
    #expect(Self.text(ProtectedPaths().rules) == ["+etc", "@etc/init.d", "!etc/apk"])
  }

  @Test(
    "a line is a mode and a pattern",
    arguments: [
      ("+root", ["+root"]), ("-etc/x", ["-etc/x"]), ("@a/b", ["@a/b"]), ("!a", ["!a"]),
      // No mode character: changed files.
      ("root/.ssh", ["+root/.ssh"]),
      // Slashes at the ends go, after the mode.
      ("+/root/", ["+root"]), ("///root///", ["+root"]), ("-//a/b//", ["-a/b"]), ("/+root", ["++root"]),
      // Only one mode character is taken; spaces are part of the name.
      ("+-a", ["+-a"]), ("+ a", ["+ a"]), (" +a", ["+ +a"]),
      // Comments and empty lines are none; a later # is.
      ("# a comment\n\n+a\n#+b\n", ["+a"]), ("+a # b", ["+a # b"]), (" # x", ["+ # x"]), ("", []), ("\n\n", []),
      // The last line counts without its end.
      ("+a\n+b", ["+a", "+b"]), ("+a\n-a\n+a\n", ["+a", "-a", "+a"]),
      // A doubled slash inside stays an empty component, which matches nothing.
      ("+a//b", ["+a//b"]), ("+", ["+"]), ("+/", ["+"]),
    ])
  func lines(content: String, expected: [String]) {
    #expect(Self.added(content) == expected)
  }

  @Test(
    "hidden files and those that are no .list are not read",
    arguments: [
      ("lbu.list", true), ("a.list", true), ("x.y.list", true), (".lbu.list", false), (".list", false),
      ("lbu.list.bak", false), ("lbu.list~", false), ("list", false), ("lbu.LIST", false), ("xlist", false),
      ("", false),
    ])
  func whichFilesAreRead(name: String, expected: Bool) {
    #expect(List.isRead(name.bytes) == expected)
    let paths = ProtectedPaths(lists: [List(name: name.bytes, content: "+root\n".bytes)])
    #expect(Self.text(paths.rules.dropFirst(3)) == (expected ? ["+root"] : []))
  }

  @Test func listsAreReadInTheOrderGivenAfterApksRules() {
    let paths = ProtectedPaths(lists: [
      List(name: "z.list".bytes, content: "-etc/motd".bytes), List(name: "a.list".bytes, content: "+etc/motd".bytes),
    ])
    #expect(Self.text(paths.rules) == ["+etc", "@etc/init.d", "!etc/apk", "-etc/motd", "+etc/motd"])
  }

  @Test func bytesAboveASCIIAreKept() {
    let line: [UInt8] = [UInt8(ascii: "+"), 0xff, UInt8(ascii: "/"), 0x80]
    let paths = ProtectedPaths(lists: [List(name: "lbu.list".bytes, content: line)])
    #expect(paths.rules.last?.components.map(\.bytes) == [[0xff], [0x80]])
    #expect(paths.included == [[0xff, UInt8(ascii: "/"), 0x80]])
  }

  @Test func onlyPlusLinesOfLbuListAreIncludedAndAsTheyStand() {
    let content = "+/root/.profile\n+var/lib/x/\nusr/local\n-etc/a\n@etc/b\n!etc/c\n# +d\n+e"
    let lbu = ProtectedPaths(lists: [List(name: "lbu.list".bytes, content: content.bytes)])
    #expect(lbu.included.map { displayText(of: $0) } == ["/root/.profile", "var/lib/x/", "e"])
    let other = ProtectedPaths(lists: [List(name: "other.list".bytes, content: content.bytes)])
    #expect(other.included.isEmpty)
  }

  @Test func aBadPatternIsReportedWithItsFileAndLine() {
    let lists = [
      List(name: "lbu.list".bytes, content: "+root\n\n# x\n+a//b\n-[x\n+etc/./motd\n+home\r\n".bytes),
      List(name: "b.list".bytes, content: "../up".bytes),
    ]
    let problems = ProtectedPaths(lists: lists).problems
    #expect(
      problems.map(\.line) == [
        "etc/apk/protected_paths.d/lbu.list: line 4: the pattern +a//b holds an empty component (two slashes) and can"
          + " match nothing",
        "etc/apk/protected_paths.d/lbu.list: line 5: the pattern -[x opens a bracket that is not closed: it is taken"
          + " literally",
        "etc/apk/protected_paths.d/lbu.list: line 6: the pattern +etc/./motd holds a '.' component and can match nothing",
        "etc/apk/protected_paths.d/lbu.list: line 7: the pattern +home\\r ends in a carriage return (saved with Windows"
          + " line ends?)",
        "etc/apk/protected_paths.d/b.list: line 1: the pattern ../up holds a '..' component and can match nothing",
      ])
    #expect(problems.allSatisfy { $0.severity == .warning && $0.remedy == "correct or remove the line" })
  }

  @Test func goodPatternsAreNoProblem() {
    let content = "+root\n-etc/[a-c]*\n!*/?x\n@etc/init.d\n+.config\n"
    #expect(ProtectedPaths(lists: [List(name: "lbu.list".bytes, content: content.bytes)]).problems.isEmpty)
  }
}
