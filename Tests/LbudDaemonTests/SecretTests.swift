import LbudCore
import LbudDaemon
import LbudProtocol
import Testing

@Suite struct SecretTests {
  private func shown(_ value: some Any) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    return ["\(value)", String(describing: value), String(reflecting: value), "\([value])", dumped]
  }

  private let otherwise = Otherwise(
    environment: ["PASSWORD": "s3cret", "LBU_MEDIA": "usb"], media: "usb", encrypt: true,
    password: WirePath(bytes: Array("s3cret".utf8)))

  @Test func noWayToPrintAValueShowsAPassword() {
    var settings = Settings()
    settings.password = Secret(Array("s3cret".utf8))
    var call = CallSettings()
    call.environment = ["PASSWORD": "s3cret"]
    call.password = settings.password
    let values: [Any] = [settings, call, otherwise, OtherwiseCall(otherwise: otherwise), Secret(Array("s3cret".utf8))]
    let numbers = Array("s3cret".utf8).map { "\($0)" }.joined(separator: ", ")
    for text in values.flatMap({ shown($0) }) {
      #expect(!text.contains("s3cret") && !text.contains(numbers), "\(text)")
    }
  }

  /// What comes over the wire and is wrong is named, not repeated.
  @Test(arguments: [
    #"{"otherwise":{"password":{"text":7,"bytes":"s3cret"}}}"#, #"{"otherwise":{"password":"s3cret"}}"#,
    #"{"otherwise":{"environment":{"PASSWORD":["s3cret"]}}}"#, #"{"otherwise":{"environment":"s3cret"}}"#,
    #"{"otherwise":{"password":{"text":"x","bytes":"s3cret*"}}}"#, #"{"otherwise":["s3cret"]}"#,
  ])
  func anErrorDoesNotRepeatWhatCame(parameters: String) throws {
    let call = try IncomingCall(frame: Array(#"{"method":"io.lbud.Changes","parameters":\#(parameters)}"#.utf8))
    let error = #expect(throws: VarlinkError.self) { try call.parameters(as: OtherwiseCall.self) }
    for text in shown(try #require(error)) { #expect(!text.contains("s3cret"), "\(text)") }
  }
}
