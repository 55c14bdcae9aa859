/// A device that snapshots could go to, or why they could not.
package struct MediaCandidate: Equatable, Sendable {
  /// A node of /dev, or what was mounted where it is no device.
  package var device: [UInt8]
  /// In bytes; nil where it is not known.
  package var size: UInt64?
  package var type: String?
  package var label: [UInt8]?
  package var uuid: [UInt8]?
  /// Where it is mounted now.
  package var mounted: [UInt8]?
  /// Where in fstab it is to be mounted.
  package var inTable: [UInt8]?
  /// False for one that only fstab has.
  package var isPresent: Bool

  package init(
    device: [UInt8], size: UInt64?, type: String?, label: [UInt8]? = nil, uuid: [UInt8]? = nil,
    mounted: [UInt8]? = nil, inTable: [UInt8]? = nil, isPresent: Bool = true
  ) {
    self.device = device
    self.size = size
    self.type = type
    self.label = label
    self.uuid = uuid
    self.mounted = mounted
    self.inTable = inTable
    self.isPresent = isPresent
  }

  package var readability: BootReadability {
    isPresent ? BootReadability(type: type) : .impossible(why: "there is no such device now")
  }

  /// What `setup media` is to be given for it; nil where it has no name to be found by.
  package var argument: [UInt8]? {
    if let name = Self.name(inMedia: mounted) ?? Self.name(inMedia: inTable) { return name }
    if let label { return Array("LABEL=".utf8) + label }
    return uuid.map { Array("UUID=".utf8) + $0 }
  }

  /// NAME of `/media/NAME`.
  package static func name(inMedia point: [UInt8]?) -> [UInt8]? {
    guard let point, point.first == BytePath.separator else { return nil }
    let path = BytePath(normalizing: point)
    return path.parent == BytePath("media") ? path.name : nil
  }

  /// The one that is best asked for: one labelled APKOVL, as setup-lbu looks for first, then one that is mounted in /media,
  /// then one that fstab has there.
  package static func suggestion(of candidates: [MediaCandidate]) -> MediaCandidate? {
    let usable = candidates.filter { $0.readability == .usable && $0.argument != nil }
    return usable.first { $0.label == Array("APKOVL".utf8) } ?? usable.first { name(inMedia: $0.mounted) != nil }
      ?? usable.first { name(inMedia: $0.inTable) != nil }
  }
}
