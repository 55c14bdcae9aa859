extension CacheCoverage {
  /// How many names a warning tells.
  private static let nameLimit = 10

  /// What a person should know before the machine is rebooted; nil where everything will be there, where a network
  /// brings it, and where it cannot be told: a warning that stays for ever because the media is not mounted would not
  /// be read.
  package var warning: Problem? {
    guard !missing.isEmpty, isKnown, !isFetched else { return nil }
    let subject = "/" + World.path.display
    guard hasPlace else {
      return Problem(
        .warning, subject: subject,
        "\(placeless): without a network at the boot \(counted(covered.count + missing.count, of: "package")) will be missing",
        remedy: remedy)
    }
    let names = missing.prefix(Self.nameLimit).map(\.brief).joined(separator: ", ")
    let rest = missing.count - Self.nameLimit
    return Problem(
      .warning, subject: subject,
      "names \(counted(missing.count, of: "package")) that \(places), missing after a reboot"
        + (remoteCount > 0 ? " without a network: " : ": ") + names + (rest > 0 ? " and \(rest) more" : ""),
      remedy: remedy)
  }

  private var placeless: String {
    switch cache {
    case .none, .folder, .notMounted: "there is neither a package cache nor a boot repository"
    case .inMemory(let path):
      "the package cache \(displayText(of: path)) is only a directory in memory, and there is no boot repository"
    case .unusable(let path):
      "the package cache \(displayText(of: path)) cannot be used, and there is no boot repository"
    }
  }

  private var places: String {
    let hasRepository = repositories.contains { $0.state == .usable }
    guard case .folder = cache else { return "no boot repository holds" }
    return hasRepository ? "neither the package cache nor a boot repository holds" : "the package cache does not hold"
  }

  private var remedy: String {
    switch cache {
    case .folder: "apk update && apk cache download; see: lbuctl cache"
    case .none, .notMounted, .inMemory, .unusable:
      "setup-apkcache with a directory of the boot media, then: apk update && apk cache download; see: lbuctl cache"
    }
  }

  private func counted(_ number: Int, of what: String) -> String {
    number == 1 ? "1 \(what)" : "\(number) \(what)s"
  }
}

extension CacheCoverage.Missing {
  /// The name, and what is missing if that is another one.
  package var brief: String {
    if case .dependency(let dependency) = reason {
      return "\(wanted.display) (for want of \(dependency.display))"
    }
    return wanted.display
  }

  /// Why it will be missing.
  package var explanation: String {
    switch reason {
    case .nothing: "neither the package cache nor a boot repository has it"
    case .otherVersions(let versions):
      "only in another version: " + versions.prefix(4).map { displayText(of: $0) }.joined(separator: ", ")
    case .dependency(let dependency): "for want of \(dependency.display), which it needs"
    }
  }
}
