import LbudProtocol
import Testing

private struct Status: Codable, Sendable, Equatable {
  var media: String?
  var count: Int?
}

private struct Bare: Codable, Sendable {}

private struct Failure: Codable, Equatable {
  let message: String
  let hint: String?
}

@Suite struct VarlinkReplyTests {
  private func text(_ frame: [UInt8]) -> String { String(decoding: frame, as: UTF8.self) }

  private func reply(_ text: String) throws -> IncomingReply { try IncomingReply(frame: Array(text.utf8)) }

  @Test func sortsKeysAndKeepsSlashes() throws {
    #expect(
      text(try encodeReply(Status(media: "/media/sda1", count: 2)))
        == #"{"parameters":{"count":2,"media":"/media/sda1"}}"# + "\0")
    #expect(text(try encodeReply(Status(), continues: true)) == #"{"continues":true,"parameters":{}}"# + "\0")
    #expect(text(try encodeReply(NoParameters())) == #"{"parameters":{}}"# + "\0")
    #expect(text(try encodeReply(Bare())) == #"{"parameters":{}}"# + "\0")
  }

  @Test func saysThatANumberCannotBeEncoded() {
    #expect(throws: (any Error).self) { try encodeReply(["x": Double.nan]) }
  }

  @Test(
    arguments: [
      (
        VarlinkError.interfaceNotFound("a.b"),
        #"{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":"a.b"}}"#
      ),
      (.methodNotFound("a.B"), #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"a.B"}}"#),
      (
        .methodNotImplemented("a.B"),
        #"{"error":"org.varlink.service.MethodNotImplemented","parameters":{"method":"a.B"}}"#
      ),
      (.invalidParameter("x"), #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"x"}}"#),
      (.permissionDenied, #"{"error":"org.varlink.service.PermissionDenied","parameters":{}}"#),
      (.expectedMore, #"{"error":"org.varlink.service.ExpectedMore","parameters":{}}"#),
      (.internalFailure("no"), #"{"error":"io.lbud.Internal","parameters":{"message":"no"}}"#),
      (
        .limitExceeded("nesting", maximum: 32),
        #"{"error":"io.lbud.LimitExceeded","parameters":{"limit":"nesting","maximum":32}}"#
      ),
      (
        VarlinkError("io.lbud.CommitFailed", ["message": "a", "hint": .null, "list": [1, true, ["x": 1]]]),
        #"{"error":"io.lbud.CommitFailed","parameters":{"hint":null,"list":[1,true,{"x":1}],"message":"a"}}"#
      ),
      (VarlinkError("io.lbud.Odd\"Name", ["x": .number(.infinity)]), #"{"error":"io.lbud.Odd\"Name","parameters":{}}"#),
    ] as [(VarlinkError, String)])
  func writesErrors(error: VarlinkError, expected: String) {
    #expect(text(encodeReply(error)) == expected + "\0")
  }

  @Test func readsErrors() throws {
    let error = try VarlinkError("io.lbud.CommitFailed", encoding: Failure(message: "disk full", hint: "make room"))
    let reply = try IncomingReply(frame: encodeReply(error).dropLast())
    #expect(reply.error == error)
    #expect(try reply.error?.parameters(as: Failure.self) == Failure(message: "disk full", hint: "make room"))
    #expect(error.description == "io.lbud.CommitFailed (hint: make room, message: disk full)")
  }

  @Test func readsReplies() throws {
    #expect(try reply("{}").parameters() == Status())
    #expect(try reply(#"{"parameters":null,"continues":null}"#).parameters() == Status())
    let streamed = try reply(#"{"continues":true,"parameters":{"count":1,"new":{}}}"#)
    #expect(streamed.continues)
    #expect(streamed.error == nil)
    #expect(try streamed.parameters() == Status(count: 1))
    #expect(throws: (any Error).self) { try reply(#"{"parameters":{"count":"x"}}"#).parameters(as: Status.self) }
    #expect(throws: (any Error).self) { try reply("[]") }
    #expect(try reply(#"{"error":"a.B","parameters":[1]}"#).error == VarlinkError("a.B"))
  }
}
