/// A call ready to be sent, its NUL included.
package func encodeCall(
  _ method: String, _ parameters: some Encodable, more: Bool = false, oneway: Bool = false
) throws -> [UInt8] {
  try encodeJSON(
    CallEnvelope(method: method, parameters: parameters, more: more ? true : nil, oneway: oneway ? true : nil)) + [0]
}

/// A reply ready to be sent, its NUL included. Fails only on what JSON cannot say, a number that is not finite.
package func encodeReply(_ parameters: some Encodable, continues: Bool = false) throws -> [UInt8] {
  try encodeJSON(ReplyEnvelope(parameters: parameters, continues: continues ? true : nil)) + [0]
}

/// An error reply ready to be sent, its NUL included.
package func encodeReply(_ error: VarlinkError) -> [UInt8] {
  if let bytes = try? encodeJSON(ErrorEnvelope(error: error.name, parameters: error.parameters)) { return bytes + [0] }
  // Only a number that is not finite gets here; the name must reach the client all the same.
  let name = (try? encodeJSON(error.name)) ?? Array("\"io.lbud.Internal\"".utf8)
  return Array("{\"error\":".utf8) + name + Array(",\"parameters\":{}}".utf8) + [0]
}

/// A reply as it came: whether it is an error is known, the parameters once somebody knows their type.
package struct IncomingReply: Sendable {
  package let continues: Bool
  package let error: VarlinkError?
  private let frame: [UInt8]

  /// Takes a frame whose nesting has been checked.
  package init(frame: [UInt8]) throws {
    let header = try decodeJSON(ReplyHeader.self, from: frame)
    continues = header.continues ?? false
    if let name = header.error {
      // What a foreign service puts beside its error must not hide the error's name.
      let parameters = try? decodeJSON(ErrorParameters.self, from: frame).parameters
      error = VarlinkError(name, parameters ?? [:])
    } else {
      error = nil
    }
    self.frame = frame
  }

  /// The parameters; none, or null, count as `{}`. Members that `type` does not know are skipped, so that an old client
  /// understands a newer daemon.
  package func parameters<P: Decodable>(as type: P.Type = P.self) throws -> P {
    if let parameters = try decodeJSON(ReplyParameters<P>.self, from: frame).parameters { return parameters }
    return try decodeJSON(type, from: Array("{}".utf8))
  }
}

private struct CallEnvelope<P: Encodable>: Encodable {
  let method: String
  let parameters: P
  let more: Bool?
  let oneway: Bool?
}

private struct ReplyEnvelope<P: Encodable>: Encodable {
  let parameters: P
  let continues: Bool?
}

private struct ErrorEnvelope: Encodable {
  let error: String
  let parameters: [String: JSONValue]
}

private struct ReplyHeader: Decodable {
  let continues: Bool?
  let error: String?
}

private struct ErrorParameters: Decodable {
  let parameters: [String: JSONValue]?
}

private struct ReplyParameters<P: Decodable>: Decodable {
  let parameters: P?
}
