/// A snapshot that is the current one until somebody confirms it, or else until its time is over: then the one before it
/// becomes current again.
///
/// It lies on the media beside the snapshots, and outlives the daemon, a reboot and a power cut.
package struct Confirmation: Equatable, Sendable {
  /// What tells snapshots apart, whatever their names are: a hash that the shell makes.
  package typealias Identity = String

  /// The snapshots that are current because of it: that which was committed so, and those that were made after it.
  package var awaiting: [Identity]
  /// The name of the one to go back to, relative to the media.
  package var back: [UInt8]
  /// Whether the machine is then rebooted into it.
  package var reboots: Bool
  /// When it was committed, and when its time is over, in seconds since 1970 by the clock of that time.
  package var made: Int64
  package var until: Int64
  /// The same by the clock of one boot, which nobody sets.
  package var deadline: Instant
  package var boot: String
  package var uid: UInt32
  package var user: String?
  /// Their words; may hold anything, newlines too.
  package var message: String?
  /// Grows with each form of it that is written; the highest counts.
  package var serial: UInt64 = 1

  package init(
    awaiting: [Identity], back: [UInt8], reboots: Bool, made: Int64, seconds: Seconds, now: Instant, boot: String,
    uid: UInt32, user: String? = nil, message: String? = nil
  ) {
    self.awaiting = awaiting
    self.back = back
    self.reboots = reboots
    self.made = made
    until = made + seconds.count
    deadline = now + seconds
    self.boot = boot
    self.uid = uid
    self.user = user
    self.message = message
  }

  /// What counts on another boot, which has another clock.
  package enum Adoption: Equatable, Sendable {
    /// It counts as it stands.
    case known
    /// By the clock of this boot it ends then. Read again, it would be told the same.
    case counted(Instant)
    /// The clock tells a time before that of the commit, or was not set then, so nothing can be told by it. Half of what was left is given, so
    /// that a box that boots again and again comes to its end; it is to be written, or it would be given again.
    case halved(Instant)
  }

  /// - Parameters:
  ///   - now: by the clock of this boot.
  ///   - wall: in seconds since 1970.
  package func adoption(boot: String, now: Instant, wall: Int64) -> Adoption {
    if boot == self.boot { return .known }
    guard made >= Self.earliest, wall >= made else { return .halved(now + Seconds(left / 2)) }
    return .counted(now + Seconds(min(max(0, until - min(wall, until)), given)))
  }

  /// Summer 2025: nobody has committed anything by lbud before that, but by a clock that was not set.
  private static let earliest: Int64 = 1_750_000_000

  /// The whole of its time, in seconds.
  private var given: Int64 { max(0, until - made) }

  /// What of it is left at the most.
  private var left: Int64 { max(0, min(remaining ?? given, given)) }

  /// In seconds, as the boot before has left it; nil where it has not been through another one.
  package var remaining: Int64?

  /// What counts from now on.
  /// - Returns: whether it is another one, to be written.
  package mutating func adopt(boot: String, now: Instant, wall: Int64) -> Bool {
    switch adoption(boot: boot, now: now, wall: wall) {
    case .known: return false
    case .counted(let deadline):
      (self.deadline, self.boot) = (deadline, boot)
      return false
    case .halved(let deadline):
      (self.deadline, self.boot, remaining) = (deadline, boot, left / 2)
      serial += 1
      return true
    }
  }

  /// The same with another snapshot that is about to become current.
  /// - Parameter current: nil where that cannot be read.
  package func extended(to identity: Identity, current: Identity?) -> Confirmation {
    var other = self
    other.awaiting = [current, identity].compactMap(\.self)
    other.serial += 1
    return other
  }

  package func isOver(at now: Instant) -> Bool { deadline <= now }

  /// Whose it is and why, for a person: `by root: other addresses`.
  package var words: String { byWhom(user, uid, message) }

  /// What happens if nobody confirms it, for a person.
  package var otherwise: String {
    "\(displayText(of: back)) becomes current again" + (reboots ? ", and the machine reboots" : "")
  }
}
