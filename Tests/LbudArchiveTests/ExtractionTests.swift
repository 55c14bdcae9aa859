import LbudCore
import Testing

@testable import LbudArchive

/// The tars that may meet a snapshot: busybox's unpacks it at boot.
enum Tar: String, CaseIterable, CustomTestStringConvertible {
  case gnu, busybox, bsd

  var command: [String] {
    switch self {
    // It warns of times before 1970 or in the future, and takes them.
    case .gnu: ["tar", "--numeric-owner", "--warning=no-timestamp"]
    case .busybox: ["busybox", "tar", "--numeric-owner"]
    case .bsd: ["bsdtar", "--numeric-owner"]
    }
  }

  var testDescription: String { rawValue }
}

@Suite("Other tars unpack a snapshot", .enabled(if: DiskTree.isRoot, "needs root for owners"))
struct ExtractionTests {
  static func unpack(_ entries: [Entry], with tar: Tar, spanSize: Int) throws -> (Scratch, root: String) {
    let scratch = try Scratch()
    let root = try scratch.makeDirectory("root")
    try scratch.write(try snapshot(entries, spanSize: spanSize).bytes, to: "a.tar.gz")
    let result = try Program.run(tar.command + ["-xpzf", scratch.path + "/a.tar.gz", "-C", root], in: scratch)
    #expect(result.status == 0)
    #expect(result.errors == "")
    return (scratch, root)
  }

  /// Compares everything a snapshot promises, and the time as far as `tar` restores it.
  static func compare(_ entry: Entry, below root: String, unpackedBy tar: Tar) throws {
    guard var found = try DiskTree.entry(like: entry.member, below: root) else {
      Issue.record("\(entry.member.path) is missing")
      return
    }
    var expected = entry
    switch entry.member.body {
    case .directory, .symlink:
      // busybox does not put the time of links, and of directories that are then filled.
      if tar == .busybox { found.member.modificationTime = expected.member.modificationTime }
    case .hardLink(let target):
      #expect(DiskTree.inode(entry.member.path, below: root) == DiskTree.inode(target, below: root))
      return
    default: break
    }
    if case .symlink = expected.member.body { expected.member.mode = 0o777 }
    #expect(found == expected, "\(entry.member.path)")
  }

  @Test(arguments: Tar.allCases, [1, 20_000, 1 << 20])
  func byteForByte(tar: Tar, spanSize: Int) throws {
    let (scratch, root) = try Self.unpack(Fixture.longest, with: tar, spanSize: spanSize)
    for entry in Fixture.longest { try Self.compare(entry, below: root, unpackedBy: tar) }
    withExtendedLifetime(scratch) {}
  }

  @Test(.enabled(if: DiskTree.canMakeDevices, "needs the right to make devices"), arguments: Tar.allCases)
  func devices(tar: Tar) throws {
    let (scratch, root) = try Self.unpack(Fixture.devices, with: tar, spanSize: 1000)
    for entry in Fixture.devices { try Self.compare(entry, below: root, unpackedBy: tar) }
    withExtendedLifetime(scratch) {}
  }

  @Test(arguments: Tar.allCases)
  func aTimeFarFromNow(tar: Tar) throws {
    let times = [0, 1, 2_147_483_647, 2_147_483_648, 8_589_934_591, -1, -2_000_000_000] as [Int64]
    let entries = times.map { Entry("t\($0)", .file(size: 0), time: $0) }
    let (scratch, root) = try Self.unpack(entries, with: tar, spanSize: 1000)
    for entry in entries { try Self.compare(entry, below: root, unpackedBy: tar) }
    withExtendedLifetime(scratch) {}
  }

  @Test func theVerboseListingThatApkReadsAtBootHasTheNamesAsTheyAre() throws {
    let entries = [Fixture.directory("etc"), Entry("etc/hostname", content: "a"), Entry("motd", content: "b")]
    let scratch = try Scratch()
    let root = try scratch.makeDirectory("root")
    try scratch.write(try snapshot(entries).bytes, to: "a.tar.gz")
    let result = try Program.run(
      ["busybox", "tar", "-C", root, "-zxvf", scratch.path + "/a.tar.gz"], in: scratch)
    #expect(String(decoding: result.output, as: UTF8.self) == "etc/\netc/hostname\nmotd\n")
  }

  @Test func fromAPipeAsTheLoaderUnpacksADecryptedSnapshot() throws {
    let scratch = try Scratch()
    let root = try scratch.makeDirectory("root")
    try scratch.write(try snapshot(Fixture.longest, spanSize: 20_000).bytes, to: "a.tar.gz")
    let pipe = "set -o pipefail; cat \(scratch.path)/a.tar.gz | busybox tar --numeric-owner -C \(root) -zxv >/dev/null"
    let result = try Program.run(["bash", "-c", pipe], in: scratch)
    #expect(result.status == 0)
    #expect(result.errors == "")
    for entry in Fixture.longest { try Self.compare(entry, below: root, unpackedBy: .busybox) }
  }
}
