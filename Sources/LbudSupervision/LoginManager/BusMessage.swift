#if Systemd
  import CSystemd

  /// A message of the bus, see sd_bus_message_read_basic(3). Its arguments are read one after the other; nil where the
  /// next one is of another type.
  final class BusMessage {
    let pointer: OpaquePointer

    /// Takes over the reference.
    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { sd_bus_message_unref(pointer) }

    /// The bus vouches for it; nobody else can choose it.
    var sender: String? { sd_bus_message_get_sender(pointer).map { String(cString: $0) } }

    func isSignal(_ interface: String, _ member: String) -> Bool {
      sd_bus_message_is_signal(pointer, interface, member) > 0
    }

    func string() -> String? {
      var text: UnsafePointer<CChar>?
      guard sd_bus_message_read_basic(pointer, CChar(UInt8(ascii: "s")), &text) > 0, let text else { return nil }
      return String(cString: text)
    }

    func boolean() -> Bool? {
      var value: Int32 = 0
      guard sd_bus_message_read_basic(pointer, CChar(UInt8(ascii: "b")), &value) > 0 else { return nil }
      return value != 0
    }

    /// It is the message's, and closed with it.
    func descriptor() -> Int32? {
      var value: Int32 = -1
      guard sd_bus_message_read_basic(pointer, CChar(UInt8(ascii: "h")), &value) > 0, value >= 0 else { return nil }
      return value
    }
  }
#endif
