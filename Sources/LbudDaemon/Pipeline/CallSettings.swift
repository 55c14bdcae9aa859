import LbudCore
import LbudSystem

/// What one call has otherwise than lbu.conf has it, as lbu takes it from its environment and its command line.
package struct CallSettings: Sendable, Equatable {
  /// Variables that count where lbu.conf does not set them; only those of `Settings.environmentKeys`.
  package var environment: [String: String] = [:]
  /// NAME of `/media/NAME`, where no directory is set.
  package var media: String?
  /// Whether it is to be encrypted though no cipher is set.
  package var encrypts = false
  package var password: Secret?

  package init() {}

  var isEmpty: Bool { self == CallSettings() }
}

/// A password may be in the environment too: it is shown nowhere.
extension CallSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "CallSettings(environment: \(environment.keys.sorted().joined(separator: ",")))" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Where the snapshots of one call are.
struct Place: Sendable {
  var store: SnapshotStore
  var settings: Settings
  /// Whether it is the one that the daemon saves to by itself, if with another password or limit.
  var isStanding: Bool
}

extension Daemon {
  /// - Throws: `StoreError` where the settings name no place.
  func place(for call: CallSettings) async throws(StoreError) -> Place {
    // What was written into lbu.conf a moment ago counts.
    if configuration.mayHaveChanged(), settingsRetry == nil { await reload() }
    if call.isEmpty {
      guard let store = pipeline.media as? SnapshotStore else {
        // Stands in where there is none, and says why.
        _ = try pipeline.media.glance()
        throw StoreError("\(pipeline.mediaPath) holds no snapshots", hint: "see the log of lbud")
      }
      return Place(store: store, settings: pipeline.settings, isStanding: true)
    }
    let settings = try await settings(for: call)
    let store = try SnapshotStore(root: root, settings: settings, host: host, mayBeOutside: true)
    guard let standing = pipeline.media as? SnapshotStore, standing.isSamePlace(as: store) else {
      return Place(store: store, settings: settings, isStanding: false)
    }
    return Place(store: standing.following(settings), settings: settings, isStanding: true)
  }

  func settings(for call: CallSettings) async throws(StoreError) -> Settings {
    var reader = ConfigurationReader(root: root)
    let loaded = await reader.load(environment: call.environment)
    if let problem = loaded.problems.first(where: { $0.severity == .blocking }) {
      throw StoreError("nothing is saved, since \(problem.line)", hint: problem.remedy)
    }
    var settings = loaded.isEvaluated ? loaded.settings : pipeline.settings
    if settings.backupDirectory == nil, let media = call.media { settings.media = media }
    if call.encrypts, settings.encryption == nil { settings.encryption = settings.defaultCipher }
    if let password = call.password { settings.password = password }
    return settings
  }
}
