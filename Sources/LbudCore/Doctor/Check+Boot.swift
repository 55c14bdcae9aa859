/// An entry of a file system's top directory that the boot loader takes.
package struct BootOverlay: Equatable, Sendable {
  package enum Owner: Equatable, Sendable {
    /// The file that this box saves to.
    case current
    /// This box's, under another name.
    case own
    case other
  }

  /// Where its file system is mounted, or its device.
  package var place: String
  package var name: [UInt8]
  package var owner: Owner
  /// Whether it is where this box saves to.
  package var isOnMedia: Bool

  package init(place: String, name: [UInt8], owner: Owner, isOnMedia: Bool) {
    self.place = place
    self.name = name
    self.owner = owner
    self.isOnMedia = isOnMedia
  }

  /// `/media/usb/box.apkovl.tar.gz`, or `other.apkovl.tar.gz on /dev/sdb1`.
  var shown: String {
    let name = displayText(of: name)
    return place.hasPrefix("/dev/") ? "\(name) on \(place)" : BootOverlay.joined(place, name)
  }

  static func joined(_ place: String, _ name: String) -> String { place == "/" ? "/" + name : "\(place)/\(name)" }
}

/// What tells which overlay boots.
package struct BootFacts: Equatable, Sendable {
  package var overlays: [BootOverlay]
  package var parameter: BootParameter?
  /// The path of the file that this box saves to, on its file system.
  package var current: BytePath
  /// Whether the device of the parameter is the media's; nil where that cannot be told.
  package var parameterIsMedia: Bool?
  /// What the parameter has to do with `LBUD_PUBLISH`.
  package var publication = Publication.none

  package enum Publication: Equatable, Sendable {
    /// Nothing.
    case none
    /// It is where the snapshots are sent: is the newest there?
    case address(isDone: Bool)
  }

  package init(
    overlays: [BootOverlay], parameter: BootParameter? = nil, current: BytePath, parameterIsMedia: Bool? = nil
  ) {
    self.overlays = overlays
    self.parameter = parameter
    self.current = current
    self.parameterIsMedia = parameterIsMedia
  }

  /// Whether what boots is what this box has saved; nil where that cannot be told.
  package var bootsOwn: Bool? {
    if let parameter {
      if case .address(let isDone) = publication { return isDone }
      guard case .file(_, let path, _) = parameter, path == current else { return false }
      return parameterIsMedia
    }
    guard overlays.count == 1, let only = overlays.first else { return overlays.isEmpty ? false : nil }
    return only.owner != .other && only.isOnMedia
  }
}

extension Check {
  /// Which overlay the boot loader takes: the first one that it finds on any device.
  package static func boot(_ facts: BootFacts) -> Check {
    if let parameter = facts.parameter { return boot(parameter, facts) }
    guard let first = facts.overlays.first else {
      return failed(
        .boot, "there is no overlay that the boot loader would take: the box would start as a new one",
        remedy: "lbuctl commit")
    }
    guard facts.overlays.count == 1 else { return rivals(facts.overlays) }
    switch first.owner {
    case .current where first.isOnMedia: return ok(.boot, "\(first.shown) boots: no other overlay was found")
    case .own where first.isOnMedia:
      return warning(
        .boot, "\(first.shown) boots, which is this box's under another name", remedy: "lbuctl commit renames it")
    case .current, .own, .other:
      return failed(
        .boot, "\(first.shown) boots, which is not what this box saves",
        remedy: first.isOnMedia ? "lbuctl commit -d, which removes it" : "lbuctl commit, and remove that one")
    }
  }

  private static func rivals(_ overlays: [BootOverlay]) -> Check {
    let names = overlays.map(\.shown).joined(separator: ", ")
    var remedies: [String] = []
    if overlays.contains(where: { $0.isOnMedia && $0.owner == .other }) {
      remedies.append("lbuctl commit -d removes those of other boxes from the media")
    } else if overlays.contains(where: { $0.isOnMedia && $0.owner == .own }) {
      remedies.append("lbuctl commit renames this box's own")
    }
    if overlays.contains(where: { !$0.isOnMedia }) { remedies.append("remove those on other disks, or pull the disks") }
    return failed(
      .boot, "\(overlays.count) overlays could boot, whichever the boot loader finds first: \(names)",
      remedy: remedies.isEmpty ? "remove all but one" : remedies.joined(separator: "; "))
  }

  private static func boot(_ parameter: BootParameter, _ facts: BootFacts) -> Check {
    let what = "the kernel's command line has apkovl=\(displayText(of: parameter.text))"
    switch facts.bootsOwn {
    case true?:
      let how = facts.publication == .none ? "saves" : "publishes"
      return ok(.boot, "\(what), which is what this box \(how)")
    case nil:
      return warning(
        .boot, "\(what), and whether that is on the media cannot be told",
        remedy: "see that it is; or remove apkovl= from the command line, and the boot loader looks by itself")
    case false? where facts.publication != .none:
      return failed(
        .boot, "\(what): that boots, and the newest snapshot is not there", remedy: "lbuctl status tells why")
    case false?:
      return failed(
        .boot, "\(what): that boots, and not what this box saves",
        remedy: "remove apkovl= from the command line, or have it name what lbuctl status shows as saved")
    }
  }
}
