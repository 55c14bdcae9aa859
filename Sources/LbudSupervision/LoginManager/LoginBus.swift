#if Systemd
  import CSystemd
  import Glibc
  import LbudCore
  import LbudSystem

  /// What the bus tells of the login manager.
  enum LoginEvent: Equatable {
    /// It has this name on the bus now; nil: it has gone.
    case owner(String?)
    case prepareForShutdown(sender: String?, begins: Bool)
    case other
  }

  /// A connection to the system bus, to speak to the login manager: org.freedesktop.login1(5). For one thread.
  final class LoginBus {
    private let bus: OpaquePointer

    private static let loginManager = "org.freedesktop.login1"
    private static let loginPath = "/org/freedesktop/login1"
    private static let managerInterface = "org.freedesktop.login1.Manager"
    private static let busName = "org.freedesktop.DBus"
    private static let busPath = "/org/freedesktop/DBus"
    /// How long an answer is waited for, in microseconds.
    private static let patience: UInt64 = 5_000_000

    /// Connects to where DBUS_SYSTEM_BUS_ADDRESS says, or to /run/dbus/system_bus_socket.
    init() throws(BusError) {
      var bus: OpaquePointer?
      let result = sd_bus_open_system(&bus)
      guard result >= 0, let bus else { throw BusError("connect to the system bus", result) }
      self.bus = bus
    }

    // Without flushing: it would wait for a bus that hangs.
    deinit { sd_bus_close_unref(bus) }

    // MARK: Asking

    /// Has the bus tell what happens to the login manager.
    /// - Returns: the login manager's name on the bus; nil while there is none.
    func follow() throws(BusError) -> String? {
      // Before it is asked for, so that nothing happens in between.
      try match(
        "type='signal',sender='\(Self.busName)',path='\(Self.busPath)',interface='\(Self.busName)',"
          + "member='NameOwnerChanged',arg0='\(Self.loginManager)'")
      try match(
        "type='signal',sender='\(Self.loginManager)',path='\(Self.loginPath)',interface='\(Self.managerInterface)',"
          + "member='PrepareForShutdown'")
      do throws(BusError) {
        let reply = try call(
          "ask for the login manager", Self.busName, Self.busPath, Self.busName, "GetNameOwner", [Self.loginManager])
        return reply.string()
      } catch {
        guard error.name == SD_BUS_ERROR_NAME_HAS_NO_OWNER else { throw error }
        return nil
      }
    }

    /// Takes a lock that delays a shutdown, for as long as logind's InhibitDelayMaxSec says.
    func inhibit(why: String) throws(BusError) -> InhibitorLock {
      let doing = "take the lock"
      let reply = try call(
        doing, Self.loginManager, Self.loginPath, Self.managerInterface, "Inhibit", ["shutdown", "lbud", why, "delay"])
      // It belongs to the message.
      guard let descriptor = reply.descriptor() else { throw BusError(doing, -EBADMSG) }
      let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
      guard own >= 0 else { throw BusError(doing, -errno) }
      return InhibitorLock(Descriptor(owning: own))
    }

    private func match(_ rule: String) throws(BusError) {
      _ = try call("follow the login manager", Self.busName, Self.busPath, Self.busName, "AddMatch", [rule])
    }

    private func call(
      _ doing: String, _ destination: String, _ path: String, _ interface: String, _ member: String,
      _ arguments: [String]
    ) throws(BusError) -> BusMessage {
      var pointer: OpaquePointer?
      var result = sd_bus_message_new_method_call(bus, &pointer, destination, path, interface, member)
      guard result >= 0, let pointer else { throw BusError(doing, result) }
      let message = BusMessage(owning: pointer)
      // Where there is no login manager none is started for lbud's sake.
      result = sd_bus_message_set_auto_start(message.pointer, 0)
      for argument in arguments where result >= 0 {
        result = sd_bus_message_append_basic(message.pointer, CChar(UInt8(ascii: "s")), argument)
      }
      guard result >= 0 else { throw BusError(doing, result) }
      var error = sd_bus_error()
      defer { sd_bus_error_free(&error) }
      var reply: OpaquePointer?
      result = sd_bus_call(bus, message.pointer, Self.patience, &error, &reply)
      guard result >= 0, let reply else { throw BusError(doing, error, result) }
      return BusMessage(owning: reply)
    }

    // MARK: Listening

    /// What has come, one by one; nil where nothing has.
    func next() throws(BusError) -> LoginEvent? {
      var pointer: OpaquePointer?
      let result = sd_bus_process(bus, &pointer)
      guard result >= 0 else { throw BusError("listen to the system bus", result) }
      guard let pointer else { return result > 0 ? .other : nil }
      return Self.event(BusMessage(owning: pointer))
    }

    private static func event(_ message: BusMessage) -> LoginEvent {
      let sender = message.sender
      if sender == busName, message.isSignal(busName, "NameOwnerChanged") {
        guard message.string() == loginManager, message.string() != nil, let owner = message.string() else {
          return .other
        }
        return .owner(owner.isEmpty ? nil : owner)
      }
      if message.isSignal(managerInterface, "PrepareForShutdown"), let begins = message.boolean() {
        return .prepareForShutdown(sender: sender, begins: begins)
      }
      return .other
    }

    // MARK: Waiting, for poll(2)

    var descriptor: Int32 { sd_bus_get_fd(bus) }

    var events: Int16 { Int16(clamping: max(0, sd_bus_get_events(bus))) }

    /// When `next` is to be called at the latest.
    func deadline(from now: Instant) -> Instant? {
      var microseconds: UInt64 = 0
      guard sd_bus_get_timeout(bus, &microseconds) > 0, microseconds != UInt64.max else { return nil }
      // It counts on another clock.
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      let passed = UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
      let left = microseconds > passed ? microseconds - passed : 0
      return Instant(nanoseconds: now.nanoseconds + Int64(clamping: min(left, 3_600_000_000)) * 1000)
    }
  }

  /// A lock of the login manager: whoever holds the descriptor holds it.
  final class InhibitorLock {
    private let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }
#endif
