extension Policy {
  /// What will happen next, when and why, for a person.
  package static func sentence(_ decision: Decision, settings: Settings, now: Instant) -> String {
    switch decision {
    case .commit: return "a commit begins now"
    case .wait(let until, let waiting):
      // Who shuts down before it comes loses what waits.
      let unless = settings.onShutdown ? "" : "; at shutdown nothing is saved (LBUD_ON_SHUTDOWN=no)"
      let when = until.map { "commit in \(duration($0.seconds(since: now)))" } ?? ""
      switch waiting {
      case .nothingChanged: return "nothing to do: all that was changed is saved"
      case .committing: return "a commit is being made"
      case .onRequestOnly:
        let shutdown = settings.onShutdown ? "the shutdown, or before " : ""
        return "no commit before \(shutdown)somebody asks for one (LBUD_AUTO=no): lbuctl commit"
      case .held(let hold):
        let how = until.map { "for \(duration($0.seconds(since: now)))" } ?? "before: lbuctl release"
        return "no commit \(how), at shutdown neither: \(hold.words)"
      case .mediaMissing: return "commit as soon as the media is there"
      case .obstacle(let text): return "no commit: \(text)"
      case .transaction(let holder): return "commit when \(apk(holder)) has ended its transaction"
      case .quiet: return "\(when), if nothing more changes (LBUD_IDLE=\(settings.idle.count))\(unless)"
      case .longestDelay:
        return "\(when), however much changes until then (LBUD_MAX_DELAY=\(settings.longestDelay.count))\(unless)"
      case .shortestInterval:
        return "\(when), no sooner after the one before (LBUD_MIN_INTERVAL=\(settings.shortestInterval.count))\(unless)"
      case .retry(let failures): return "\(when), again after \(reason(failures))\(unless)"
      }
    }
  }

  /// How things stand, for a service manager's one line: the same as long as nothing happens.
  package static func standing(changes: Int, _ decision: Decision, settings: Settings) -> String {
    let unsaved = "\(count(changes)) unsaved"
    switch decision {
    case .commit: return "\(unsaved): a commit begins now"
    case .wait(_, let waiting):
      switch waiting {
      case .nothingChanged: return "all that was changed is saved"
      case .committing: return "a commit is being made"
      case .onRequestOnly: return "\(unsaved): no commit before somebody asks for one (LBUD_AUTO=no)"
      case .held(let hold): return "\(unsaved), and no commit: \(hold.words)"
      case .mediaMissing: return "\(unsaved): the media is missing"
      case .obstacle(let text): return "\(unsaved), and no commit: \(text)"
      case .transaction(let holder): return "\(unsaved): commit when \(apk(holder)) has ended its transaction"
      case .quiet: return "\(unsaved): commit when nothing changes for \(settings.idle.count) s"
      case .longestDelay: return "\(unsaved): commit \(settings.longestDelay.count) s after the first of them"
      case .shortestInterval: return "\(unsaved): commit \(settings.shortestInterval.count) s after the one before"
      case .retry(let failures): return "\(unsaved): commit again soon, after \(reason(failures))"
      }
    }
  }

  /// So many changes.
  package static func count(_ changes: Int) -> String { changes == 1 ? "1 change" : "\(changes) changes" }

  private static func reason(_ failures: Int) -> String {
    switch failures {
    case 0: "a transaction of apk that came between"
    case 1: "a failure"
    default: "\(failures) failures"
    }
  }

  /// The holder of apk's lock, for a person.
  package static func apk(_ holder: LockTable.Holder) -> String {
    holder.pid.map { "apk (pid \($0))" } ?? "apk"
  }

  /// Whole seconds, rounded up, in the largest units that say it.
  package static func duration(_ seconds: Double) -> String {
    let whole = Int64(max(0, seconds.rounded(.up)))
    switch whole {
    case ..<120: return "\(whole) s"
    case ..<7200: return "\(whole / 60) min" + (whole % 60 == 0 ? "" : " \(whole % 60) s")
    default: return "\(whole / 3600) h" + (whole % 3600 / 60 == 0 ? "" : " \(whole % 3600 / 60) min")
    }
  }
}
