import Testing

@testable import LbudCore

/// What a server keeps of a box's old snapshots.
@Suite struct UploadIndexTests {
  static let hash = String(repeating: "0f", count: 32)
  static let index = UploadIndex([
    .init(name: "box.20260101000000.tar.gz", size: 12, sha256: hash),
    .init(name: "a b.20260101000001.tar.gz", size: 0, sha256: hash),
  ])

  @Test func isReadAsItWasWritten() {
    #expect(UploadIndex(parsing: Self.index.bytes) == Self.index)
    #expect(UploadIndex(parsing: UploadIndex().bytes) == UploadIndex())
  }

  @Test func cutOffItIsNone() {
    let bytes = Self.index.bytes
    let whole = Set([bytes.count, UploadIndex().bytes.count, UploadIndex([Self.index.entries[0]]).bytes.count])
    for count in 0..<bytes.count where !whole.contains(count) {
      #expect(UploadIndex(parsing: Array(bytes[..<count])) == nil, "\(count)")
    }
  }

  @Test(arguments: [
    "12 \(hash) ../../etc/passwd", "12 \(hash) box.apkovl.tar.gz", "12 \(hash) x/box.20260101000000.tar.gz",
    "-1 \(hash) box.20260101000000.tar.gz", "12 \(hash.dropLast()) box.20260101000000.tar.gz",
    "12 \(hash.uppercased()) box.20260101000000.tar.gz", "12 box.20260101000000.tar.gz", "",
  ])
  func whatIsNoLineOfItIsNotTaken(line: String) {
    #expect(UploadIndex(parsing: UploadIndex().bytes + Array((line + "\n").utf8)) == nil)
  }

  @Test func somebodyElsesFileIsNone() {
    #expect(UploadIndex(parsing: Array("<html>\n".utf8)) == nil)
    #expect(UploadIndex(parsing: [0xff, 0x0a]) == nil)
  }

  @Test func itIsBesideTheCurrentOne() throws {
    let address = try UploadAddress("https://srv/box.apkovl.tar.gz", .init(hostName: "box"))
    #expect(address.index.url == "https://srv/box.apkovl.tar.gz.lbud-old")
    let former = address.former("a b.20260101000001.tar.gz")
    #expect(former.url == "https://srv/box.apkovl.tar.gz.lbud-a%20b.20260101000001.tar.gz")
  }
}
