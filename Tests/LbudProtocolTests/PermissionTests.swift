import LbudProtocol
import Testing

@Suite struct PermissionTests {
  /// What the interfaces define, by their text.
  private static let methods: [String] = [
    ("io.lbud", lbudInterfaceDefinition), ("org.varlink.service", ServiceInterface.definition),
  ].flatMap { interface, text in
    text.split(separator: "\n").filter { $0.hasPrefix("method ") }.map { line in
      interface + "." + line.dropFirst("method ".count).prefix { $0.isLetter }
    }
  }

  private static let forMembers: Set = [
    "org.varlink.service.GetInfo", "org.varlink.service.GetInterfaceDescription", "io.lbud.Status", "io.lbud.List",
    "io.lbud.Changes", "io.lbud.Rules", "io.lbud.Snapshots", "io.lbud.Log", "io.lbud.Cache", "io.lbud.Monitor",
  ]

  @Test func theMethodsAreFound() { #expect(Self.methods.count > 15) }

  @Test(arguments: methods)
  func whoMayCallWhat(method: String) {
    let isForMembers = Self.forMembers.contains(method)
    for otherwise in [false, true] {
      #expect(Permission(.administrator, calling: method, otherwise: otherwise) == .granted)
      #expect(
        Permission(.stranger, calling: method, otherwise: otherwise)
          == (isForMembers ? .onlyMember : .onlyAdministrator))
      #expect(
        Permission(.member, calling: method, otherwise: otherwise)
          == (!isForMembers ? .onlyAdministrator : otherwise ? .onlyAsSettingsHaveIt : .granted))
    }
  }

  @Test(arguments: [
    "io.lbud.Nonsense", "io.lbud.status", "io.lbud.Status ", "io.lbud.Status\0", "Status", "", "io.lbud.",
    "io.other.Status",
    "org.varlink.service.Nonsense",
  ])
  func whatNobodyKnowsIsRefused(method: String) {
    #expect(Permission(.member, calling: method, otherwise: false) == .onlyAdministrator)
    #expect(Permission(.stranger, calling: method, otherwise: false) == .onlyAdministrator)
    // Who may all is told that there is no such thing.
    #expect(Permission(.administrator, calling: method, otherwise: false) == .granted)
  }

  @Test(
    arguments: [
      (.onlyMember, "alice", true, "", "run it as root, or join the group lbud: addgroup alice lbud"),
      (.onlyMember, nil, true, "", "run it as root, or join the group lbud: addgroup USER lbud"),
      (
        .onlyMember, "alice", false, "",
        "run it as root, or make the group lbud that LBUD_GROUP names, and join it: addgroup lbud; addgroup alice lbud"
      ),
      (.onlyAdministrator, "alice", true, "", "run it as root"),
      (.onlyAsSettingsHaveIt, "alice", true, " with settings of its own", "run it as root, or with those of lbu.conf"),
    ] as [(Permission, String?, Bool, String, String)])
  func speaks(permission: Permission, user: String?, groupExists: Bool, behind: String, hint: String) {
    let refusal = Refusal(uid: 1000, user: user, method: "io.lbud.Status", group: "lbud", groupExists: groupExists)
    let who = user.map { "uid 1000 (\($0))" } ?? "uid 1000"
    #expect(refusal.error(permission) == .notPermitted("\(who) may not call io.lbud.Status\(behind)", hint: hint))
  }

  @Test func whatIsGrantedIsNoError() {
    let refusal = Refusal(uid: 1000, user: nil, method: "io.lbud.Status", group: "lbud", groupExists: true)
    #expect(refusal.error(.granted) == nil)
  }

  @Test(
    arguments: [
      (#"{"method":"x"}"#, false), (#"{"method":"x","parameters":null}"#, false),
      (#"{"method":"x","parameters":{"otherwise":null}}"#, false),
      (#"{"method":"x","parameters":{"otherwise":{}}}"#, true),
      (#"{"method":"x","parameters":{"otherwise":7}}"#, true),
      (#"{"method":"x","parameters":{"other":{"otherwise":7}}}"#, false),
      (#"{"method":"x","parameters":[1]}"#, false), (#"{"method":"x","parameters":"otherwise"}"#, false),
    ])
  func seesWhatIsGiven(frame: String, isGiven: Bool) throws {
    #expect(try IncomingCall(frame: Array(frame.utf8)).isGiven("otherwise") == isGiven)
  }

  /// Of a name that comes twice, whatever counts to who answers must count to who permits.
  @Test(arguments: [#""otherwise":null,"otherwise":{"media":"usb"}"#, #""otherwise":{"media":"usb"},"otherwise":null"#])
  func givenTwice(parameters: String) throws {
    let call = try IncomingCall(frame: Array(#"{"method":"x","parameters":{\#(parameters)}}"#.utf8))
    let decoded = try? call.parameters(as: OtherwiseCall.self)
    #expect(decoded == nil || (decoded?.otherwise != nil) == call.isGiven("otherwise"))
  }

  /// The same for the parameters themselves.
  @Test(arguments: [
    #""parameters":null,"parameters":{"otherwise":{"media":"usb"}}"#,
    #""parameters":{"otherwise":{"media":"usb"}},"parameters":{}"#,
  ])
  func parametersGivenTwice(members: String) throws {
    let call = try IncomingCall(frame: Array(#"{"method":"x",\#(members)}"#.utf8))
    let decoded = try? call.parameters(as: OtherwiseCall.self)
    #expect(decoded == nil || (decoded?.otherwise != nil) == call.isGiven("otherwise"))
  }
}
