import CLbud
import Glibc
import Synchronization

/// The signals by which lbud is asked for something. The program's first thread waits for them, and nothing else: no handler
/// interrupts anything, and nobody polls.
final class ProcessSignals: Sendable {
  static let shared = ProcessSignals()

  /// Those that end lbud in order, and those that ask it to read the settings again and to commit.
  private static let ending = [SIGTERM, SIGINT]
  private static let asking = [SIGHUP, SIGUSR1]

  private struct Followers {
    var ending: AsyncStream<Int32>.Continuation?
    var asking: AsyncStream<Int32>.Continuation?
  }

  private let followers = Mutex(Followers())

  /// Keeps them from all threads. To be called by the first, before there is another one, since each begins with what its
  /// maker blocks; programs that lbud starts begin with nothing blocked, and with no handler (swift-subprocess).
  ///
  /// swift-subprocess has a thread that unblocks all signals while it waits for programs (epoll_pwait(2)), so that one of
  /// lbud's can come to it, which would end lbud without its last commit: whoever gets one hands it on to the first thread.
  static func block() {
    var signals = set()
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    for number in ending + asking { clbud_hand_on_signal(number) }
  }

  /// Waits for them until the program ends.
  func wait() -> Never {
    var signals = Self.set()
    while true {
      var number: Int32 = 0
      guard sigwait(&signals, &number) == 0 else { continue }
      hand(on: number)
    }
  }

  /// The signals that end lbud, from now on: before, they end it at once.
  func ends() -> AsyncStream<Int32> {
    let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
    followers.withLock { $0.ending = continuation }
    return stream
  }

  /// The others: before, they are passed over. Somebody who sends thousands is answered as to a few.
  func requests() -> AsyncStream<Int32> {
    let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(4))
    followers.withLock { $0.asking = continuation }
    return stream
  }

  private func hand(on number: Int32) {
    let followers = self.followers.withLock { $0 }
    if Self.asking.contains(number) {
      followers.asking?.yield(number)
    } else if let ending = followers.ending {
      ending.yield(number)
    } else {
      Self.end(by: number)
    }
  }

  /// As if nobody had blocked it.
  private static func end(by number: Int32) {
    signal(number, SIG_DFL)
    var one = sigset_t()
    sigemptyset(&one)
    sigaddset(&one, number)
    raise(number)
    pthread_sigmask(SIG_UNBLOCK, &one, nil)
  }

  private static func set() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in ending + asking { sigaddset(&signals, number) }
    return signals
  }
}
