import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What is archived is what was there.
@Suite struct SnapshotBuilderTests {
  private let directory = TemporaryDirectory()
  private let builder: TreeBuilder
  private let root: RootDirectory

  init() throws {
    builder = TreeBuilder(directory.path)
    builder.directory(BytePath("etc"))
    root = try RootDirectory(path: directory.path)
  }

  private func build(_ entries: [SelectedEntry]) throws -> (SnapshotBuilder.Built, SnapshotIndex) {
    let path = directory.path + "/out"
    let file = Descriptor(owning: open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600))
    let facts = SnapshotFacts(host: "box", time: 0, reason: "request", uid: 0, changedCount: 1)
    let built = try SnapshotBuilder.build(
      CommitRecipe(entries), facts: facts, root: root, output: FileOutput(raw: file.raw, path: path))
    return (built, try SnapshotStore.index(of: file, path: path))
  }

  private func entries(_ paths: [BytePath]) -> [SelectedEntry] {
    paths.map { SelectedEntry($0, .file, .added) }.sorted { $0.key < $1.key }
  }

  @Test func everyKindIsReadBackAsItWas() throws {
    builder.file("etc/file", "content", mode: 0o4755)
    builder.file("etc/empty", "")
    builder.file(BytePath("etc/large"), [UInt8](repeating: 7, count: 3_000_000))
    builder.symlink(BytePath("etc/link"), to: [0xff, 0x0a, 0x20])
    builder.fifo(BytePath("etc/fifo"))
    builder.directory(BytePath("etc/dir"), mode: 0o1777)
    link(directory.path + "/etc/file", directory.path + "/etc/hard")
    for name in [[UInt8](repeating: 0xe9, count: 255), Array("a\nb c".utf8)] {
      builder.file(BytePath("etc").appending(name), Array("x".utf8))
    }
    let names = try root.open(Array("etc".utf8), O_RDONLY | O_DIRECTORY).names(path: BytePath("etc"))
    let (built, index) = try build(entries(names.map { BytePath("etc").appending($0) }))
    #expect(index.entries == built.entries)
    #expect(built.entries.count == names.count)
    #expect(index.entries[BytePath("etc/hard")] == index.entries[BytePath("etc/file")])
    #expect(index.entries[BytePath("etc/file")]?.mode == 0o4755)
    #expect(built.notes.isEmpty)
  }

  @Test func whatHasGoneSinceIsLeftOut() throws {
    builder.file("etc/stays", "x")
    let (built, index) = try build(entries(["etc/gone", "etc/stays", "gone/too"].map { BytePath($0) }))
    #expect(Set(built.entries.keys) == [BytePath("etc/stays")])
    #expect(index.entries == built.entries)
  }

  @Test func aSocketIsLeftOutAndSaidSo() throws {
    let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array((directory.path + "/etc/socket").utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    let (built, index) = try build(entries([BytePath("etc/socket")]))
    #expect(built.notes == ["etc/socket: a socket cannot be archived, it is left out"])
    #expect(index.entries.isEmpty)
    #expect(built.entries.isEmpty)
  }

  /// The writer replaces the content by one letter over and over: any mixture of two is a state it never had.
  @Test(arguments: [200_000, 6_000_000])
  func aFileThatChangesWhileItIsReadIsAStateItReallyHad(size: Int) throws {
    builder.file(BytePath("etc/busy"), [UInt8](repeating: UInt8(ascii: "a"), count: size))
    let done = Flag()
    let writing = Flag()
    let path = directory.path + "/etc/busy"
    startThread {
      let descriptor = open(path, O_WRONLY)
      var letter = UInt8(ascii: "a")
      // Streaming a large file takes longer than the pause between two writes: it ends well once the writer rests.
      for _ in 0..<(size > SnapshotBuilder.memoryLimit ? 8 : 1000) where !done.isRaised {
        letter = letter == UInt8(ascii: "z") ? UInt8(ascii: "a") : letter + 1
        let content = [UInt8](repeating: letter, count: size)
        _ = content.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, size, 0) }
        writing.raise()
        usleep(30_000)
      }
      close(descriptor)
    }
    while !writing.isRaised { usleep(1000) }
    defer { done.raise() }
    let possible = Set(
      try (UInt8(ascii: "a")...UInt8(ascii: "z")).map { letter in
        try #require(ContentDigest(sha256([UInt8](repeating: letter, count: size))))
      })
    for _ in 0..<10 {
      let (built, index) = try build(entries([BytePath("etc/busy")]))
      #expect(built.notes.isEmpty)
      guard case .file(_, let digest?)? = index.entries[BytePath("etc/busy")]?.content else {
        Issue.record("no digest")
        continue
      }
      let isPossible = possible.contains(digest)
      #expect(isPossible, "a mixture of two contents was archived")
    }
  }

  @Test func namesWithoutASlashComeLast() {
    let paths = ["zz", "etc/b", "aa", "etc", "etc/a/x", "etc/a"].map { BytePath($0) }
    let entries = paths.map { SelectedEntry($0, $0 == BytePath("etc") ? .directory : .file, .added) }
    #expect(
      entries.sorted { $0.key < $1.key }.map(\.path.display) == [
        "etc", "etc/a", "etc/a/x", "etc/b", "aa", "zz",
      ])
  }
}
