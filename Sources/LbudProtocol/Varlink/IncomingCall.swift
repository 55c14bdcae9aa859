/// What a call asks for, without its parameters.
package struct CallHeader: Sendable, Equatable {
  package let method: String
  package let more: Bool
  package let oneway: Bool
  package let upgrade: Bool

  package init(method: String, more: Bool = false, oneway: Bool = false, upgrade: Bool = false) {
    self.method = method
    self.more = more
    self.oneway = oneway
    self.upgrade = upgrade
  }

  /// What stands before the last dot of the method: `io.lbud` of `io.lbud.Status`; nil if there is none.
  package var interface: String? {
    method.lastIndex(of: ".").map { String(method[..<$0]) }
  }
}

extension CallHeader: Decodable {
  private enum CodingKeys: String, CodingKey { case method, more, oneway, upgrade }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    method = try container.decode(String.self, forKey: .method)
    more = try container.decodeIfPresent(Bool.self, forKey: .more) ?? false
    oneway = try container.decodeIfPresent(Bool.self, forKey: .oneway) ?? false
    upgrade = try container.decodeIfPresent(Bool.self, forKey: .upgrade) ?? false
  }
}

/// A call as it came: the header decoded, the parameters once somebody knows their type.
package struct IncomingCall: Sendable {
  package let header: CallHeader
  private let frame: [UInt8]

  package var method: String { header.method }
  package var more: Bool { header.more }
  package var oneway: Bool { header.oneway }

  /// Takes a frame whose nesting has been checked. What is wrong with it is named by the error: a member of the call,
  /// or `call` where it is no JSON object at all.
  package init(frame: [UInt8]) throws(VarlinkError) {
    do {
      header = try decodeJSON(CallHeader.self, from: frame)
    } catch {
      throw .invalidParameter(parameterName(of: error, below: 0) ?? "call")
    }
    self.frame = frame
  }

  /// The parameters; none, or null, count as `{}`.
  ///
  /// A wrong type, a value that is missing and a name that `type` does not have are answered with InvalidParameter and the
  /// name: a client that misspells `dryRun` must not get a real commit, nor one that misspells `otherwise.encrypt` one
  /// that anybody can read. The names are those of the type's `CodingKeys`, so nobody has to keep a second list of them.
  package func parameters<P: Decodable>(as type: P.Type = P.self) throws(VarlinkError) -> P {
    do {
      if let parameters = try decodeJSON(ParametersEnvelope<P>.self, from: frame).parameters { return parameters }
      if let none = try decodeJSON(ParametersEnvelope<P>.self, from: Self.emptyFrame).parameters { return none }
      throw VarlinkError.invalidParameter("parameters")
    } catch let error as VarlinkError {
      throw error
    } catch {
      throw .invalidParameter(parameterName(of: error, below: 1) ?? "parameters")
    }
  }

  /// Whether the parameters have a member of this name that is not null, whatever it is: to be asked before anything is
  /// decoded that the caller may not even ask for.
  package func isGiven(_ name: String) -> Bool {
    // By the same decoder, so that of a name that comes twice the same one counts.
    (try? decodeJSON(GivenParameters.self, from: frame))?.names.contains(name) ?? false
  }

  private static let emptyFrame = Array(#"{"parameters":{}}"#.utf8)
}

private struct ParametersEnvelope<P: Decodable>: Decodable {
  let parameters: P?

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    let key = AnyKey("parameters")
    guard container.contains(key), try !container.decodeNil(forKey: key) else {
      parameters = nil
      return
    }
    parameters = try decodeStrictly(P.self, from: container.superDecoder(forKey: key))
  }
}

private struct GivenParameters: Decodable {
  let names: [String]

  init(from decoder: any Decoder) throws {
    let parameters = try decoder.container(keyedBy: AnyKey.self)
      .nestedContainer(keyedBy: AnyKey.self, forKey: AnyKey("parameters"))
    names = try parameters.allKeys.filter { try !parameters.decodeNil(forKey: $0) }.map(\.stringValue)
  }
}
