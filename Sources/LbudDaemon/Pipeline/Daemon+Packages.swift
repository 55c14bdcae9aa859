import LbudCore
import LbudSystem
import Logging

/// Which packages the next boot installs.
extension Daemon {
  /// What there is to warn of; as it was when it was last read.
  package var cacheWarning: Problem? { packages.coverage?.warning }

  var packageProblems: [Problem] { cacheWarning.map { [$0] } ?? [] }

  /// Reads again what has changed, once however many ask: on a thread of its own, since indexes are long and a medium may
  /// hang.
  /// - Parameter patience: how many seconds the reading is waited for; it goes on by itself.
  /// - Returns: whether it has ended.
  @discardableResult
  func followPackages(patience: Int) async -> Bool {
    if readingPackages == nil {
      guard pipeline.mediaMayBeRead, looking == nil, !isCommitting, packages.mayHaveChanged() else { return true }
      readingPackages = Task { await readPackages() }
    }
    return await packagesAreRead(patience: patience)
  }

  /// What is mounted for a moment is unmounted again, and must not be in use by lbud itself then: so a reading is waited
  /// for, though not for ever.
  /// - Parameter patience: seconds.
  @discardableResult
  func packagesAreRead(patience: Int) async -> Bool {
    var waited = 0
    var pause = 1
    while readingPackages != nil {
      guard waited < patience * 1000 else { return false }
      try? await Task.sleep(for: .milliseconds(pause))
      waited += pause
      pause = min(2 * pause, 20)
    }
    return true
  }

  private func readPackages() async {
    defer { readingPackages = nil }
    let former = packages
    do {
      packages = try await OwnThread.run(named: "lbud-packages") {
        var packages = former
        packages.read()
        return packages
      }
    } catch {
      return logger.error("which packages the next boot installs cannot be told: \(error)")
    }
    guard let warning = cacheWarning else {
      if former.coverage?.warning != nil { logger.notice("the next boot installs all packages of /\(World.path)") }
      return
    }
    if warning != former.coverage?.warning { logger.tell(warning) }
  }

  /// Nil where there is no world: apk is not in use.
  /// - Throws: `StoreError` where the media do not answer.
  package func coverage() async throws(StoreError) -> CacheCoverage? {
    do { try await settle(patience: 2) } catch {
      throw StoreError("the root directory cannot be looked at: \(error)", hint: "see the log of lbud")
    }
    guard pipeline.mediaMayBeRead else {
      throw StoreError(
        "what the next boot installs cannot be told: \(pipeline.mediaPath) is not read before it is in order",
        hint: "lbuctl status tells what is wrong; a commit has it checked: lbuctl commit")
    }
    guard await followPackages(patience: 30) else {
      throw StoreError(
        "the package cache or a boot repository does not answer", hint: "is the media still there? see: lbuctl status")
    }
    return packages.coverage
  }
}
