/// How lbud is started now and at each boot.
package struct ServiceSetup: Equatable, Sendable {
  package enum Manager: Equatable, Sendable {
    case openRC
    case systemd
  }

  /// Nil where neither is in use.
  package var manager: Manager?
  /// Whether its script or unit is installed.
  package var isInstalled: Bool
  /// Whether it is the running system that is set up, and not a root of another one.
  package var isSystem: Bool
  /// Whether a server is all there is to save to.
  package var needsNetwork: Bool

  package init(manager: Manager?, isInstalled: Bool, isSystem: Bool, needsNetwork: Bool = false) {
    self.manager = manager
    self.isInstalled = isInstalled
    self.isSystem = isSystem
    self.needsNetwork = needsNetwork
  }

  /// What is run, in this order.
  package var commands: [[String]] {
    switch manager {
    // In boot it is stopped after what others write while they stop; but the network is up only later, and down before.
    case .openRC:
      [["rc-update", "add", "lbud", needsNetwork ? "default" : "boot"], ["rc-service", "lbud", "start"]]
    case .systemd: [["systemctl", "enable", "lbud.service"], ["systemctl", "start", "lbud.service"]]
    case nil: []
    }
  }

  /// What a person has to do besides.
  package var note: String? {
    guard needsNetwork else { return nil }
    switch manager {
    case .openRC: return "lbud must run while the network is there: rc_need=net in /etc/conf.d/lbud"
    case .systemd: return "lbud must run while the network is there: systemctl edit lbud, After=network-online.target"
    case nil: return nil
    }
  }

  /// Why nothing can be done about it, and what a person can do.
  package var obstacle: SetupRefusal? {
    guard isSystem else {
      return SetupRefusal(
        "the service of another root than / is not touched", hint: "in the system of that root: lbuctl setup")
    }
    guard manager != nil else {
      return SetupRefusal(
        "neither OpenRC nor systemd runs here, and who else starts services is not known",
        hint: "have lbud started at each boot, before other services")
    }
    guard isInstalled else {
      let what = manager == .openRC ? "/etc/init.d/lbud" : "lbud.service"
      return SetupRefusal("there is no \(what)", hint: "contrib/install puts it there")
    }
    return nil
  }
}
