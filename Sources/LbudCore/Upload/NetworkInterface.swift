/// An interface of the machine, as `/sys/class/net` tells of it.
package struct NetworkInterface: Equatable, Sendable {
  package var name: String
  package var index: Int
  /// `aa:bb:cc:dd:ee:ff`.
  package var hardwareAddress: String
  /// Whether `operstate` is `up`.
  package var isUp: Bool
  /// Whether it is a device, and not a bridge, a tunnel or the loopback.
  package var isDevice: Bool

  package init(name: String, index: Int, hardwareAddress: String, isUp: Bool, isDevice: Bool = true) {
    self.name = name
    self.index = index
    self.hardwareAddress = hardwareAddress
    self.isUp = isUp
    self.isDevice = isDevice
  }

  /// The one whose address the boot loader puts in place of `{MAC}` (mkinitfs `initramfs-init.in`, `configure_ip`): the
  /// device that `ip=` names, that `BOOTIF=` has the address of, the first that is up, or the first.
  /// - Parameter commandLine: of the kernel.
  package static func ofBoot(_ interfaces: [NetworkInterface], commandLine: [UInt8]) -> NetworkInterface? {
    let words = String(decoding: commandLine, as: UTF8.self).split { $0 == " " || $0 == "\n" || $0 == "\t" }
    func value(_ key: String) -> Substring? { words.last { $0.hasPrefix(key + "=") }?.dropFirst(key.count + 1) }
    // client:server:gateway:mask:host:device
    let fields = value("ip")?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    if fields.count > 5, !fields[5].isEmpty { return interfaces.first { $0.name == fields[5] } }
    if let boot = value("BOOTIF") {
      let address = (boot.hasPrefix("01-") ? boot.dropFirst(3) : boot).split(separator: "-").joined(separator: ":")
      if let found = interfaces.first(where: { $0.hardwareAddress == address.lowercased() }) { return found }
    }
    let devices = interfaces.filter(\.isDevice).sorted { $0.index < $1.index }
    return devices.first(where: \.isUp) ?? devices.first
  }
}
