import Glibc
import LbudCore
import LbudSystem

/// The socket that a service manager listens on for lbud (socket activation), and passes when it starts it.
package enum PassedSocket {
  /// - Returns: its descriptor, owned by the caller; nil where none was passed. To be called once.
  /// - Throws: `PassedSocketError` where the service manager passed something else than one socket.
  package static func take(
    by calls: any ServiceManagerCalls.Type = BuiltInCalls.self
  ) throws(PassedSocketError) -> Int32? {
    let count = calls.passedDescriptors()
    guard count >= 0 else { throw PassedSocketError("cannot take the socket that was passed: \(errorText(-count))") }
    guard count > 0 else { return nil }
    guard count == 1 else {
      throw PassedSocketError(
        "cannot listen on \(count) sockets that were passed, only on one: leave one ListenStream= in the socket's unit")
    }
    try check(firstPassedDescriptor)
    return firstPassedDescriptor
  }

  /// Sees that a descriptor is a Unix stream socket that is being listened on.
  package static func check(_ descriptor: Int32) throws(PassedSocketError) {
    guard option(SO_DOMAIN, of: descriptor) == AF_UNIX, option(SO_TYPE, of: descriptor) == CInt(SOCK_STREAM.rawValue),
      option(SO_ACCEPTCONN, of: descriptor) == 1
    else {
      throw PassedSocketError(
        "cannot listen on descriptor \(descriptor), which was passed: it is not a Unix stream socket that listens:"
          + " the socket's unit needs ListenStream=/run/lbud/lbud.sock and Accept=no")
    }
  }

  /// The path it is bound to, for a person; an abstract one with an @ before it.
  package static func name(of descriptor: Int32) -> String {
    var address = sockaddr_un()
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    guard result == 0, Int(length) > start else { return "descriptor \(descriptor)" }
    let bytes = withUnsafeBytes(of: address.sun_path) { Array($0.prefix(Int(length) - start)) }
    return bytes[0] == 0 ? "@" + displayText(of: bytes.dropFirst()) : displayText(of: bytes.prefix { $0 != 0 })
  }

  private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }
}

/// What a service manager passed cannot be used.
package struct PassedSocketError: Error, Equatable, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}
