/// What a protected path asks for, apk's `protected_paths.d` (apk-tools `apk_database.h`).
package enum ProtectMode: UInt8, Sendable, Hashable {
  /// No rule speaks of the path.
  case none
  /// `-`: leave it out.
  case ignore
  /// `+`: save what differs from the packages.
  case changed
  /// `@`: save symlinks only.
  case symlinksOnly
  /// `!`: save everything.
  case all

  /// Whether the mode asks for anything to be saved.
  package var protects: Bool {
    switch self {
    case .none, .ignore: false
    case .changed, .symlinksOnly, .all: true
    }
  }
}
