import LbudCore
import Testing

@testable import LbudArchive

/// What lbu left on the media was made by busybox tar; people move archives with others.
@Suite("Archives that others made are read", .enabled(if: DiskTree.isRoot, "needs root for owners"))
struct ForeignArchiveTests {
  enum Maker: CaseIterable, CustomTestStringConvertible {
    case gnuV7, gnuOldGNU, gnuGNU, gnuUstar, gnuPax, bsdV7, bsdUstar, bsdPax, bsdGNU, busybox

    var create: [String] {
      switch self {
      case .gnuV7: ["tar", "--format=v7"]
      case .gnuOldGNU: ["tar", "--format=oldgnu"]
      case .gnuGNU: ["tar", "--format=gnu"]
      case .gnuUstar: ["tar", "--format=ustar"]
      case .gnuPax: ["tar", "--format=pax"]
      case .bsdV7: ["bsdtar", "--format=v7"]
      case .bsdUstar: ["bsdtar", "--format=ustar"]
      case .bsdPax: ["bsdtar", "--format=pax"]
      case .bsdGNU: ["bsdtar", "--format=gnutar"]
      case .busybox: ["busybox", "tar"]
      }
    }

    /// As much as the format holds.
    var fixture: [Entry] {
      switch self {
      case .gnuV7, .bsdV7: Fixture.plain
      case .gnuUstar, .bsdUstar: Fixture.long
      // busybox writes long names, but neither large ids nor times before 1970.
      case .busybox:
        Fixture.longest.filter { $0.member.uid < 2_097_152 && $0.member.modificationTime >= 0 }
      default: Fixture.longest
      }
    }

    var testDescription: String { create.joined(separator: " ") }
  }

  @Test("of a whole directory, so with ./ in front", arguments: Maker.allCases)
  func wholeDirectory(maker: Maker) throws {
    let fixture = maker.fixture
    let (scratch, root) = try ExtractionTests.unpack(fixture, with: .gnu, spanSize: 1 << 20)
    let result = try Program.run(maker.create + ["-czf", scratch.path + "/b.tar.gz", "-C", root, "."], in: scratch)
    #expect(result.status == 0, "\(result.errors)")
    let found = try index(of: Scratch.read(scratch.path + "/b.tar.gz"))
    #expect(found.record == nil)
    #expect(found.entries == (try Fixture.index(of: fixture)))
  }

  @Test("of names given, as lbu gives them", arguments: Maker.allCases)
  func namesGiven(maker: Maker) throws {
    let (scratch, root) = try ExtractionTests.unpack(Fixture.plain, with: .gnu, spanSize: 1 << 20)
    let names = Fixture.plain.filter { $0.member.body != .directory }.map { $0.member.path.display }
    let result = try Program.run(
      maker.create + ["-czf", scratch.path + "/b.tar.gz", "-C", root] + names, in: scratch)
    #expect(result.status == 0, "\(result.errors)")
    let tar = try unpack(Scratch.read(scratch.path + "/b.tar.gz"))
    let found = try entries(ofTar: tar)
    #expect(found.map { $0.member.path.display } == names)
    for entry in found {
      let original = Fixture.plain.first { $0.member.path == entry.member.path }
      #expect(entry.content == original?.content)
      #expect(entry.member.modificationTime == original?.member.modificationTime || Self.isLink(entry))
    }
  }

  private static func isLink(_ entry: Entry) -> Bool {
    switch entry.member.body {
    case .symlink, .hardLink: true
    default: false
    }
  }

  @Test(.enabled(if: DiskTree.canMakeDevices, "needs the right to make devices"), arguments: Maker.allCases)
  func devices(maker: Maker) throws {
    // v7 has no devices.
    guard maker != .gnuV7, maker != .bsdV7 else { return }
    let (scratch, root) = try ExtractionTests.unpack(Fixture.devices, with: .gnu, spanSize: 1 << 20)
    let result = try Program.run(maker.create + ["-czf", scratch.path + "/b.tar.gz", "-C", root, "dev"], in: scratch)
    #expect(result.status == 0, "\(result.errors)")
    #expect(try index(of: Scratch.read(scratch.path + "/b.tar.gz")).entries == Fixture.index(of: Fixture.devices))
  }

  @Test func aSparseFileIsAnErrorThatNamesIt() throws {
    for format in ["gnu", "pax"] {
      let scratch = try Scratch()
      let result = try Program.run(
        [
          "sh", "-c",
          "truncate -s 1M \(scratch.path)/holes && tar --format=\(format) -S -czf \(scratch.path)/s.tar.gz -C \(scratch.path) holes",
        ], in: scratch)
      #expect(result.status == 0, "\(result.errors)")
      var failure: ArchiveError?
      do {
        _ = try index(of: Scratch.read(scratch.path + "/s.tar.gz"))
      } catch let error as ArchiveError { failure = error }
      #expect(failure?.description.contains("holes: ") == true, "\(String(describing: failure))")
    }
  }
}
