import Glibc
import LbudCore
import LbudSupervision
import LbudSystem
import LbudTestSupport
import Logging
import Testing

/// Both implementations, on real sockets. One after the other: the environment is the process's.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ServiceManagerTests {
  static var implementations: [any ServiceManagerCalls.Type] {
    #if Systemd
      [LibsystemdCalls.self, PlainCalls.self]
    #else
      [PlainCalls.self]
    #endif
  }

  private static let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS"]

  private func withEnvironment<T>(_ values: [String: String], _ body: () async throws -> T) async rethrows -> T {
    for name in Self.names { unsetenv(name) }
    for (name, value) in values { setenv(name, value, 1) }
    defer { for name in Self.names { unsetenv(name) } }
    return try await body()
  }

  private let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  // MARK: Telling

  @Test(arguments: implementations.indices) func sendsDatagrams(to index: Int) async throws {
    let calls = Self.implementations[index]
    let directory = TemporaryDirectory()
    for name in [directory.path + "/notify", "@lbud-test-\(getpid())-\(index)"] {
      let receiver = DatagramReceiver(name)
      await withEnvironment(["NOTIFY_SOCKET": name]) {
        #expect(calls.notify(.ready) > 0)
        #expect(calls.notify(.reloading(at: 5)) > 0)
        #expect(calls.notify(.status("ü")) > 0)
      }
      #expect(receiver.next() == "READY=1")
      #expect(receiver.next() == "RELOADING=1\nMONOTONIC_USEC=5")
      #expect(receiver.next() == "STATUS=ü")
      #expect(receiver.isEmpty)
    }
  }

  @Test(arguments: implementations.indices) func saysWhyItCannot(to index: Int) async throws {
    let calls = Self.implementations[index]
    let directory = TemporaryDirectory()
    await withEnvironment([:]) { #expect(calls.notify(.ready) == 0) }
    let long = "/" + String(repeating: "n", count: 200)
    for (name, code) in [
      (directory.path + "/none", ENOENT), ("@lbud-nobody", ECONNREFUSED), ("relative", EAFNOSUPPORT), (long, E2BIG),
    ] {
      await withEnvironment(["NOTIFY_SOCKET": name]) {
        let result = calls.notify(.ready)
        // They differ in what they say of a name that is none.
        #expect(result == -code || (code != ENOENT && code != ECONNREFUSED && result < 0), "\(name): \(result)")
      }
    }
  }

  @Test(arguments: implementations.indices) func readsTheWatchdogsInterval(to index: Int) async throws {
    let calls = Self.implementations[index]
    let own = "\(getpid())"
    let cases: [([String: String], UInt64?)] = [
      ([:], nil), (["WATCHDOG_USEC": "3000000"], 3_000_000),
      (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": own], 3_000_000),
      (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"], nil), (["WATCHDOG_USEC": "0"], nil),
      (["WATCHDOG_USEC": "soon"], nil), (["WATCHDOG_USEC": "-1"], nil), (["WATCHDOG_USEC": ""], nil),
      (["WATCHDOG_USEC": "18446744073709551615"], nil), (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "x"], nil),
    ]
    for (environment, expected) in cases {
      await withEnvironment(environment) { #expect(calls.watchdogInterval() == expected, "\(environment)") }
    }
  }

  @Test(arguments: implementations.indices) func countsPassedDescriptors(to index: Int) async throws {
    let calls = Self.implementations[index]
    let own = "\(getpid())"
    let cases: [([String: String], (Int32) -> Bool)] = [
      ([:], { $0 == 0 }), (["LISTEN_FDS": "1"], { $0 == 0 }), (["LISTEN_PID": "1", "LISTEN_FDS": "1"], { $0 == 0 }),
      (["LISTEN_PID": own], { $0 == 0 }), (["LISTEN_PID": "x", "LISTEN_FDS": "1"], { $0 < 0 }),
      (["LISTEN_PID": own, "LISTEN_FDS": "x"], { $0 < 0 }), (["LISTEN_PID": own, "LISTEN_FDS": "-1"], { $0 < 0 }),
      (["LISTEN_PID": own, "LISTEN_FDS": "99999999999"], { $0 < 0 }),
    ]
    for (environment, isExpected) in cases {
      await withEnvironment(environment) {
        let result = calls.passedDescriptors()
        #expect(isExpected(result), "\(environment): \(result)")
      }
    }
  }

  // MARK: The notifier

  @Test func sendsAStatusOnceAndTheNewestOnly() async throws {
    let directory = TemporaryDirectory()
    let receiver = DatagramReceiver(directory.path + "/notify")
    await withEnvironment(["NOTIFY_SOCKET": directory.path + "/notify"]) {
      let notifier = Notifier(logger: quiet) {}
      notifier.status("one")
      #expect(receiver.next() == "STATUS=one")
      notifier.status("one")
      notifier.ready()
      #expect(receiver.next() == "READY=1")
      notifier.status("two")
      #expect(receiver.next() == "STATUS=two")
      notifier.reloading()
      #expect(receiver.next()?.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") == true)
      notifier.stopping()
      #expect(receiver.next() == "STOPPING=1")
      #expect(receiver.next() == "EXTEND_TIMEOUT_USEC=30000000")
      notifier.status("the end")
      notifier.end()
      #expect(receiver.next() == "STATUS=the end")
      #expect(receiver.isEmpty)
    }
  }

  @Test func givesSignsOfLifeOnlyWhileTheDaemonAnswers() async throws {
    let directory = TemporaryDirectory()
    let receiver = DatagramReceiver(directory.path + "/notify")
    await withEnvironment(["NOTIFY_SOCKET": directory.path + "/notify", "WATCHDOG_USEC": "20000"]) {
      let daemon = HangingDaemon()
      let notifier = Notifier(logger: quiet) { await daemon.answer() }
      for _ in 0..<3 { #expect(receiver.next() == "WATCHDOG=1") }
      await daemon.hang()
      while !receiver.isEmpty {}
      // While many intervals pass, nothing comes but what is told, and no second question is asked.
      let end = SystemClock.now().nanoseconds + 200_000_000
      var turns = 0
      while SystemClock.now().nanoseconds < end {
        turns += 1
        notifier.status("turn \(turns)")
        #expect(receiver.next() == "STATUS=turn \(turns)")
      }
      #expect(await daemon.questions == 1)
      await daemon.wakeUp()
      for _ in 0..<3 { #expect(receiver.next() == "WATCHDOG=1") }
      notifier.end()
    }
  }

  private actor HangingDaemon {
    private(set) var questions = 0
    private var isHanging = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var asked: CheckedContinuation<Void, Never>?

    func answer() async {
      guard isHanging else { return }
      questions += 1
      asked?.resume()
      asked = nil
      await withCheckedContinuation { waiting.append($0) }
    }

    /// Returns when it has been asked and hangs.
    func hang() async {
      isHanging = true
      await withCheckedContinuation { asked = $0 }
    }

    func wakeUp() {
      isHanging = false
      for waiter in waiting { waiter.resume() }
      waiting = []
    }
  }
}
