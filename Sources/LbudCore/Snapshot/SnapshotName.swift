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

  /// The cipher that a snapshot is encrypted with, as the boot loader takes it from the name: what stands behind the last
  /// dot, unless the name ends in `gz` (mkinitfs `initramfs-init.in`). Nil for other names, and where it can be no cipher.
  package static func cipher(of name: [UInt8]) -> String? {
    guard isBootable(name) || parseDated(name) != nil, let dot = name.lastIndex(of: UInt8(ascii: ".")) else {
      return nil
    }
    let suffix = String(decoding: name[(dot + 1)...], as: UTF8.self)
    return isCipherName(suffix) ? suffix : nil
  }

  /// Whether a snapshot can have the text as its suffix, so that the boot loader takes it for a cipher: letters, digits,
  /// hyphens and underscores, as openssl's own are.
  package static func isCipherName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 64, !text.hasSuffix("gz") else { return false }
    let hyphens = [UInt8(ascii: "-"), UInt8(ascii: "_")]
    return !hyphens.contains(first) && text.utf8.allSatisfy { isAlphanumeric($0) || hyphens.contains($0) }
  }

  /// Whether the text is the name of a cipher of openssl, or of a relative of one, whatever this one's openssl can do.
  package static func isOfKnownCipher(_ text: String) -> Bool {
    let families = [
      "aes", "aria", "bf", "blowfish", "camellia", "cast", "chacha20", "des", "idea", "rc", "seed", "sm4",
    ]
    return isCipherName(text)
      && families.contains { family in
        guard text.lowercased().hasPrefix(family) else { return false }
        let next = text.dropFirst(family.count).first
        return next == nil || next == "-" || next.map { $0.isASCII && $0.isNumber } ?? false
      }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  /// The times that fourteen digits can tell: those of the years 0 to 9999. A file can have any other.
  static let dateable: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

  /// `YYYYMMDDHHMMSS` in UTC; the nearest that there is.
  /// - Parameter time: seconds since 1970.
  package static func compactTime(_ time: Int64) -> String {
    var seconds = time_t(min(max(time, dateable.lowerBound), dateable.upperBound))
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let year = String(parts.tm_year + 1900)
    return String(repeating: "0", count: max(0, 4 - year.count)) + year + two(parts.tm_mon + 1) + two(parts.tm_mday)
      + two(parts.tm_hour) + two(parts.tm_min) + two(parts.tm_sec)
  }

  /// The seconds since 1970 that the fourteen digits of a dated name stand for; nil where no day has such a name.
  package static func time(ofDate digits: [UInt8]) -> Int64? {
    let numbers = digits.map { Int32($0) - Int32(UInt8(ascii: "0")) }
    guard numbers.count == 14, numbers.allSatisfy({ (0...9).contains($0) }) else { return nil }
    func number(_ range: Range<Int>) -> Int32 { numbers[range].reduce(0) { $0 * 10 + $1 } }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (number(0..<4) - 1900, number(4..<6) - 1, number(6..<8))
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (number(8..<10), number(10..<12), number(12..<14))
    let time = Int64(timegm(&parts))
    // Of the 31st of February it makes a day of March.
    return compactTime(time).utf8.elementsEqual(digits) ? time : nil
  }

  private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    firstIndex(of: part, in: bytes) != nil
  }

  private static func firstIndex(of part: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= part.count else { return nil }
    return (0...(bytes.count - part.count)).first { bytes[$0..<($0 + part.count)].elementsEqual(part) }
  }
}
