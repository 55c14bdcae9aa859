import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// Changes that no event tells, found without a look at everything.
@Suite struct UnseenTests {
  private let directory = TemporaryDirectory()
  private let builder: TreeBuilder

  init() { builder = TreeBuilder(directory.path) }

  @Test func aChangeThroughAnotherName() throws {
    builder.file("etc/conf/a", "one")
    builder.directory(BytePath("outside"))
    link(directory.path + "/etc/conf/a", directory.path + "/outside/b")
    let world = try WatchedRoot(directory)
    try world.saveAll()
    #expect(world.tree.linked == [BytePath("etc/conf/a")])
    builder.file("outside/b", "two and more")
    try world.settle()
    #expect(world.change("etc/conf/a") == nil)
    try world.lookForUnseen()
    #expect(world.change("etc/conf/a") == .modified)
    unlink(directory.path + "/etc/conf/a")
    try world.settle()
    #expect(world.tree.linked.isEmpty)
  }

  @Test func aStoreThroughAMapping() throws {
    for name in ["etc/conf/plain", "etc/conf/a b\nc"] {
      builder.file(BytePath(name), [UInt8](repeating: 65, count: 4096))
      let world = try WatchedRoot(directory)
      try world.saveAll()
      let raw = open(directory.path + "/" + name, O_RDWR | O_CLOEXEC)
      let memory = try #require(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, raw, 0))
      close(raw)
      for round in 0..<3 as Range<UInt8> {
        // The page is dirty from the first one on: then no timestamp moves.
        memory.storeBytes(of: 66 + round, as: UInt8.self)
        try world.settle()
        try world.lookForUnseen()
        #expect(world.change(name) == .modified, "round \(round)")
        try world.saveAll()
      }
      munmap(memory, 4096)
    }
  }

  @Test func whereNothingIsUnseenNothingIsLookedAt() throws {
    builder.file("etc/conf/a", "one")
    let world = try WatchedRoot(directory)
    try world.saveAll()
    try world.lookForUnseen()
    #expect(world.changes.isEmpty && world.tree.devices.values.allSatisfy(\.self))
  }

  @Test(
    "lines of maps",
    arguments: [
      ("7f2c0000-7f2d0000 rw-s 00000000 fe:00 1234                       /etc/some.db", "/etc/some.db"),
      ("7f2c0000-7f2d0000 -w-s 00000000 fe:00 1234    /etc/a b", "/etc/a b"),
      ("7f2c0000-7f2d0000 rw-s 00000000 fe:00 1234    /etc/a\\012b", "/etc/a\nb"),
      ("7f2c0000-7f2d0000 rw-p 00000000 fe:00 1234    /etc/private", nil),
      ("7f2c0000-7f2d0000 r--s 00000000 fe:00 1234    /etc/read", nil),
      ("7f2c0000-7f2d0000 rw-s 00000000 00:00 0 ", nil), ("", nil), ("7f2c0000-7f2d0000 rw", nil),
    ] as [(String, String?)])
  func line(text: String, path: String?) {
    let found = Array(text.utf8).withUnsafeBytes { MappedFiles.path(in: $0) }
    #expect(found == path.map { Array($0.utf8) })
  }

  @Test func stretchesAreWhatStandsThere() throws {
    for number in 0..<60 { builder.file("etc/\(number % 7)/\(number)", "x") }
    // In the order of bytes a slash stands between others.
    for name in ["s", "s-t", "s.t", "s/u", "s/u-", "s/u0", "s0", "s-t/v", "s-/w", "s0/x", "s.t/y"] {
      builder.file("etc/\(name)/file", "x")
      builder.file("etc/\(name)1", "x")
    }
    builder.file(BytePath(bytes: Array("etc/s/".utf8) + [0xFF, 0x0A]), [1])
    builder.file(BytePath(bytes: Array("etc/s/".utf8) + [UInt8](repeating: 0xC3, count: 255)), [1])
    // One that is reached through a symlink alone.
    builder.file("srv/other/elsewhere", "x")
    builder.symlink(BytePath("link"), to: Array("srv/other".utf8))
    builder.file("etc/apk/protected_paths.d/lbu.list", "+var\n+top\n+link/elsewhere\n")
    builder.file("var/x/y", "1")
    builder.file("top", "2")
    let watched = try WatchedRoot(directory)
    let tree = watched.tree
    let keys = tree.entries.map(\.key)
    #expect(keys == keys.sorted() && keys.count > 100)
    #expect(keys.contains { $0.path == BytePath("link/elsewhere") })
    // As the journal was told of it, by another way.
    #expect(Set(keys.map(\.path)) == Set(watched.journal.changes.keys))
    for from in stride(from: 0, to: keys.count, by: 3) {
      for upTo in stride(from: from, through: keys.count, by: 5) {
        let end = upTo < keys.count ? keys[upTo] : nil
        let stretch = tree.stretch(from: from == 0 ? nil : keys[from], upTo: end)
        #expect(stretch.entries.map(\.key) == Array(keys[from..<upTo]), "\(from)..<\(upTo)")
      }
    }
    #expect(tree.firstEntry(inside: BytePath("var"))?.path == BytePath("var"))
    #expect(tree.firstEntry(inside: BytePath("etc/3/3"))?.path == BytePath("etc/3/3"))
    #expect(tree.firstEntry(inside: BytePath("etc/3/33")) == nil)
    #expect(tree.firstEntry(inside: BytePath("media/usb")) == nil)
  }
}
