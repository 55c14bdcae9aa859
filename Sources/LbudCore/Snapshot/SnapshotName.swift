#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The names that snapshots have on the media, as lbu gives them (alpine-conf `lbu.in`).
package enum SnapshotName {
  /// What the boot loader takes: `HOST.apkovl.tar.gz`, with the cipher behind it when encrypted.
  package static func current(host: String, cipher: String? = nil) -> String {
    "\(host).apkovl.tar.gz" + (cipher.map { ".\($0)" } ?? "")
  }

  /// What an old one is called: `HOST.YYYYMMDDHHMMSS.tar.gz`, which the boot loader passes over.
  /// - Parameter time: seconds since 1970.
  package static func dated(host: String, time: Int64, cipher: String? = nil) -> String {
    dated(host: host, time: time, suffix: cipher.map { ".\($0)" } ?? "")
  }

  /// - Parameter suffix: what stands behind `.tar.gz`, with its dot.
  package static func dated(host: String, time: Int64, suffix: String) -> String {
    "\(host).\(compactTime(time)).tar.gz" + suffix
  }

  /// The host of a name that the boot loader takes, and what stands behind `.apkovl.tar.gz`; nil for other names.
  package static func parseBootable(_ name: [UInt8]) -> (host: [UInt8], suffix: [UInt8])? {
    let middle = Array(".apkovl.tar.gz".utf8)
    return firstIndex(of: middle, in: name).map { (Array(name[..<$0]), Array(name[($0 + middle.count)...])) }
  }

  /// Whether the boot loader's glob `*.apkovl.tar.gz*` takes the name (mkinitfs `nlplug-findfs.c`, which does not treat
  /// a leading dot specially).
  package static func isBootable(_ name: [UInt8]) -> Bool {
    contains(name, Array(".apkovl.tar.gz".utf8))
  }

  /// The host and the date of an old snapshot's name; nil where it is none.
  package static func parseDated(_ name: [UInt8]) -> (host: [UInt8], date: [UInt8])? {
    guard let suffix = firstIndex(of: Array(".tar.gz".utf8), in: name) else { return nil }
    let stem = name[..<suffix]
    guard let dot = stem.lastIndex(of: UInt8(ascii: ".")), dot > stem.startIndex else { return nil }
    let date = stem[(dot + 1)...]
    guard date.count == 14, date.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    let rest = name[(suffix + 7)...]
    guard rest.isEmpty || rest.first == UInt8(ascii: ".") else { return nil }
    return (Array(stem[..<dot]), Array(date))
  }

  /// `YYYYMMDDHHMMSS` in UTC.
  static func compactTime(_ time: Int64) -> String {
    var seconds = time_t(time)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let year = String(parts.tm_year + 1900)
    return String(repeating: "0", count: max(0, 4 - year.count)) + year + two(parts.tm_mon + 1) + two(parts.tm_mday)
      + two(parts.tm_hour) + two(parts.tm_min) + two(parts.tm_sec)
  }

  private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    firstIndex(of: part, in: bytes) != nil
  }

  private static func firstIndex(of part: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= part.count else { return nil }
    return (0...(bytes.count - part.count)).first { bytes[$0..<($0 + part.count)].elementsEqual(part) }
  }
}
