import LbudProtocol
import LbudTestSupport
import Testing

/// The definition file, and what is sent: neither changes alone.
@Suite struct DefinitionTests {
  private let definition: VarlinkDefinition

  init() throws { definition = try VarlinkDefinition(lbudInterfaceDefinition) }

  /// The compiler asks for the messages of a method that is new.
  private func messages(of method: ControlMethod) -> (call: any Codable.Type, reply: any Codable.Type) {
    switch method {
    case .status: (StatusCall.self, StatusReply.self)
    case .list: (NoParameters.self, ListReply.self)
    case .commit: (CommitCall.self, CommitReply.self)
    case .monitor: (MonitorCall.self, MonitorReply.self)
    case .include, .exclude: (EditCall.self, EditReply.self)
    case .rules: (NoParameters.self, RulesReply.self)
    case .changes: (CompareCall.self, ChangesReply.self)
    case .diff: (CompareCall.self, DiffReply.self)
    case .package: (PackageCall.self, PackageReply.self)
    case .snapshots: (OtherwiseCall.self, SnapshotsReply.self)
    case .confirm: (NoParameters.self, ConfirmReply.self)
    case .log: (LogCall.self, LogReply.self)
    case .show: (ShowCall.self, ShowReply.self)
    case .restore: (RestoreCall.self, RestoreReply.self)
    case .verify: (VerifyCall.self, VerifyReply.self)
    case .revert: (RevertCall.self, RevertReply.self)
    case .hold: (HoldCall.self, HoldReply.self)
    case .release: (NoParameters.self, ReleaseReply.self)
    case .reload: (NoParameters.self, ReloadReply.self)
    case .cache: (NoParameters.self, CacheReply.self)
    case .doctor: (NoParameters.self, DoctorReply.self)
    }
  }

  private func example(of error: ControlError) -> VarlinkError {
    switch error {
    case .commitFailed, .passwordMissing, .noMedia, .otherOverlays, .failed, .notPermitted:
      VarlinkError(error, message: "why", hint: "what to do")
    case .limitExceeded: .limitExceeded("nesting", maximum: 32)
    case .internalFailure: .internalFailure("why")
    }
  }

  private func member(_ role: VarlinkDefinition.Role, _ whole: String) throws -> VarlinkDefinition.Member {
    try #require(
      definition.member(role, String(whole.dropFirst(definition.name.count + 1))), "\(whole) is not declared")
  }

  @Test func declaresWhatThereIs() {
    #expect(definition.name == "io.lbud")
    #expect(
      Set(definition.names(.method).map { definition.name + "." + $0 }) == Set(ControlMethod.allCases.map(\.rawValue)))
    #expect(
      Set(definition.names(.error).map { definition.name + "." + $0 }) == Set(ControlError.allCases.map(\.rawValue)))
  }

  @Test(arguments: ControlMethod.allCases)
  func messagesAreAsDeclared(method: ControlMethod) throws {
    let declared = try member(.method, method.rawValue)
    let (call, reply) = messages(of: method)
    try check(call, definition.resolved(declared.kind), method.rawValue)
    try check(reply, definition.resolved(declared.reply), method.rawValue + ".reply")
  }

  @Test(arguments: ControlError.allCases)
  func errorsAreAsDeclared(error: ControlError) throws {
    let declared = definition.resolved(try member(.error, error.rawValue).kind)
    let example = example(of: error)
    #expect(example.name == error.rawValue)
    #expect(mistakes(in: .object(example.parameters), declaredAs: declared, at: error.rawValue) == [])
    guard error != .limitExceeded, error != .internalFailure else { return }
    try check(ErrorWords.self, declared, error.rawValue)
  }

  @Test func noTypeIsDeclaredForNothing() {
    var used: Set<String> = []
    func note(_ kind: VarlinkDefinition.Kind) {
      switch kind {
      case .named(let name): used.insert(name)
      case .array(let inner), .map(let inner), .optional(let inner): note(inner)
      case .structure(let fields): for field in fields { note(field.kind) }
      case .bool, .int, .float, .string, .object, .enumeration: break
      }
    }
    for member in definition.members {
      note(member.kind)
      note(member.reply)
    }
    #expect(Set(definition.names(.type)) == used)
  }

  @Test func everythingHasAComment() {
    #expect(definition.uncommented == [])
  }

  @Test func theServiceInterfaceIsAsDeclared() throws {
    let service = try VarlinkDefinition(ServiceInterface.definition)
    let messages: [String: (any Codable.Type, any Codable.Type)] = [
      "GetInfo": (NoParameters.self, ServiceInfo.self),
      "GetInterfaceDescription": (InterfaceName.self, InterfaceDescription.self),
    ]
    #expect(Set(service.names(.method)) == Set(messages.keys))
    for (name, (call, reply)) in messages {
      let declared = try #require(service.member(.method, name))
      try check(call, declared.kind, name)
      try check(reply, declared.reply, name + ".reply")
    }
    let errors: [VarlinkError] = [
      .interfaceNotFound("a"), .methodNotFound("a"), .methodNotImplemented("a"), .invalidParameter("a"),
      .permissionDenied, .expectedMore,
    ]
    #expect(Set(errors.map(\.name)) == Set(service.names(.error).map { service.name + "." + $0 }))
    for error in errors {
      let declared = try #require(service.member(.error, String(error.name.dropFirst(service.name.count + 1))))
      #expect(mistakes(in: .object(error.parameters), declaredAs: declared.kind, at: error.name) == [])
    }
  }

  private func check<Message: Codable>(
    _ type: Message.Type, _ declared: VarlinkDefinition.Kind, _ place: String
  ) throws {
    for isFull in [true, false] {
      let shape = try MessageShape(of: type, isFull: isFull)
      #expect(differences(declared: declared, swift: shape.kind, at: place) == [])
      let sent = try decodeJSON(JSONValue.self, from: encodeJSON(shape.value))
      #expect(mistakes(in: sent, declaredAs: declared, at: place) == [])
    }
  }
}
