import Glibc
import LbudArchive
import LbudCore
import LbudSystem

extension Daemon {
  /// An archive that is on no media.
  package struct Packed: Sendable {
    package var archive: PackedArchive
    /// What it is called on the media.
    package var name: String
    package var notes: [String]
  }

  /// Packs what a snapshot made now would hold.
  /// - Parameter isPlain: whether it is not encrypted, whatever the settings say.
  /// - Throws: `StoreError`.
  package func package(
    _ call: CallSettings, uid: UInt32, isPlain: Bool, output: @escaping @Sendable ([UInt8]) -> Void
  ) async throws -> Packed {
    var settings = try await settings(for: call)
    if isPlain { settings.encryption = nil }
    var request = Request(reason: .request, uid: uid)
    request.output = output
    if let cipher = settings.encryption, settings.password == nil { throw StoreError.passwordMissing(cipher) }
    await runningCommit()
    _ = try await runHooks(.before, request)
    try pipeline.lookAtEverything(at: SystemClock.now())
    try await settle(patience: 2)
    if let problem = pipeline.selectionProblems.first(where: { $0.severity == .blocking }) {
      throw StoreError("nothing is packed, since \(problem.line)", hint: problem.remedy)
    }
    let (entries, facts, root) = (pipeline.entries, facts(request, changedCount: 0), self.root)
    let archive = try await OwnThread.run(named: "lbud-package") { [settings] in
      try PackedArchive.make(entries, facts: facts, root: root, settings: settings)
    }
    let note = await noteOfLastHooks(request)
    return Packed(
      archive: archive, name: SnapshotName.current(host: host, cipher: settings.encryption),
      notes: archive.notes + [note].compactMap(\.self))
  }
}
