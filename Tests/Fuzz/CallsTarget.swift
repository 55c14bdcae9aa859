import LbudProtocol

/// A call as the server takes it, read as the parameters of every method.
let calls = Target(name: "calls") { bytes in
  // The frame decoder lets no NUL and no deep nesting through.
  var input = Input(bytes)
  let frame = input.upTo(0)
  guard (try? checkNesting(of: frame)) != nil else { return }
  let call: IncomingCall
  do throws(VarlinkError) { call = try IncomingCall(frame: frame) } catch { return expectAnswerable(error) }
  expect(call.header.interface.map { call.method.hasPrefix($0 + ".") } ?? !call.method.contains("."), "an interface")

  check(call, frame, CommitCall.self)
  check(call, frame, CompareCall.self)
  check(call, frame, EditCall.self)
  check(call, frame, HoldCall.self)
  check(call, frame, InterfaceName.self)
  check(call, frame, LogCall.self)
  check(call, frame, VerifyCall.self)
  check(call, frame, MonitorCall.self)
  check(call, frame, NoParameters.self)
  check(call, frame, OtherwiseCall.self)
  check(call, frame, PackageCall.self)
  check(call, frame, RestoreCall.self)
  check(call, frame, RevertCall.self)
  check(call, frame, ShowCall.self)
  check(call, frame, StatusCall.self)

  // Whoever may not bring settings of their own is asked before anything is decoded.
  let permission = Permission(.member, calling: call.method, otherwise: call.isGiven("otherwise"))
  let brought = [
    (try? call.parameters(as: OtherwiseCall.self))?.otherwise, (try? call.parameters(as: PackageCall.self))?.otherwise,
    (try? call.parameters(as: CommitCall.self))?.otherwise, (try? call.parameters(as: RevertCall.self))?.otherwise,
    (try? call.parameters(as: LogCall.self))?.otherwise, (try? call.parameters(as: CompareCall.self))?.otherwise,
    (try? call.parameters(as: ShowCall.self))?.otherwise,
    (try? call.parameters(as: RestoreCall.self))?.otherwise,
    (try? call.parameters(as: VerifyCall.self))?.otherwise,
  ].contains { $0 != nil }
  if brought { expect(permission != .granted && call.isGiven("otherwise"), "settings that are brought are seen") }
  expect(Permission(.stranger, calling: call.method, otherwise: false) != .granted, "a stranger may call nothing")
}

/// Parameters that are taken have no member that the type does not know, and are the same when they are sent again.
private func check<P: Codable & Equatable>(_ call: IncomingCall, _ frame: [UInt8], _ type: P.Type) {
  let parameters: P
  do throws(VarlinkError) { parameters = try call.parameters(as: type) } catch { return expectAnswerable(error) }
  let known = Set(Mirror(reflecting: parameters).children.compactMap(\.label))
  if let sent = try? decodeJSON(Sent.self, from: frame).parameters {
    expect(known.isSuperset(of: sent.keys), "\(type) knows all of \(sent.keys)")
  }
  do {
    var again = try encodeCall(call.method, parameters, more: call.more, oneway: call.oneway)
    expect(again.popLast() == 0 && !again.contains(0), "a NUL ends a call and is nowhere else")
    let second = try IncomingCall(frame: again)
    expectEqual(second.header.method, call.method, "the method sent again")
    expect(second.more == call.more && second.oneway == call.oneway, "the flags sent again")
    expectEqual(try second.parameters(as: type), parameters, "\(type) sent again")
  } catch {
    expect(false, "\(type) sent again is refused: \(error)")
  }
}

private struct Sent: Decodable {
  var parameters: [String: JSONValue]?
}

/// A refusal reaches the client as it is.
private func expectAnswerable(_ error: VarlinkError) {
  let answer = encodeReply(error)
  let reply = try? IncomingReply(frame: Array(answer.dropLast()))
  expectEqual(reply?.error, error, "an error that was sent")
}
