import LbudCore
import Testing

@testable import LbudArchive

@Suite("Ways to say more than a header holds")
struct DialectTests {
  @Test func aPosixPrefixGoesInFrontOfTheName() throws {
    let block = RawTar.header(Array("name".utf8)) { $0.replaceSubrange(345..<352, with: Array("etc/dir".utf8)) }
    #expect(try entries(ofTar: block).first?.member.path == BytePath("etc/dir/name"))
  }

  @Test func whatGNUKeepsInItsPlaceDoesNot() throws {
    let block = RawTar.header(Array("name".utf8), magic: "ustar  \0") {
      $0.replaceSubrange(345..<357, with: Array("14516152747\0".utf8))
    }
    #expect(try entries(ofTar: block).first?.member.path == BytePath("name"))
  }

  @Test(arguments: ["\0", "0", "7"] as [Character])
  func aSlashAtTheEndMadeADirectoryBeforeTypeFive(type: Character) throws {
    #expect(try entries(ofTar: RawTar.entry("etc/", type: type, content: [])).first?.member.body == .directory)
    #expect(try entries(ofTar: RawTar.entry("etc", type: type, content: [1])).first?.member.body == .file(size: 1))
  }

  @Test func theTypeBitsInAnOldModeAreDropped() throws {
    let block = RawTar.header([97]) { $0.replaceSubrange(TarLayout.mode, with: Array("100644 \0".utf8)) }
    #expect(try entries(ofTar: block).first?.member.mode == 0o644)
  }

  @Test func paxRecordsTakeTheFieldsPlace() throws {
    let records: [(String, [UInt8])] = [
      ("comment", Array("ignored = yes\n".utf8)), ("path", [0xff, 10, 61]), ("size", Array("3".utf8)),
      ("uid", Array("4000000000".utf8)), ("gid", Array("7".utf8)), ("mtime", Array("1700000000.987654321".utf8)),
      ("SCHILY.xattr.user.x", [0, 1]),
    ]
    // The header's own uid is no number: it does not matter then.
    let block = RawTar.header(Array("short".utf8)) { $0.replaceSubrange(TarLayout.uid, with: Array("********".utf8)) }
    let tar = RawTar.pax(records) + block + RawTar.padded([1, 2, 3]) + RawTar.entry("next") + RawTar.end
    let found = try entries(ofTar: tar)
    var expected = Entry(BytePath(bytes: [0xff, 10, 61]), content: [1, 2, 3])
    expected = Fixture.owned(expected, uid: 4_000_000_000, gid: 7)
    #expect(found.first == expected)
    // They hold for one entry.
    #expect(found.last?.member.path == BytePath("next"))
    #expect(found.last?.member.uid == 0)
  }

  static let times: [(String, Int64)] = [
    ("1.9", 1), ("-1.0", -1), ("-1.5", -2), ("-1", -1), ("0.5", 0), ("-0.5", -1), ("12", 12),
  ]

  @Test(arguments: times)
  func fractionsOfTimeAreRoundedDown(text: String, seconds: Int64) throws {
    let tar = RawTar.pax([("mtime", Array(text.utf8))]) + RawTar.entry("a")
    #expect(try entries(ofTar: tar).first?.member.modificationTime == seconds)
  }

  @Test func anEmptyPaxValueTakesTheRecordBack() throws {
    let tar = RawTar.pax([("path", [97]), ("uid", [49]), ("path", []), ("uid", [])]) + RawTar.entry("b")
    #expect(try entries(ofTar: tar).first?.member.path == BytePath("b"))
    #expect(try entries(ofTar: tar).first?.member.uid == 0)
  }

  @Test func globalHeadersAreIgnored() throws {
    let global = RawTar.entry("pax_global_header", type: "g", content: Array("13 comment=x\n".utf8))
    let tar = global + RawTar.entry("b")
    #expect(try entries(ofTar: tar).map(\.member.path) == [BytePath("b")])
  }

  @Test func aLongNameWithoutItsNULIsTaken() throws {
    let tar = RawTar.entry("././@LongLink", type: "L", content: Array("long/name".utf8)) + RawTar.entry("l")
    #expect(try entries(ofTar: tar).map(\.member.path) == [BytePath("long/name")])
  }

  @Test(arguments: [
    "x path=a\n", "path=a\n", " 9 path=a\n", "9 path=a", "99 path=a\n", "2 \n", "7 patha\n", "0 path=a\n",
    "-9 path=a\n", "9 path=ab\n", "9 path=a\n\0", "99999999999999999999 a=b\n", "10 uid=1x\n", "11 size=-1\n",
    "11 mtime=x\n",
    "13 mtime=1e5\n",
  ])
  func malformedPaxRecordsAreErrors(body: String) {
    let tar = RawTar.entry("x", type: "x", content: Array(body.utf8)) + RawTar.entry("a")
    guard case .badEntry(path: nil, let reason, at: 0) = failure(ofTar: tar) else {
      Issue.record("\(String(describing: failure(ofTar: tar)))")
      return
    }
    #expect(reason.contains("pax"))
  }
}
