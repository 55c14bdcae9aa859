import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension UploadAddress.Facts {
  /// What the machine says of itself. Blocks for a moment: `/sys` is asked.
  package static func read(root: RootDirectory, hostName: String) -> UploadAddress.Facts {
    let commandLine = (try? root.read(BytePath("proc/cmdline"), limit: 1 << 16)) ?? []
    let machine = (try? root.read(BytePath("sys/class/dmi/id/product_uuid"), limit: 4096)).map(line)
    return UploadAddress.Facts(
      hostName: hostName,
      hardwareAddress: NetworkInterface.ofBoot(interfaces(root), commandLine: commandLine)?.hardwareAddress,
      machine: machine)
  }

  private static let folder = "sys/class/net"

  private static func interfaces(_ root: RootDirectory) -> [NetworkInterface] {
    guard let directory = try? root.open(Array(folder.utf8), O_RDONLY | O_DIRECTORY),
      let names = try? directory.names(path: BytePath(folder))
    else { return [] }
    return names.compactMap { name in
      let path = BytePath(normalizing: Array((folder + "/").utf8) + name)
      func text(_ file: String) -> String? {
        (try? root.read(path.appending(Array(file.utf8)), limit: 4096)).map(line)
      }
      // What has gone meanwhile.
      guard let address = text("address"), let index = text("ifindex").flatMap({ Int($0) }) else { return nil }
      return NetworkInterface(
        name: displayText(of: name), index: index, hardwareAddress: address, isUp: text("operstate") == "up",
        isDevice: (try? root.status(path.appending(Array("device".utf8)))) != nil)
    }
  }

  private static func line(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
