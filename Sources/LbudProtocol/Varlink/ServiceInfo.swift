/// What a Varlink service says about itself: the reply of `org.varlink.service.GetInfo`.
package struct ServiceInfo: Codable, Sendable, Equatable {
  package let vendor: String
  package let product: String
  package let version: String
  package let url: String
  package let interfaces: [String]

  package init(vendor: String = "lbud", product: String = "lbud", version: String, url: String, interfaces: [String]) {
    self.vendor = vendor
    self.product = product
    self.version = version
    self.url = url
    self.interfaces = interfaces
  }
}

/// The interface `org.varlink.service`, by which a client learns what else a service can do.
package struct ServiceInterface: Sendable {
  package static let name = "org.varlink.service"
  package static let methods = ["org.varlink.service.GetInfo", "org.varlink.service.GetInterfaceDescription"]

  package let info: ServiceInfo
  private let definitions: [String: String]

  /// `definitions` has the text of each interface by its name; `org.varlink.service` need not be among them.
  package init(
    vendor: String = "lbud", product: String = "lbud", version: String, url: String, definitions: [String: String]
  ) {
    var definitions = definitions
    definitions[Self.name] = Self.definition
    self.definitions = definitions
    info = ServiceInfo(
      vendor: vendor, product: product, version: version, url: url,
      interfaces: [Self.name] + definitions.keys.filter { $0 != Self.name }.sorted())
  }

  /// What a call of this interface is answered with.
  package enum Answer: Sendable, Equatable {
    case info(ServiceInfo)
    case description(InterfaceDescription)
  }

  package func answer(to call: IncomingCall) throws(VarlinkError) -> Answer {
    switch call.method {
    case "org.varlink.service.GetInfo":
      _ = try call.parameters(as: NoParameters.self)
      return .info(info)
    case "org.varlink.service.GetInterfaceDescription":
      let interface = try call.parameters(as: InterfaceName.self).interface
      guard let text = definitions[interface] else { throw .interfaceNotFound(interface) }
      return .description(InterfaceDescription(description: text))
    default:
      throw .methodNotFound(call.method)
    }
  }
}

extension ServiceInterface.Answer: Encodable {
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .info(let info): try info.encode(to: encoder)
    case .description(let description): try description.encode(to: encoder)
    }
  }
}

/// The parameters of `GetInterfaceDescription`.
package struct InterfaceName: Codable, Sendable, Equatable {
  package let interface: String

  package init(interface: String) { self.interface = interface }
}

/// The reply of `GetInterfaceDescription`.
package struct InterfaceDescription: Codable, Sendable, Equatable {
  package let description: String
}

extension ServiceInterface {
  /// The definition of `org.varlink.service` itself, as varlink.org has it.
  package static let definition = """
    # The Varlink Service Interface is provided by every varlink service. It
    # describes the service and the interfaces it implements.
    interface org.varlink.service

    # Get a list of all the interfaces a service provides and information
    # about the implementation.
    method GetInfo() -> (
      vendor: string,
      product: string,
      version: string,
      url: string,
      interfaces: []string
    )

    # Get the description of an interface that is implemented by this service.
    method GetInterfaceDescription(interface: string) -> (description: string)

    # The requested interface was not found.
    error InterfaceNotFound (interface: string)

    # The requested method was not found
    error MethodNotFound (method: string)

    # The interface defines the requested method, but the service does not
    # implement it.
    error MethodNotImplemented (method: string)

    # One of the passed parameters is invalid.
    error InvalidParameter (parameter: string)

    # Client is denied access
    error PermissionDenied ()

    # Method is expected to be called with 'more' set to true, but wasn't
    error ExpectedMore ()

    """
}
