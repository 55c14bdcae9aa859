import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Tells one boot of the machine from another.
package enum BootIdentity {
  /// What the kernel drew at its start (random(4)); empty where it cannot be read.
  package static func read() -> String {
    let path = "/proc/sys/kernel/random/boot_id"
    guard let raw = try? retrying("open", path, { systemOpen(path, O_RDONLY | O_CLOEXEC) }) else { return "" }
    let file = Descriptor(owning: raw)
    var text = [UInt8](repeating: 0, count: 64)
    guard let count = try? text.withUnsafeMutableBytes({ try file.read(into: $0, path: path) }) else { return "" }
    return String(decoding: text[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
