import Glibc
import Logging

/// Does what signals ask for: SIGHUP to read the settings again, SIGUSR1 to commit. Those that end lbud are not its
/// business.
struct SignalWatch {
  let daemon: Daemon
  let logger: Logger

  /// Runs until its task is cancelled.
  func run() async {
    for await signal in ProcessSignals.shared.requests() {
      if signal == SIGUSR1 { await daemon.signalled() } else { await reload() }
    }
  }

  private func reload() async {
    logger.info("asked to read the settings again by SIGHUP")
    do { _ = try await daemon.reloadAll() } catch {
      logger.error("the settings cannot be read again: \(error)")
    }
  }
}
