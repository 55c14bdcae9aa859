/// What one call has otherwise than lbu.conf has it.
package struct Otherwise: Codable, Sendable, Equatable {
  /// Variables that lbu takes from its environment, where lbu.conf does not set them.
  package var environment: [String: String]?
  /// NAME of `/media/NAME`, where no directory is set.
  package var media: String?
  /// Whether it is to be encrypted, with the cipher that the settings name or else `DEFAULT_CIPHER`.
  package var encrypt: Bool?
  package var password: WirePath?

  package init(
    environment: [String: String]? = nil, media: String? = nil, encrypt: Bool? = nil, password: WirePath? = nil
  ) {
    self.environment = environment
    self.media = media
    self.encrypt = encrypt
    self.password = password
  }
}

/// A password may be in it, in the environment too: it is shown nowhere, however it is printed.
extension Otherwise: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String {
    let names = (environment ?? [:]).keys.sorted().joined(separator: ",")
    return "Otherwise(environment: \(names), media: \(media ?? "-"), encrypt: \(encrypt ?? false))"
  }

  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Parameters of the methods that take nothing else.
package struct OtherwiseCall: Codable, Sendable, Equatable {
  package var otherwise: Otherwise?

  package init(otherwise: Otherwise? = nil) { self.otherwise = otherwise }
}
