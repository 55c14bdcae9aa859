import LbudCore
import LbudSystem
import Logging

/// The programs of `pre-package.d` and `post-package.d`.
extension Daemon {
  /// - Returns: whether there are any.
  /// - Throws: `StoreError` where one fails: then nothing is to be saved.
  func runHooks(_ stage: Hooks.Stage, _ request: Request) async throws -> Bool {
    let hooks = Hooks(root: root, timeout: pipeline.settings.hookTimeout)
    guard hooks.exist(stage) else { return false }
    progress(of: request)(CommitProgress(.hooks))
    let (logger, output) = (self.logger, request.output)
    try await OwnThread.run(named: "lbud-hooks") {
      try hooks.run(stage) { said in
        output(said)
        let text = displayText(of: said.last == UInt8(ascii: "\n") ? said.dropLast() : said[...])
        logger.info("a program of \(stage.folder) says: \(text)")
      }
    }
    return true
  }

  /// The snapshot is safe: what goes wrong here is worth a note.
  func runLastHooks(_ request: Request, _ committed: inout CommittedSnapshot) async {
    if let note = await noteOfLastHooks(request) { committed.notes.append(note) }
  }

  func noteOfLastHooks(_ request: Request) async -> String? {
    do {
      _ = try await runHooks(.after, request)
      return nil
    } catch let error as StoreError {
      return "\(error); \(error.hint)"
    } catch {
      return "\(error)"
    }
  }
}
