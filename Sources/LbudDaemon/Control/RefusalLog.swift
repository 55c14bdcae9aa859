import LbudCore
import LbudSystem
import Logging
import NIOCore
import Synchronization

/// Tells the log of clients that were refused, but not of ten thousand.
final class RefusalLog: Sendable {
  private let logger: Logger
  private let ration: Mutex<LineRation>

  init(_ logger: Logger, ration: LineRation = LineRation(most: 10, in: 60)) {
    self.logger = logger
    self.ration = Mutex(ration)
  }

  /// - Parameter loop: what tells of the lines that are left out, when their time has come.
  func say(_ line: @autoclosure () -> String, on loop: any EventLoop) {
    let now = SystemClock.now()
    switch ration.withLock({ $0.take(at: now) }) {
    case .write: logger.warning("\(line())")
    case .omit(nil): break
    case .omit(let time?):
      let wait = TimeAmount.nanoseconds(max(0, time.nanoseconds - now.nanoseconds))
      loop.scheduleTask(in: wait) { [self] in
        let count = ration.withLock { $0.takeOmitted() }
        logger.warning("closed \(count) connections more that exceeded a limit")
      }
    }
  }
}
