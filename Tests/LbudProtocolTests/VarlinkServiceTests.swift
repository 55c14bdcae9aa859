import LbudProtocol
import Testing

@Suite struct VarlinkServiceTests {
  private let service = ServiceInterface(
    version: "1.0", url: "https://example.org/lbud", definitions: ["io.lbud": "interface io.lbud\n"])

  private func answer(_ method: String, _ parameters: some Encodable) throws -> ServiceInterface.Answer {
    try service.answer(to: IncomingCall(frame: encodeCall(method, parameters).dropLast()))
  }

  @Test func tellsWhoItIs() throws {
    let info = ServiceInfo(
      version: "1.0", url: "https://example.org/lbud", interfaces: ["org.varlink.service", "io.lbud"])
    #expect(try answer("org.varlink.service.GetInfo", NoParameters()) == .info(info))
    #expect(
      String(decoding: try encodeReply(try answer("org.varlink.service.GetInfo", NoParameters())), as: UTF8.self)
        == #"{"parameters":{"interfaces":["org.varlink.service","io.lbud"],"product":"lbud","#
        + #""url":"https://example.org/lbud","vendor":"lbud","version":"1.0"}}"# + "\0")
  }

  @Test(arguments: [("io.lbud", "interface io.lbud\n"), ("org.varlink.service", ServiceInterface.definition)])
  func describes(interface: String, text: String) throws {
    let reply = try encodeReply(
      try answer("org.varlink.service.GetInterfaceDescription", InterfaceName(interface: interface)))
    #expect(try IncomingReply(frame: reply.dropLast()).parameters(as: InterfaceDescription.self).description == text)
  }

  @Test func refusesWhatItDoesNotKnow() {
    #expect(throws: VarlinkError.interfaceNotFound("io.other")) {
      try answer("org.varlink.service.GetInterfaceDescription", InterfaceName(interface: "io.other"))
    }
    #expect(throws: VarlinkError.invalidParameter("interface")) {
      try answer("org.varlink.service.GetInterfaceDescription", NoParameters())
    }
    #expect(throws: VarlinkError.invalidParameter("x")) { try answer("org.varlink.service.GetInfo", ["x": 1]) }
    #expect(throws: VarlinkError.methodNotFound("org.varlink.service.Foo")) {
      try answer("org.varlink.service.Foo", NoParameters())
    }
  }
}
