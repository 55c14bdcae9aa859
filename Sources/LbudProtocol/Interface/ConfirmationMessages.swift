/// A snapshot that is to be confirmed, or else the one before it becomes current again.
package struct ConfirmationReport: Codable, Sendable, Equatable {
  /// Seconds since 1970.
  package var since: Double
  package var until: Double
  /// The file of the one before, relative to the media.
  package var back: WirePath
  package var reboot: Bool
  package var uid: Int
  package var user: String?
  package var message: String?

  package init(
    since: Double, until: Double, back: WirePath, reboot: Bool, uid: Int, user: String?, message: String?
  ) {
    self.since = since
    self.until = until
    self.back = back
    self.reboot = reboot
    self.uid = uid
    self.user = user
    self.message = message
  }
}

/// The answer to `io.lbud.Confirm`.
package struct ConfirmReply: Codable, Sendable, Equatable {
  package var confirmed: ConfirmationReport

  package init(confirmed: ConfirmationReport) { self.confirmed = confirmed }
}
