#if Systemd
  import CSystemd
  import LbudCore
  import LbudSystem

  /// What the bus says of a call that failed.
  struct BusError: Error, CustomStringConvertible {
    let description: String
    /// Whether whoever was called has answered: the bus is all right then.
    let isAnswer: Bool
    /// The error's name on the bus: org.freedesktop.DBus.Error.AccessDenied.
    let name: String?

    /// - Parameter result: of a function of sd-bus: negative errno.
    init(_ doing: String, _ result: Int32) {
      description = "cannot \(doing): \(errorText(-result))"
      isAnswer = false
      name = nil
    }

    init(_ doing: String, _ error: sd_bus_error, _ result: Int32) {
      let name = error.name.map { String(cString: $0) }
      let words = error.message.map { displayText(of: String(cString: $0).utf8) }
      description = "cannot \(doing): \(words ?? errorText(-result))"
      // libsystemd makes errors of its own for what never got an answer.
      let ownNames = [SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_TIMEOUT, SD_BUS_ERROR_DISCONNECTED, SD_BUS_ERROR_NO_SERVER]
      isAnswer = name.map { !$0.hasPrefix("System.Error.") && !ownNames.contains($0) } ?? false
      self.name = name
    }
  }
#endif
