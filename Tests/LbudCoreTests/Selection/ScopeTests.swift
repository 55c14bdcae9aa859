import LbudCore
import Testing

@Suite("Rules followed down the tree")
struct ScopeTests {
  static func root(_ list: String) -> Scope {
    Scope(ProtectedPaths(lists: [.init(name: "lbu.list".bytes, content: list.bytes)]))
  }

  static func mode(ofFile path: String, _ list: String) -> ProtectMode {
    let path = BytePath(path)
    return root(list).directory(at: path.parent).mode(ofFile: path.name)
  }

  @Test(
    "the mode of a file",
    arguments: [
      // apk's own rules.
      ("", "etc/motd", .changed), ("", "etc/ssh/sshd_config", .changed), ("", "etc/init.d/sshd", .symlinksOnly),
      ("", "etc/init.d/sub/x", .symlinksOnly), ("", "etc/apk/world", .all), ("", "etc/apk/keys/x", .all),
      ("", "root/.profile", .none), ("", "usr/etc/x", .none),
      // A list speaks after apk: the last match wins.
      ("-etc/init.d", "etc/init.d/sshd", .ignore), ("-etc/apk", "etc/apk/world", .ignore),
      ("+etc/apk", "etc/apk/world", .changed), ("-etc/motd", "etc/motd", .ignore),
      ("-etc/motd\n!etc/motd", "etc/motd", .all), ("!etc/motd\n-etc/motd", "etc/motd", .ignore),
      ("-etc/ssh", "etc/ssh/a/b", .ignore), ("-etc/ssh\n+etc/ssh/a", "etc/ssh/a/b", .changed),
      ("-etc/ssh\n+etc/ssh/a", "etc/ssh/c", .ignore),
      // The nearer directory wins over a later line for the farther one: a mode is what the walk comes with.
      ("+etc/ssh/a\n-etc/ssh", "etc/ssh/a/b", .changed),
      // What is passed down applies to its level only.
      ("+root/.ssh", "root/.ssh/config", .changed), ("+root/.ssh", "root/.profile", .none),
      ("+root/.ssh", "root/x/.ssh", .none), ("+root/.ssh", "home/root/.ssh/config", .none),
      // A pattern without a slash is for the root's children, not for any depth.
      ("-motd", "etc/motd", .changed), ("-*", "etc/motd", .ignore), ("+sub", "opt/sub/x", .none),
      // Globs, one component at a time; a star does not pass a slash.
      ("+home/*/.ssh", "home/ann/.ssh/config", .changed), ("+home/*/.ssh", "home/ann/x/.ssh/config", .none),
      ("+home/*", "home/ann/deep/er", .changed), ("-etc/*.bak", "etc/a.bak", .ignore),
      ("-etc/*.bak", "etc/ssh/a.bak", .changed), ("-etc/*/*.bak", "etc/ssh/a.bak", .ignore),
      ("-*/*.bak", "etc/a.bak", .ignore), ("@[er]*/link", "etc/link", .symlinksOnly),
      // A leading dot is not special.
      ("+*/.x*", "root/.xinitrc", .changed), ("-etc/*", "etc/.git", .ignore), ("+root/*", "root/.cache/x", .changed),
      ("+.hidden", ".hidden/x", .changed), ("+*", ".hidden/x", .changed),
    ] as [(String, String, ProtectMode)])
  func modeOfAFile(list: String, path: String, expected: ProtectMode) {
    #expect(Self.mode(ofFile: path, list) == expected)
  }

  @Test("no rule applies to a file directly in the root", arguments: ["+vmlinuz", "!vmlinuz", "!*", "+/vmlinuz"])
  func rootFiles(list: String) {
    #expect(Self.mode(ofFile: "vmlinuz", list) == .none)
  }

  @Test func theRootHasNoModeAndIsWalked() {
    #expect(Self.root("!*").mode == .none)
    #expect(Self.root("").descends)
  }

  @Test(
    "which directories are walked",
    arguments: [
      ("", "etc", true), ("", "etc/ssh/deep", true), ("", "usr", false), ("", "root", false),
      ("+root/.ssh", "root", true), ("+root/.ssh", "root/.ssh", true), ("+root/.ssh", "root/.config", false),
      ("+home/*/x/y", "home/ann/x", true), ("+home/*/x/y", "home/ann/z", false),
      // Left out, and nothing in it is asked for.
      ("-root", "root", false), ("-root/x", "root", false), ("-home/*/x", "home/ann", false),
      // Left out, but its inherited mode protects: walked all the same, as apk does.
      ("-etc", "etc", true), ("-etc/ssh", "etc/ssh", true), ("-etc/ssh", "etc/ssh/sub", false),
      // A protecting mode that a later line takes away again still counts.
      ("+root\n-root", "root", true), ("+root\n-root", "root/sub", false), ("-root\n+root", "root/sub", true),
      ("@root\n-root", "root", true), ("!root\n-root", "root", true), ("+root/x\n-root/x", "root", true),
      ("+root/x\n-root/x", "root/x", true),
    ] as [(String, String, Bool)])
  func walked(list: String, path: String, expected: Bool) {
    #expect(Self.root(list).directory(at: BytePath(path)).descends == expected)
  }

  @Test func theModeOfADirectoryIsThatOfItsLastMatchElseItsParents() {
    let root = Self.root("-etc/ssh\n+etc/ssh/keys\n!home")
    #expect(root.directory(at: BytePath("etc")).mode == .changed)
    #expect(root.directory(at: BytePath("etc/ssh")).mode == .ignore)
    #expect(root.directory(at: BytePath("etc/ssh/sub")).mode == .ignore)
    #expect(root.directory(at: BytePath("etc/ssh/keys")).mode == .changed)
    #expect(root.directory(at: BytePath("home/ann/x")).mode == .all)
    #expect(root.directory(at: BytePath("usr")).mode == .none)
  }

  @Test func stepByStepIsTheSameAsByPath() {
    let root = Self.root("+home/*/.ssh\n-home/bob")
    let steps = root.directory(named: "home".bytes).directory(named: "bob".bytes).directory(named: ".ssh".bytes)
    #expect(steps == root.directory(at: BytePath("home/bob/.ssh")))
    #expect(root.directory(at: .root) == root)
  }

  @Test func namesAboveASCIIAreReachedByBytesAndStars() {
    let list: [UInt8] = "-etc/".bytes + [0xff, 0x80] + "\n-etc/b*".bytes
    let etc = Scope(ProtectedPaths(lists: [.init(name: "lbu.list".bytes, content: list)]))
      .directory(named: "etc".bytes)
    #expect(etc.mode(ofFile: [0xff, 0x80]) == .ignore)
    #expect(etc.mode(ofFile: [0xff, 0x81]) == .changed)
    #expect(etc.mode(ofFile: [UInt8(ascii: "b"), 0xfe]) == .ignore)
  }

  @Test func aPatternWithAFlawMatchesNothingAndSpoilsNothing() {
    #expect(Self.mode(ofFile: "root/b", "+root//b\n+\n+/") == .none)
    #expect(Self.mode(ofFile: "etc/motd", "-etc//motd\n-\n-.") == .changed)
  }
}
