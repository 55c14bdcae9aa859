/// An error as it goes over the wire: a name qualified by its interface, and parameters.
package struct VarlinkError: Error, Sendable, Equatable {
  package let name: String
  package let parameters: [String: JSONValue]

  /// An error of an interface: `VarlinkError("io.lbud.CommitFailed", ["message": .string(why)])`.
  package init(_ name: String, _ parameters: [String: JSONValue] = [:]) {
    self.name = name
    self.parameters = parameters
  }

  /// The same, from a type that describes the parameters. Fails only if that type cannot be encoded as an object.
  package init(_ name: String, encoding parameters: some Encodable) throws {
    let bytes = try encodeJSON(parameters)
    self.init(name, try decodeJSON([String: JSONValue].self, from: bytes))
  }

  /// The parameters as the type that describes them.
  package func parameters<P: Decodable>(as type: P.Type) throws -> P {
    try decodeJSON(type, from: try encodeJSON(parameters))
  }
}

/// What every Varlink service may answer.
extension VarlinkError {
  package static func interfaceNotFound(_ interface: String) -> VarlinkError {
    VarlinkError("org.varlink.service.InterfaceNotFound", ["interface": .string(interface)])
  }

  package static func methodNotFound(_ method: String) -> VarlinkError {
    VarlinkError("org.varlink.service.MethodNotFound", ["method": .string(method)])
  }

  package static func methodNotImplemented(_ method: String) -> VarlinkError {
    VarlinkError("org.varlink.service.MethodNotImplemented", ["method": .string(method)])
  }

  package static func invalidParameter(_ parameter: String) -> VarlinkError {
    VarlinkError("org.varlink.service.InvalidParameter", ["parameter": .string(parameter)])
  }

  package static let permissionDenied = VarlinkError("org.varlink.service.PermissionDenied")
  package static let expectedMore = VarlinkError("org.varlink.service.ExpectedMore")
}

extension VarlinkError: CustomStringConvertible {
  package var description: String {
    let words = parameters.sorted { $0.key < $1.key }.map { name, value in
      "\(name): \(value.string ?? (try? encodeJSON(value)).map { String(decoding: $0, as: UTF8.self) } ?? "?")"
    }
    return words.isEmpty ? name : "\(name) (\(words.joined(separator: ", ")))"
  }
}
