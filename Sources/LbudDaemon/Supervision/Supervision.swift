import LbudSupervision
import Logging

/// Those who are told how lbud is doing, if they are there: a service manager, and the login manager.
struct Supervision: Sendable {
  private let daemon: Daemon
  private let notifier: Notifier
  private let inhibitor: ShutdownInhibitor?

  init(daemon: Daemon, logger: Logger) {
    self.daemon = daemon
    notifier = Notifier(logger: logger) { await daemon.answer() }
    do {
      inhibitor = try ShutdownInhibitor(logger: logger) { await daemon.prepareForShutdown() }
    } catch {
      logger.warning("a shutdown begins without waiting for lbud: \(error)")
      inhibitor = nil
    }
  }

  /// Once the daemon has looked at everything.
  func begin() async {
    let (notifier, inhibitor) = (self.notifier, self.inhibitor)
    await daemon.follow { standing in
      notifier.status(standing.line)
      inhibitor?.follow(isUnsaved: standing.isUnsaved)
    }
    await daemon.followReloads { isReloading in
      if isReloading { notifier.reloading() } else { notifier.ready() }
    }
  }

  func ready() { notifier.ready() }

  /// A last commit comes, and then the end.
  func stopping() { notifier.stopping() }

  func end() {
    inhibitor?.end()
    notifier.end()
  }
}
