import LbudProtocol
import Testing

@Suite("A client that does not wait for answers")
struct VarlinkClientStepTests {
  /// Gives what is put into it piece by piece; then the connection is closed.
  private final class Pieces: ClientTransport {
    var sent: [UInt8] = []
    var pieces: [[UInt8]]

    init(_ pieces: [[UInt8]]) { self.pieces = pieces }

    func send(_ frame: [UInt8]) -> CInt {
      sent += frame
      return 0
    }

    func receive(into buffer: inout [UInt8]) throws(ClientError) -> ArraySlice<UInt8> {
      pieces.isEmpty ? [] : pieces.removeFirst()[...]
    }
  }

  private static let method = "io.lbud.Monitor"

  private static func answer(_ client: VarlinkClient) throws -> (Int, Bool)? {
    try client.nextAnswer(of: method, as: ReleaseLike.self).map { ($0.value.number, $0.continues) }
  }

  private struct ReleaseLike: Codable { var number: Int }

  @Test func answersComeInPieces() throws {
    let frames = try (1...3).flatMap { try encodeReply(ReleaseLike(number: $0), continues: $0 < 3) }
    let transport = Pieces([Array(frames[..<5]), Array(frames[5..<(frames.count - 1)]), [0]])
    let client = VarlinkClient(transport: transport, name: "here")
    try client.begin(Self.method, MonitorCall(), more: true)
    #expect(transport.sent == (try encodeCall(Self.method, MonitorCall(), more: true)))
    #expect(try Self.answer(client) == nil)
    try client.receiveSome()
    #expect(try Self.answer(client) == nil, "half an answer is none")
    try client.receiveSome()
    #expect(try #require(try Self.answer(client)) == (1, true))
    #expect(try #require(try Self.answer(client)) == (2, true))
    #expect(try Self.answer(client) == nil)
    try client.receiveSome()
    #expect(try #require(try Self.answer(client)) == (3, false))
    #expect(throws: ClientError.lost(reason: "lost the connection to here: the daemon closed it before it answered")) {
      try client.receiveSome()
    }
  }

  @Test func whatCameBeforeAnErrorIsNotLost() throws {
    let transport = Pieces([
      try encodeReply(ReleaseLike(number: 1), continues: true) + encodeReply(VarlinkError("io.lbud.LimitExceeded"))
    ])
    let client = VarlinkClient(transport: transport, name: "here")
    try client.begin(Self.method, MonitorCall(), more: true)
    try client.receiveSome()
    #expect(try #require(try Self.answer(client)) == (1, true))
    #expect(throws: ClientError.remote(VarlinkError("io.lbud.LimitExceeded"))) { _ = try Self.answer(client) }
  }
}
