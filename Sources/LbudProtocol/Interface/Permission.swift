/// Who calls, as far as it decides what may be called.
package enum CallerKind: Sendable, CaseIterable {
  /// uid 0, or the user that lbud runs as.
  case administrator
  /// In the group that `LBUD_GROUP` names.
  case member
  case stranger
}

/// Whether a method may be called, and why not.
package enum Permission: Sendable, Equatable {
  case granted
  /// It changes something, or shows what files hold.
  case onlyAdministrator
  /// With settings of the caller's own, lbud would look at any place for it, or take a password.
  case onlyAsSettingsHaveIt
  /// To who may ask, it would be granted.
  case onlyMember

  /// What a method is called for.
  package enum Purpose: Sendable {
    /// It changes nothing, and shows no file's contents: names, times, reasons and messages alone.
    case asking
    case acting
  }

  /// What a method of any interface is called for; what nobody knows is refused to all but the administrator.
  package static func purpose(of method: String) -> Purpose {
    if let method = ControlMethod(rawValue: method) { return method.purpose }
    return ServiceInterface.methods.contains(method) ? .asking : .acting
  }

  /// - Parameter otherwise: whether the call brings settings of its own.
  package init(_ caller: CallerKind, calling method: String, otherwise: Bool) {
    self =
      switch (caller, Self.purpose(of: method)) {
      case (.administrator, _): .granted
      case (_, .acting): .onlyAdministrator
      case (.stranger, .asking): .onlyMember
      case (.member, .asking): otherwise ? .onlyAsSettingsHaveIt : .granted
      }
  }
}

extension ControlMethod {
  package var purpose: Permission.Purpose {
    switch self {
    case .status, .list, .changes, .rules, .snapshots, .log, .cache, .monitor: .asking
    // With dryRun too: it looks at the media, and waits for apk.
    case .commit: .acting
    // They show what files hold.
    case .diff, .show, .package: .acting
    // It mounts devices.
    case .doctor: .acting
    // It reads all that the media holds, for as long as that takes.
    case .verify: .acting
    case .restore, .revert, .confirm, .include, .exclude, .hold, .release, .reload: .acting
    }
  }
}
