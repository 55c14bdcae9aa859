/// What the box is called, and would be after a boot.
package struct HostNameFacts: Equatable, Sendable {
  /// By which its snapshots are called.
  package var host: String
  /// In /etc/hostname; nil where that has none.
  package var inFile: [UInt8]?
  /// What becomes of /etc/hostname.
  package var saved: SavedFile
  /// What stands before `.apkovl.tar.gz` in the name of what boots; nil where nothing does.
  package var ofSnapshot: [UInt8]?

  package init(host: String, inFile: [UInt8]?, saved: SavedFile, ofSnapshot: [UInt8]?) {
    self.host = host
    self.inFile = inFile
    self.saved = saved
    self.ofSnapshot = ofSnapshot
  }

  /// The first word of the file's first line that is no comment, as OpenRC's hostname takes it.
  package static func name(in file: [UInt8]) -> [UInt8]? {
    let lines = file.split(separator: UInt8(ascii: "\n"))
    guard let line = lines.first(where: { $0.first != UInt8(ascii: "#") }) else { return nil }
    let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
    return line.split(whereSeparator: blanks.contains).first.map(Array.init)
  }
}

extension Check {
  /// Whether the box has one name: of two, the snapshots of one are another box's under the other.
  package static func hostName(_ facts: HostNameFacts) -> Check {
    let host = displayText(of: facts.host.utf8)
    guard let inFile = facts.inFile else {
      return failed(
        .hostname, "the box is called \(host), and there is no name in /etc/hostname: after a boot it has none",
        remedy: "echo \(host) >/etc/hostname, then: lbuctl commit")
    }
    guard inFile.elementsEqual(facts.host.utf8) else {
      return failed(
        .hostname, "the box is called \(host), and after a boot \(displayText(of: inFile)), as /etc/hostname says",
        remedy: "hostname -F /etc/hostname, or write \(host) to it; then: lbuctl commit")
    }
    if let ofSnapshot = facts.ofSnapshot, !ofSnapshot.elementsEqual(facts.host.utf8) {
      return failed(
        .hostname, "the box is called \(host), and what boots is named after \(displayText(of: ofSnapshot))",
        remedy: "lbuctl commit")
    }
    switch facts.saved {
    case .content(let bytes):
      let then = HostNameFacts.name(in: bytes)
      guard then != inFile else { break }
      return failed(
        .hostname,
        "the box is called \(host), and the snapshot's /etc/hostname has \(then.map { displayText(of: $0) } ?? "no name")",
        remedy: "lbuctl commit")
    case .unsaved:
      return failed(
        .hostname, "the box is called \(host), and the snapshot has no /etc/hostname", remedy: "lbuctl commit")
    case .leftOut:
      return failed(
        .hostname, "/etc/hostname is left out of snapshots: after a boot the box is not called \(host)",
        remedy: "lbuctl include /etc/hostname, then: lbuctl commit")
    case .ofPackage, .unknown: break
    }
    return ok(.hostname, "the box is called \(host), after a boot too")
  }
}
