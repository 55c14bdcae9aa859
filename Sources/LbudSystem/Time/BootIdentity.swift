/// Tells one boot of the machine from another.
package enum BootIdentity {
  /// What the kernel drew at its start (random(4)); empty where it cannot be read.
  package static func read() -> String {
    let text = (try? ProcFile.read("/proc/sys/kernel/random/boot_id", limit: 64)) ?? []
    return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
