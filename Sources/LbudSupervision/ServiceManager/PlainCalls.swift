import Glibc

/// The same without libsystemd, for OpenRC (`notify=socket:ready`) and others that speak this.
package enum PlainCalls: ServiceManagerCalls {
  package static func notify(_ message: NotifyMessage) -> Int32 {
    guard let name = getenv("NOTIFY_SOCKET") else { return 0 }
    guard let address = Address(String(cString: name)) else { return -EINVAL }
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return -errno }
    defer { close(descriptor) }
    let bytes = Array(message.text.utf8)
    while true {
      let sent = address.withPointer { sendto(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL), $0, $1) }
      if sent >= 0 { return 1 }
      guard errno == EINTR else { return -errno }
    }
  }

  package static func watchdogInterval() -> UInt64? {
    guard let interval = number(of: "WATCHDOG_USEC"), interval > 0, interval < UInt64.max else { return nil }
    if getenv("WATCHDOG_PID") != nil, number(of: "WATCHDOG_PID") != UInt64(getpid()) { return nil }
    return interval
  }

  package static func passedDescriptors() -> Int32 {
    guard getenv("LISTEN_PID") != nil else { return 0 }
    guard let process = number(of: "LISTEN_PID") else { return -EINVAL }
    // They are somebody else's.
    guard process == UInt64(getpid()), getenv("LISTEN_FDS") != nil else { return 0 }
    guard let count = number(of: "LISTEN_FDS"), count > 0, count < 1024 else { return -EINVAL }
    for descriptor in firstPassedDescriptor..<(firstPassedDescriptor + Int32(count)) {
      guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { return -errno }
    }
    return Int32(count)
  }

  private static func number(of name: String) -> UInt64? {
    getenv(name).flatMap { UInt64(String(cString: $0)) }
  }

  /// A path, or an abstract name that is written with an @ before it, see unix(7).
  private struct Address {
    private var address = sockaddr_un()
    private let length: Int

    init?(_ name: String) {
      var bytes = Array(name.utf8)
      guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
      switch bytes[0] {
      case UInt8(ascii: "/"): break
      case UInt8(ascii: "@"): bytes[0] = 0
      default: return nil
      }
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
      // An abstract name ends with the address: NULs behind it would be part of it.
      length = (MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2) + bytes.count + (bytes[0] == 0 ? 0 : 1)
    }

    func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
      withUnsafePointer(to: address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
      }
    }
  }
}
