/// Whether OpenRC starts lbud.
package struct ServiceFacts: Equatable, Sendable {
  /// The runlevels that lbud is in now; nil where there are none at all, so that OpenRC is not in use.
  package var runlevels: [[UInt8]]?
  /// Those that it is in in the snapshot; nil where that cannot be read.
  package var saved: [[UInt8]]?
  /// Whether /etc/init.d/lbud is there, and will be after a boot.
  package var hasScript: Bool
  package var scriptComesBack: Bool

  package init(runlevels: [[UInt8]]?, saved: [[UInt8]]?, hasScript: Bool, scriptComesBack: Bool) {
    self.runlevels = runlevels
    self.saved = saved
    self.hasScript = hasScript
    self.scriptComesBack = scriptComesBack
  }
}

extension Check {
  /// Whether lbud runs after a boot: the runlevels are part of the snapshot.
  package static func service(_ facts: ServiceFacts) -> Check {
    guard let runlevels = facts.runlevels else {
      return skipped(.service, "there is no /etc/runlevels: OpenRC is not in use here")
    }
    guard let first = runlevels.first else {
      return failed(
        .service, "lbud is in no runlevel: after a boot it does not run",
        remedy: "rc-update add lbud boot, then: lbuctl commit")
    }
    let level = displayText(of: first)
    guard facts.hasScript else {
      return failed(
        .service, "lbud is in the runlevel \(level), and there is no /etc/init.d/lbud: it is not started",
        remedy: "install it: openrc/lbud.initd of lbud")
    }
    guard let saved = facts.saved else {
      return skipped(.service, "lbud is in the runlevel \(level); whether the snapshot has that cannot be told")
    }
    guard let kept = saved.first else {
      return failed(
        .service, "lbud is in the runlevel \(level), and in the snapshot in none: after a boot it does not run",
        remedy: "lbuctl commit; if that is not enough: lbuctl include /etc/runlevels")
    }
    guard facts.scriptComesBack else {
      return failed(
        .service, "/etc/init.d/lbud is neither of a package nor in the snapshot: after a boot lbud is not started",
        remedy: "lbuctl include /etc/init.d/lbud, and the programs of lbud, then: lbuctl commit")
    }
    return ok(.service, "lbud is in the runlevel \(displayText(of: kept)), after a boot too")
  }
}
