import LbudCore
import LbudProtocol
import Testing

@Suite struct VarlinkWirePathTests {
  private func json(_ path: WirePath) throws -> String { String(decoding: try encodeJSON(path), as: UTF8.self) }

  private func wire(_ json: String) throws -> WirePath { try decodeJSON(WirePath.self, from: Array(json.utf8)) }

  @Test(
    arguments: [
      ([], #"{"text":""}"#),
      (Array("etc/ssh/ünder\n".utf8), #"{"text":"etc/ssh/ünder\n"}"#),
      ([0x61, 0xff, 0x2f, 0x62], #"{"bytes":"Yf8vYg==","text":"a\#u{fffd}/b"}"#),
      // A surrogate in UTF-8 is no UTF-8.
      ([0xed, 0xa0, 0x80], #"{"bytes":"7aCA","text":"\#u{fffd}\#u{fffd}\#u{fffd}"}"#),
      // U+FFFD itself is exact.
      ([0xef, 0xbf, 0xbd], #"{"text":"\#u{fffd}"}"#),
    ] as [([UInt8], String)])
  func survivesTheWire(bytes: [UInt8], expected: String) throws {
    #expect(try json(WirePath(bytes: bytes)) == expected)
    #expect(try wire(expected).rawBytes == bytes)
  }

  @Test func bytesDecide() throws {
    #expect(try wire(#"{"text":"anything","bytes":"Yf8="}"#).rawBytes == [0x61, 0xff])
    #expect(try wire(#"{"text":"a","bytes":null}"#).rawBytes == [0x61])
  }

  @Test(arguments: [
    #"{"text":"a","bytes":"*"}"#, #"{"text":"a","bytes":"Yf8"}"#, #"{"text":"a","bytes":5}"#, #"{"bytes":"Yf8="}"#,
    #"{"text":"a\u0000b"}"#, #"{"text":"a","bytes":"YQA="}"#, #""a""#,
  ])
  func refuses(json: String) {
    #expect(throws: DecodingError.self) { try wire(json) }
  }

  @Test func isAPath() {
    let path = BytePath(bytes: [0x65, 0x2f, 0xff])
    #expect(WirePath(path).path == path)
    #expect(WirePath("/etc//passwd/").path == BytePath("etc/passwd"))
  }

  @Test func composedAndDecomposedLettersDiffer() {
    #expect(WirePath("\u{e9}") != WirePath("e\u{301}"))
  }
}
