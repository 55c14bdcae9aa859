import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The name that the snapshot is called by.
package enum HostName {
  /// The kernel's, as lbu takes it by hostname(1). A root that is not the running system's has its own in
  /// `etc/hostname`.
  package static func read(root: RootDirectory) -> String {
    if !root.isSystemRoot, let text = try? root.read(BytePath("etc/hostname"), limit: 4096) {
      let line = text.split(separator: UInt8(ascii: "\n")).first { $0.first != UInt8(ascii: "#") }
      let name = String(decoding: line ?? [], as: UTF8.self).split(separator: " ").first.map(String.init) ?? ""
      if isUsable(name) { return name }
    }
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return isUsable(name) ? name : "localhost"
  }

  private static func isUsable(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64 && !name.contains("/") && name.first != "."
  }
}
