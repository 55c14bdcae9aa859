import LbudCore
import LbudSystem

/// What is known of what is sent to the server of `LBUD_PUBLISH`, and fetched from there.
struct Publication {
  var uploads = Self.schedule
  /// The old snapshots, where the server is all that keeps them; they follow the current one.
  var formers = Self.schedule
  /// What is fetched at first, where there is no media.
  var fetches = Self.schedule
  /// Whether the current snapshot is what was just fetched.
  var hasFetched = false
  /// Whether there may be a mirror that is not wanted any more.
  var mayHaveMirror = true
  /// What is sent or fetched now: one thing at a time.
  var task: Task<Void, Never>?
  /// Ends that, and keeps the next from beginning.
  let end = Daemon.Interruption()
  /// Of these settings and this host name.
  var address: (template: String, host: String, result: Result<UploadAddress, UploadAddress.Refusal>)?
  /// When it is worth another look what the machine says of itself.
  var addressDue: Instant?

  /// One of nothing so far, with pauses that no other machine has.
  static var schedule: UploadSchedule { UploadSchedule(spread: .random(in: 0...1)) }

  /// What there is to tell of it.
  struct Standing: Sendable {
    /// As the settings have it, where it cannot be filled in.
    var url: String
    /// Whether the newest snapshot is there.
    var isDone: Bool
    var isUnderway: Bool
    /// When the last one came there, in seconds since 1970; nil where that is not known.
    var uploadedAt: Int64?
    /// Why the newest one is not there.
    var failure: UploadFailure?
    var next: Instant?
    /// What it waits for, where that is nothing that has failed.
    var waitsFor: String?

    var sentence: String {
      if isDone { return "the newest snapshot is there" }
      if isUnderway { return "it is being sent" }
      return waitsFor ?? (failure == nil ? "it is sent in a moment" : "it could not be sent")
    }
  }
}
