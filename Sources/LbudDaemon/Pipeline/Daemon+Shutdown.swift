import Glibc
import LbudCore
import LbudSystem
import Logging

extension Daemon {
  private static let farewellFile = "farewell"

  /// Saves what is unsaved, if the settings say so, leaves word of it, and ends.
  package func shutDown() async {
    interruptVerification()
    // Whether it is to be saved may have been changed just now.
    if configuration.mayHaveChanged(), settingsRetry == nil { await reload() }
    var farewell = Farewell(ending: .nothing)
    if pipeline.hold == nil, pipeline.settings.onShutdown {
      farewell.ending = await saveTheLast()
    } else {
      await runningCommit()
      // Taken in, so that what is lost is counted.
      try? turn()
    }
    await goingBack?.value
    await uploadTheLast()
    if let lost = onlyInMemory {
      farewell.ending = .failed(pipeline.journal.changes.count, lost.description, hint: lost.hint)
    }
    if case .nothing = farewell.ending, pipeline.isUnsaved, pipeline.hold != nil || !pipeline.settings.onShutdown {
      farewell.ending = .unsaved(pipeline.journal.changes.count, why: silenceAtShutdown)
    }
    isStopping = true
    await followPackages(patience: 2)
    monitors.tell(.ending)
    farewell.problems = pipeline.problems + packageProblems + uploadProblems
    leave(farewell)
    // The program ends next, and no shell of its is to be left then.
    await reloading?.value
    // A look that is under way still puts back what it has mounted.
    for _ in 0..<500 where looking != nil { try? await Task.sleep(for: .milliseconds(20)) }
  }

  /// A shutdown begins, and waits until this returns: saves what is unsaved, if the settings say so. lbud goes on, since
  /// what is written from now on is saved when lbud is told to stop; and the shutdown may be called off.
  package func prepareForShutdown() async {
    interruptVerification()
    if configuration.mayHaveChanged(), settingsRetry == nil { await reload() }
    guard pipeline.hold == nil, pipeline.settings.onShutdown, !isStopping else { return }
    _ = await saveTheLast()
    // The network may be gone when lbud is told to stop.
    do { try await sendCommitted() } catch { logger.warning("\(error); \(error.hint)") }
  }

  private var silenceAtShutdown: String {
    if let hold = pipeline.hold { return hold.words }
    return pipeline.settings.automatic ? "LBUD_ON_SHUTDOWN=no" : "LBUD_AUTO=no"
  }

  /// What other services write while they stop is saved too, though it comes while a commit is being made.
  private func saveTheLast() async -> Farewell.Ending {
    var saved: (changes: Int, path: String)?
    for _ in 0..<3 {
      do {
        let outcome = try await commit(Request(reason: .shutdown, uid: geteuid()))
        guard let committed = outcome.committed else { break }
        saved = (outcome.changes.count + (saved?.changes ?? 0), "\(outcome.media)/\(committed.name)")
      } catch {
        // There is nobody left to try again.
        return .failed(pipeline.journal.changes.count, error.description, hint: error.hint)
      }
    }
    return saved.map { .saved($0.changes, $0.path) } ?? .nothing
  }

  /// For whoever has stopped the daemon: a service script shows it on the console.
  private func leave(_ farewell: Farewell) {
    let lines = farewell.lines
    // Of all else there is a line already.
    if case .unsaved = farewell.ending, let line = lines.first { logger.warning("\(line.text)") }
    do {
      try runFolder.write(
        Array(lines.map { "\($0.level.rawValue): \($0.text)\n" }.joined().utf8), to: Self.farewellFile)
    } catch {
      logger.warning("what was saved cannot be left for the console: \(error)")
    }
  }

  /// The word of a daemon before this one is no longer true.
  func forgetFarewell() { runFolder.remove(Self.farewellFile) }
}
