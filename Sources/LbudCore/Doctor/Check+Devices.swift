/// What was found on a block device by playing the boot loader.
package struct DeviceFinding: Equatable, Sendable {
  package enum Outcome: Equatable, Sendable {
    /// It was read; the names in its top directory that the boot loader takes.
    case overlays([[UInt8]])
    /// It holds nothing that the boot loader could mount.
    case unreadableAtBoot
    /// It could not be looked at.
    case unseen(why: String)
  }

  package var device: [UInt8]
  /// Where it is mounted; nil where it is not.
  package var point: [UInt8]?
  package var outcome: Outcome
  /// Whether it has a journal to be replayed, which was not done: what it holds may be otherwise at the boot.
  package var hasUnplayedJournal: Bool

  package init(device: [UInt8], point: [UInt8]? = nil, outcome: Outcome, hasUnplayedJournal: Bool = false) {
    self.device = device
    self.point = point
    self.outcome = outcome
    self.hasUnplayedJournal = hasUnplayedJournal
  }

  /// None of them is the file that this box saves to.
  package var overlays: [BootOverlay] {
    guard case .overlays(let names) = outcome else { return [] }
    return names.map {
      BootOverlay(place: displayText(of: point ?? device), name: $0, owner: .other, isOnMedia: false)
    }
  }
}

/// How far the devices were looked at.
package struct DevicesFacts: Equatable, Sendable {
  package enum Reach: Equatable, Sendable {
    case all
    /// Who is not root can look only at what is mounted.
    case onlyMounted
    /// The devices are not those of the root that is looked at.
    case anotherRoot
  }

  package var reach: Reach
  /// Those other than the media's.
  package var findings: [DeviceFinding]

  package init(reach: Reach, findings: [DeviceFinding] = []) {
    self.reach = reach
    self.findings = findings
  }
}

extension Check {
  /// Whether every device was looked at on which the boot loader could find an overlay.
  package static func devices(_ facts: DevicesFacts) -> Check {
    if let unseen = unseen(facts.findings) { return unseen }
    let looked = facts.findings.filter { if case .overlays = $0.outcome { true } else { false } }
    let names = looked.map { $0.point.map(displayText) ?? displayText(of: $0.device) }.sorted().joined(separator: ", ")
    switch facts.reach {
    case .anotherRoot:
      return skipped(
        .devices, "no device is looked at for another root than /" + (names.isEmpty ? "" : ", but \(names)"))
    case .onlyMounted:
      return skipped(.devices, "only root can look at what is not mounted" + (names.isEmpty ? "" : "; seen: \(names)"))
    case .all:
      return ok(
        .devices,
        names.isEmpty
          ? "no other device has a file system that the boot loader reads"
          : "the other file systems that the boot loader reads were looked at: \(names)")
    }
  }

  private static func unseen(_ findings: [DeviceFinding]) -> Check? {
    let unseen = findings.compactMap { finding -> String? in
      let device = displayText(of: finding.device)
      if case .unseen(let why) = finding.outcome { return "\(device): \(why)" }
      return finding.hasUnplayedJournal ? "\(device): its journal is to be replayed, which only the boot does" : nil
    }
    guard !unseen.isEmpty else { return nil }
    return warning(
      .devices, "the boot may find an overlay where it could not be looked for: \(unseen.joined(separator: "; "))",
      remedy: "pull what need not be there at a boot, or mount it and look: ls -d *.apkovl.tar.gz*")
  }
}
