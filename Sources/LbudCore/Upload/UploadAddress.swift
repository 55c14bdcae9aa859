/// Where a snapshot is put for machines that boot over the network: what `LBUD_PUBLISH` says, filled in.
package struct UploadAddress: Hashable, Sendable {
  /// An `http` or `https` URL whose last part is the name of a file.
  package let url: String
  /// Without user, port and path: what messages are about.
  package let host: String

  package var isEncrypted: Bool { url.hasPrefix("https:") }

  /// What is uploaded first where the store takes a new file in pieces. No boot loader is told of that name.
  package var temporary: String { url + ".lbud-new" }

  /// Why `LBUD_PUBLISH` cannot be followed.
  package struct Refusal: Error, Equatable {
    package var text: String
    package var remedy: String
    /// Whether it is about what the machine says of itself, which may be something else later.
    package var isAboutMachine = false

    package init(text: String, remedy: String) {
      self.text = text
      self.remedy = remedy
    }
  }

  /// What stands for what, as the boot loader has it (mkinitfs `initramfs-init.in`), and the host name besides.
  package struct Facts: Equatable, Sendable {
    package var hostName: String
    /// `aa:bb:cc:dd:ee:ff`, of the interface that the boot loader would take; nil where there is none.
    package var hardwareAddress: String?
    /// The firmware's; nil where it gives none.
    package var machine: String?

    package init(hostName: String, hardwareAddress: String? = nil, machine: String? = nil) {
      self.hostName = hostName
      self.hardwareAddress = hardwareAddress
      self.machine = machine
    }
  }

  /// - Throws: `Refusal`, whose text holds no password.
  package init(_ template: String, _ facts: Facts) throws(Refusal) {
    let scheme = try Self.scheme(of: template)
    let rest = template.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" }
    // Before anything of it is shown.
    guard !authority.contains("@") else {
      throw Refusal(
        text: "a user or a password stands in it, which everybody could see among the processes",
        remedy: "write it into the file of LBUD_PUBLISH_CONFIG: user = \"name:password\"")
    }
    guard let slash = rest.firstIndex(of: "/") else {
      throw Refusal(text: "it names no file", remedy: "end it with a name: \(template)/{HOSTNAME}.apkovl.tar.gz")
    }
    let host = Self.host(of: authority)
    guard !host.isEmpty, !authority.contains("{") else {
      throw Refusal(text: "it names no host", remedy: "https://HOST/PATH/{HOSTNAME}.apkovl.tar.gz")
    }
    for byte in rest.utf8 where byte <= 0x20 || byte >= 0x7f || "\"'<>\\^`|?#[]".utf8.contains(byte) {
      // The address of a host may stand in brackets.
      if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]"), !rest[slash...].utf8.contains(byte) { continue }
      throw Refusal(
        text: "'\(displayText(of: [byte]))' cannot stand in it",
        remedy: "write it as a percent sign and two hexadecimal digits, if it is part of a name")
    }
    let path = try Self.filledIn(String(rest[slash...]), facts)
    guard let name = path.split(separator: "/", omittingEmptySubsequences: false).last, !name.isEmpty else {
      throw Refusal(text: "it ends with a slash", remedy: "end it with a name: {HOSTNAME}.apkovl.tar.gz")
    }
    url = scheme + authority + path
    self.host = host
  }

  init(url: String, host: String) {
    self.url = url
    self.host = host
  }

  private static func scheme(of template: String) throws(Refusal) -> String {
    for scheme in ["https://", "http://"] where template.hasPrefix(scheme) { return scheme }
    throw Refusal(text: "it is no http or https URL", remedy: "https://HOST/PATH/{HOSTNAME}.apkovl.tar.gz")
  }

  private static func host(of authority: Substring) -> String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
    return String(authority.prefix { $0 != ":" })
  }

  /// Each of them once, as the boot loader does it; what is left in braces is somebody's mistake.
  private static func filledIn(_ path: String, _ facts: Facts) throws(Refusal) -> String {
    var path = path
    let values = [
      ("{HOSTNAME}", percentEncoded(facts.hostName), ""),
      // A colon stands in no file's name that Amazon's way of signing takes; servers read it as one all the same.
      ("{MAC}", facts.hardwareAddress.map(percentEncoded), "no interface of this machine has an address"),
      ("{UUID}", facts.machine.map(percentEncoded), "the firmware of this machine gives no UUID"),
    ]
    for (word, value, whyNot) in values {
      guard let range = path.firstRange(of: word) else { continue }
      guard let value, !value.isEmpty else {
        var refusal = Refusal(
          text: "\(word) stands in it, and \(whyNot)", remedy: "use {HOSTNAME}, or write the name out")
        refusal.isAboutMachine = true
        throw refusal
      }
      path.replaceSubrange(range, with: value)
    }
    if let open = path.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      throw Refusal(
        text: "'\(path[open...].prefix(12))' stands for nothing",
        remedy: "{HOSTNAME}, {MAC} and {UUID} are filled in, each once, as the boot loader does it")
    }
    return path
  }

  /// - Returns: what may stand in a path as it is, and the rest by its bytes (RFC 3986).
  static func percentEncoded(_ text: String) -> String {
    text.utf8.reduce(into: "") { result, byte in
      let isPlain =
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "~"):
          true
        default: false
        }
      if isPlain {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = Array("0123456789ABCDEF")
        result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
  }
}

extension UploadAddress {
  /// Why a boot loader could make nothing of a snapshot there: it goes by what the name ends in (mkinitfs `unpack_apkovl`).
  /// - Parameter cipher: of the snapshot; nil for a plain one.
  package func objection(toCipher cipher: String?) -> UploadFailure? {
    let name = url.split(separator: "/").last ?? ""
    let suffix = name.split(separator: ".").last.map(String.init) ?? ""
    let isPlain = suffix.hasSuffix("gz")
    if let cipher {
      guard suffix != cipher else { return nil }
      return UploadFailure(
        "the snapshot is encrypted, and the name there does not say so: no machine could boot it",
        hint: "end LBUD_PUBLISH, and apkovl=, with .apkovl.tar.gz.\(cipher)")
    }
    guard !isPlain else { return nil }
    return UploadFailure(
      "the boot loader would take the snapshot for one that is encrypted with '\(displayText(of: suffix.utf8))'",
      hint: "end LBUD_PUBLISH, and apkovl=, with .apkovl.tar.gz")
  }
}
