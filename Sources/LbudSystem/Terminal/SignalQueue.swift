import CLbud

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Signals that are read when there is time for them, signalfd(2), and interrupt nothing. For a program of one thread.
package final class SignalQueue {
  private let descriptor: Descriptor
  private var former = sigset_t()

  /// A signal that the program was started to ignore, by nohup(1), stays ignored.
  /// - Throws: `FileError` where the kernel gives no descriptor.
  package init(_ numbers: [Int32]) throws(FileError) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers where !Self.isIgnored(number) { sigaddset(&signals, number) }
    let raw = clbud_signalfd(&signals)
    guard raw >= 0 else { throw FileError("make a signalfd for", "the terminal") }
    descriptor = Descriptor(owning: raw)
    pthread_sigmask(SIG_BLOCK, &signals, &former)
  }

  deinit { pthread_sigmask(SIG_SETMASK, &former, nil) }

  /// For poll(2).
  package var rawDescriptor: Int32 { descriptor.raw }

  /// One that has come; nil where none has.
  package func next() -> Int32? {
    let number = clbud_next_signal(descriptor.raw)
    return number == 0 ? nil : number
  }

  /// Does to the program what the signal does to one that knows nothing of it: ends it, or stops it until it is continued.
  package func yield(to number: Int32) {
    var one = sigset_t()
    sigemptyset(&one)
    sigaddset(&one, number)
    raise(number)
    pthread_sigmask(SIG_UNBLOCK, &one, nil)
    pthread_sigmask(SIG_BLOCK, &one, nil)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    // SIG_IGN is a macro of a cast, which Swift does not have: 1, of signal.h.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
