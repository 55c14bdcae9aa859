/// One answer to the question whether a box would come back as it is, if the power failed now.
package struct Check: Equatable, Sendable {
  /// What is looked at, in the order in which it is told.
  package enum ID: String, CaseIterable, Sendable {
    case media, clean, boot, devices, snapshot, changes, password, packages, fstab, hostname, space, service, clock
    case automatic

    /// What is concerned, to stand in a list.
    package var subject: String {
      switch self {
      case .media: "the media"
      case .clean: "its file system"
      case .boot: "what boots"
      case .devices: "other devices"
      case .snapshot: "the snapshot"
      case .changes: "unsaved changes"
      case .password: "the password"
      case .packages: "the packages"
      case .fstab: "fstab"
      case .hostname: "the host name"
      case .space: "the room for commits"
      case .service: "the service"
      case .clock: "the clock"
      case .automatic: "automatic commits"
      }
    }
  }

  package enum State: String, CaseIterable, Sendable {
    case ok
    /// It would come back; later it may not.
    case warning
    case failed
    /// It could not be looked at, or there is nothing to look at.
    case skipped
  }

  package var id: ID
  package var state: State
  /// A sentence without a full stop. Names in it are harmless already.
  package var text: String
  /// What to do about it; nil where there is nothing to be done.
  package var remedy: String?

  package init(_ id: ID, _ state: State, _ text: String, remedy: String? = nil) {
    self.id = id
    self.state = state
    self.text = text
    self.remedy = remedy
  }

  static func ok(_ id: ID, _ text: String) -> Check { Check(id, .ok, text) }

  package static func skipped(_ id: ID, _ text: String) -> Check { Check(id, .skipped, text) }

  package static func failed(_ id: ID, _ text: String, remedy: String) -> Check {
    Check(id, .failed, text, remedy: remedy)
  }

  static func warning(_ id: ID, _ text: String, remedy: String) -> Check { Check(id, .warning, text, remedy: remedy) }
}
