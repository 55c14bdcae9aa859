/// What snapshots are saved to, as the next boot sees it.
package struct MediaFacts: Equatable, Sendable {
  /// What it is of its file system. The boot loader looks at nothing but the top.
  package enum Position: Equatable, Sendable {
    case top
    /// A directory in it, or a bind mount of one.
    case below
    /// It is in another root, and is no mount point there: what it is at a boot, nobody knows.
    case unknown
  }

  /// As a person names it.
  package var path: String
  /// Of the file system, as mount(8) calls it; nil where it cannot be told.
  package var type: String?
  /// A node of /dev, or what was mounted where it is no device.
  package var device: [UInt8]?
  package var position: Position
  /// Whether what is written there is gone after a reboot.
  package var isInMemory: Bool

  package init(path: String, type: String?, device: [UInt8]?, position: Position, isInMemory: Bool = false) {
    self.path = path
    self.type = type
    self.device = device
    self.position = position
    self.isInMemory = isInMemory
  }
}

extension Check {
  private static let remedyForMedia = "save to another disk: lbuctl setup media lists those that can be used"

  /// Whether the media lasts, and the boot loader can read it.
  package static func media(_ facts: MediaFacts) -> Check {
    let path = facts.path
    if facts.isInMemory || BootReadability.isMemory(facts.type) {
      return failed(.media, "\(path) is only memory, and gone after a reboot", remedy: remedyForMedia)
    }
    switch facts.position {
    case .unknown:
      return skipped(.media, "\(path) is a directory of another root than /: what is under it at a boot is not known")
    case .below:
      return failed(
        .media, "\(path) is not the top directory of its file system, and the boot loader looks nowhere else",
        remedy: remedyForMedia)
    case .top: break
    }
    if let why = BootReadability(type: facts.type).why {
      return failed(.media, "\(path) is of no use at a boot: \(why)", remedy: remedyForMedia)
    }
    let device = facts.device.map { " on \(displayText(of: $0))" } ?? ""
    return ok(.media, "\(path) is \(facts.type ?? "")\(device), which the boot loader reads")
  }

  /// Whether what a server alone keeps is what boots.
  package static func server(_ url: String, _ boot: BootFacts) -> Check {
    guard boot.publication != .none else {
      return failed(
        .media, "what is saved is at \(url) alone, and no apkovl= on the kernel's command line has it boot from there",
        remedy: "have the boot loader pass it, with {MAC} and {UUID} as LBUD_PUBLISH has them")
    }
    return ok(.media, "what is saved is at \(url), from where the boot loader takes it")
  }

  /// Whether somebody has unmounted the media before it was mounted this time.
  /// - Parameter problem: what there is to say, nil where nothing is.
  package static func clean(_ path: String, _ problem: Problem?) -> Check {
    guard let problem else { return ok(.clean, "nothing says that the file system of \(path) needs a check") }
    return warning(.clean, problem.line, remedy: problem.remedy)
  }
}

extension BootReadability {
  static func isMemory(_ type: String?) -> Bool { type == "tmpfs" || type == "ramfs" }
}
