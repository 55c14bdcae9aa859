import LbudProtocol
import Testing

private struct Inner: Codable, Equatable {
  let path: String
  var kind: Kind?
  var inner: [Inner]?

  enum Kind: String, Codable { case file, link }
}

private struct Commit: Codable, Equatable {
  let message: String
  var dryRun: Bool?
  var count: Int?
  var entries: [Inner]?
  var table: [String: Inner]?
  var ratio: Double?
}

private struct Flattened: Decodable {
  struct One: Decodable { let one: Int }
  struct Two: Decodable { let two: Int }
  let one: One
  let two: Two

  init(from decoder: any Decoder) throws {
    one = try One(from: decoder)
    two = try Two(from: decoder)
  }
}

private struct Bare: Codable, Equatable {}

@Suite struct VarlinkCallTests {
  private func call(_ text: String) throws -> IncomingCall {
    try IncomingCall(frame: Array(text.utf8))
  }

  private func call(parameters: String) throws -> IncomingCall {
    try call(#"{"method":"io.lbud.Commit","parameters":\#(parameters)}"#)
  }

  @Test(arguments: [
    (#"{"method":"a.b.C"}"#, CallHeader(method: "a.b.C")),
    (#"{"method":"a.b.C","more":true,"parameters":{}}"#, CallHeader(method: "a.b.C", more: true)),
    (#"{"oneway":true,"method":"a.b.C","more":false}"#, CallHeader(method: "a.b.C", oneway: true)),
    (#"{"method":"C","upgrade":true,"more":null,"new":[1]}"#, CallHeader(method: "C", upgrade: true)),
  ])
  func readsTheHeader(text: String, header: CallHeader) throws {
    #expect(try call(text).header == header)
  }

  @Test(arguments: [("a.b.C", "a.b"), ("C", nil), (".C", ""), ("a.b.", "a.b")] as [(String, String?)])
  func splitsTheMethod(method: String, interface: String?) {
    #expect(CallHeader(method: method).interface == interface)
  }

  @Test(arguments: [
    ("", "call"), ("{", "call"), ("[]", "call"), ("null", "call"), ("\u{fffd}", "call"), ("{}", "method"),
    (#"{"method":null}"#, "method"), (#"{"method":7}"#, "method"), (#"{"method":"a.B","more":1}"#, "more"),
    (#"{"method":"a.B","oneway":"yes"}"#, "oneway"), (#"{"method":"a.B"} {}"#, "call"),
  ])
  func namesWhatIsWrongWithACall(text: String, parameter: String) {
    #expect(throws: VarlinkError.invalidParameter(parameter)) { try call(text) }
  }

  @Test func refusesTextThatIsNotUTF8() {
    #expect(throws: VarlinkError.self) {
      try IncomingCall(frame: Array(#"{"method":"a"#.utf8) + [0xff] + Array(#""}"#.utf8))
    }
  }

  @Test func decodesParameters() throws {
    let parameters = #"{"message":"hello / ü","count":3,"dryRun":null,"entries":[{"path":"etc"}]}"#
    #expect(
      try call(parameters: parameters).parameters()
        == Commit(message: "hello / ü", count: 3, entries: [Inner(path: "etc")]))
  }

  @Test func decodesWhatIsDeep() throws {
    let parameters =
      #"{"message":"a","ratio":2,"entries":[{"path":"a","kind":"link","inner":[{"path":"b","kind":null}]}],"#
      + #""table":{"any key":{"path":"c"},"":{"path":"d"}}}"#
    #expect(
      try call(parameters: parameters).parameters()
        == Commit(
          message: "a", entries: [Inner(path: "a", kind: .link, inner: [Inner(path: "b")])],
          table: ["any key": Inner(path: "c"), "": Inner(path: "d")], ratio: 2))
  }

  @Test func ofTheSameNameTwiceOnlyOneCounts() throws {
    // Which of them, JSON does not say (RFC 8259, section 4); both must be of the type all the same.
    let twice = try call(parameters: #"{"message":"a","message":"b"}"#).parameters(as: Commit.self)
    #expect(["a", "b"].contains(twice.message))
  }

  @Test(arguments: [#"{"method":"a.B"}"#, #"{"method":"a.B","parameters":null}"#, #"{"method":"a.B","parameters":{}}"#])
  func noParametersAreAnEmptyObject(text: String) throws {
    #expect(try call(text).parameters() == NoParameters())
    #expect(try call(text).parameters() == Bare())
    #expect(try call(text).parameters(as: [String: Int].self).isEmpty)
    #expect(throws: VarlinkError.invalidParameter("message")) { try call(text).parameters(as: Commit.self) }
  }

  @Test(arguments: [
    (#"{}"#, "message"), (#"{"message":null}"#, "message"), (#"{"message":1}"#, "message"),
    (#"{"message":"a","dryrun":true}"#, "dryrun"), (#"{"message":"a","zz":1,"yy":{}}"#, "yy"),
    (#"{"message":"a","count":1.5}"#, "count"), (#"{"message":"a","count":99999999999999999999}"#, "count"),
    (#"{"message":"a","entries":{}}"#, "entries"), (#"{"message":"a","entries":[{"path":"a"},{}]}"#, "entries[1].path"),
    (#"{"message":"a","entries":[{"path":"a"},7]}"#, "entries[1]"), (#"[]"#, "parameters"), (#""text""#, "parameters"),
    ("7", "parameters"), ("null", "message"), ("true", "parameters"),
    (#"{"message":"a","count":"1"}"#, "count"), (#"{"message":"a","count":true}"#, "count"),
    (#"{"message":"a","count":[]}"#, "count"), (#"{"message":"a","count":9223372036854775808}"#, "count"),
    (#"{"message":"a","count":1e99}"#, "count"), (#"{"message":"a","ratio":1e999}"#, "ratio"),
    (#"{"message":"a","dryRun":1}"#, "dryRun"), (#"{"message":"a","dryRun":"true"}"#, "dryRun"),
    (#"{"message":"a","entries":[null]}"#, "entries[0]"), (#"{"message":"a","entries":[[]]}"#, "entries[0]"),
    (#"{"message":"a","entries":[{"path":null}]}"#, "entries[0].path"),
    (#"{"message":"a","entries":[{"path":"a","kind":"door"}]}"#, "entries[0].kind"),
    (#"{"message":"a","entries":[{"path":"a","kind":1}]}"#, "entries[0].kind"),
    // Misspelt deep inside.
    (#"{"message":"a","entries":[{"path":"a"},{"path":"a","kin":"file"}]}"#, "entries[1].kin"),
    (#"{"message":"a","entries":[{"path":"a","inner":[{"path":"a","x":1}]}]}"#, "entries[0].inner[0].x"),
    (#"{"message":"a","table":{"k":{"path":"a","x":1}}}"#, "table.k.x"),
    (#"{"message":"a","table":{"k":{}}}"#, "table.k.path"), (#"{"message":"a","table":[]}"#, "table"),
  ])
  func namesTheParameterThatIsWrong(parameters: String, name: String) {
    #expect(throws: VarlinkError.invalidParameter(name)) {
      try call(parameters: parameters).parameters(as: Commit.self)
    }
  }

  @Test func refusesParametersWhereThereAreNone() {
    #expect(throws: VarlinkError.invalidParameter("x")) {
      try call(parameters: #"{"x":1}"#).parameters(as: NoParameters.self)
    }
    #expect(throws: VarlinkError.invalidParameter("x")) { try call(parameters: #"{"x":1}"#).parameters(as: Bare.self) }
    #expect(throws: VarlinkError.invalidParameter("parameters")) {
      try call(parameters: "[1]").parameters(as: NoParameters.self)
    }
  }

  @Test func knowsTheKeysOfAllContainers() throws {
    #expect(try call(parameters: #"{"one":1,"two":2}"#).parameters(as: Flattened.self).two.two == 2)
    #expect(throws: VarlinkError.invalidParameter("three")) {
      try call(parameters: #"{"one":1,"two":2,"three":3}"#).parameters(as: Flattened.self)
    }
  }

  @Test func whatIsEncodedIsDecoded() throws {
    let frame = try encodeCall("io.lbud.Commit", Commit(message: "a\0/\"\n", count: 1), more: true)
    #expect(frame.last == 0)
    #expect(frame.dropLast().allSatisfy { $0 != 0 })
    let call = try IncomingCall(frame: frame.dropLast())
    #expect(call.header == CallHeader(method: "io.lbud.Commit", more: true))
    #expect(try call.parameters() == Commit(message: "a\0/\"\n", count: 1))
  }

  @Test func writesCallsSparingly() throws {
    #expect(
      String(decoding: try encodeCall("a.B", NoParameters(), oneway: true), as: UTF8.self)
        == #"{"method":"a.B","oneway":true,"parameters":{}}"# + "\0")
  }
}
