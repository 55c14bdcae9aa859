#if Systemd
  import Glibc
  import LbudCore
  import LbudSystem
  import Logging
  import Synchronization

  /// Asks the login manager (systemd-logind or elogind) to wait with a shutdown while something is unsaved, and has it
  /// saved when one begins: by a delay lock, see org.freedesktop.login1(5). The bus is spoken to on a thread of its own:
  /// however it hangs, neither a commit nor lbud's end waits for it. Without a bus or a login manager lbud saves when it is
  /// told to stop, as ever.
  package final class ShutdownInhibitor: Sendable {
    private struct Wishes {
      var isUnsaved = false
      var isSaving = false
      var isEnding = false
      /// Whether something became unsaved since the thread has looked.
      var isNew = false
    }

    private let wishes = Mutex(Wishes())
    private let wakeup: Wakeup
    private let logger: Logger
    private let save: @Sendable () async -> Void

    /// - Parameter save: saves what is unsaved because a shutdown begins, if the settings say so; the lock is held until it
    ///   returns.
    /// - Throws: `FileError` where the kernel gives no descriptor or no thread.
    package init(logger: Logger, save: @escaping @Sendable () async -> Void) throws(FileError) {
      self.logger = logger
      self.save = save
      wakeup = try Wakeup()
      try OwnThread.start(named: "lbud-inhibitor") { [self] in
        var loop = InhibitorLoop(inhibitor: self)
        loop.run()
      }
    }

    package func follow(isUnsaved: Bool) {
      let isOther = wishes.withLock { wishes in
        guard wishes.isUnsaved != isUnsaved else { return false }
        wishes.isUnsaved = isUnsaved
        wishes.isNew = isUnsaved
        return true
      }
      if isOther { wakeup.raise() }
    }

    /// Lets the thread end, and with it the lock go; waits for nothing.
    package func end() {
      wishes.withLock { $0.isEnding = true }
      wakeup.raise()
    }

    private func beginSaving() {
      let isFirst = wishes.withLock { wishes in
        defer { wishes.isSaving = true }
        return !wishes.isSaving
      }
      guard isFirst else { return }
      Task {
        await save()
        wishes.withLock { $0.isSaving = false }
        wakeup.raise()
      }
    }

    /// What the thread has for itself.
    private struct InhibitorLoop {
      let inhibitor: ShutdownInhibitor
      var plan = InhibitorPlan()
      var bus: LoginBus?
      var lock: InhibitorLock?
      /// What was said last, so that it is said once.
      var said = ""

      mutating func run() {
        while takeWishes() {
          listen()
          let now = SystemClock.now()
          switch plan.next(at: now) {
          case .connect: attempt { loop throws(BusError) in try loop.connect() }
          case .take: attempt { loop throws(BusError) in try loop.take() }
          case .release: release()
          case .wait(let until):
            let deadline = [until, bus?.deadline(from: now)].compactMap(\.self).min()
            inhibitor.wakeup.wait(until: deadline, or: bus.map { [($0.descriptor, $0.events)] } ?? [])
          }
        }
      }

      /// - Returns: whether to go on.
      private mutating func takeWishes() -> Bool {
        let wishes = inhibitor.wishes.withLock { wishes in
          defer { wishes.isNew = false }
          return wishes
        }
        if wishes.isNew { plan.forgetFailures() }
        plan.isUnsaved = wishes.isUnsaved
        plan.isSaving = wishes.isSaving
        return !wishes.isEnding
      }

      /// Takes in what the bus has told.
      private mutating func listen() {
        do throws(BusError) {
          while let event = try bus?.next() {
            switch event {
            case .owner(let name): plan.ownerChanged(to: name)
            case .prepareForShutdown(let sender, let begins) where sender == plan.owner: shutdown(begins)
            // Anybody can send a signal of this name.
            case .prepareForShutdown, .other: break
            }
          }
        } catch {
          disconnect(error)
        }
      }

      private mutating func shutdown(_ begins: Bool) {
        plan.shutdown(begins: begins)
        guard begins else { return inhibitor.logger.notice("the shutdown is off") }
        inhibitor.logger.notice("a shutdown begins: saving what is unsaved before it")
        plan.isSaving = true
        inhibitor.beginSaving()
      }

      private mutating func attempt(_ body: (inout Self) throws(BusError) -> Void) {
        do throws(BusError) { try body(&self) } catch { disconnect(error) }
      }

      private mutating func connect() throws(BusError) {
        let bus = try LoginBus()
        plan.connected(owner: try bus.follow())
        self.bus = bus
        if plan.owner == nil { say("no login manager is on the bus: a shutdown begins without waiting for lbud") }
      }

      private mutating func take() throws(BusError) {
        do throws(BusError) {
          // The lock of before, if there is one, goes when this one is there.
          lock = try bus?.inhibit(why: "what has been changed is not on the boot media yet, and is saved first")
          plan.taken()
          inhibitor.logger.debug("a shutdown waits while something is unsaved")
          said = ""
        } catch {
          guard error.isAnswer else { throw error }
          plan.failed(at: SystemClock.now())
          say("the login manager does not let lbud delay a shutdown: \(error)")
        }
      }

      private mutating func release() {
        lock = nil
        plan.released()
        inhibitor.logger.debug("a shutdown need not wait any more")
      }

      /// A lock that is held stays: the login manager may well live on.
      private mutating func disconnect(_ error: BusError) {
        bus = nil
        plan.disconnected()
        plan.failed(at: SystemClock.now())
        say("the system bus does not answer, so that a shutdown begins without waiting for lbud: \(error)")
      }

      private mutating func say(_ line: String) {
        inhibitor.logger.log(level: line == said ? .debug : .info, "\(line)")
        said = line
      }
    }
  }
#else
  import LbudSystem
  import Logging

  /// Without libsystemd no bus is spoken to: lbud saves when it is told to stop.
  package final class ShutdownInhibitor: Sendable {
    package init(logger: Logger, save: @escaping @Sendable () async -> Void) throws(FileError) {}
    package func follow(isUnsaved: Bool) {}
    package func end() {}
  }
#endif
