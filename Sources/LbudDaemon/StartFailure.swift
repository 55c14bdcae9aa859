import Glibc
import LbudSystem

/// Why lbud does not start, with the way out where there is one.
struct StartFailure: Error, Equatable, CustomStringConvertible {
  var description: String
  var hint: String?

  /// What a person can do about it is known of some errors.
  static func explaining(_ error: any Error) -> StartFailure {
    switch error {
    case let failure as StartFailure: failure
    case let error as FileError where error.verb == Inotify.opening && error.code == EMFILE:
      StartFailure(
        description:
          "no inotify instance is left for uid \(geteuid()): all of fs.inotify.max_user_instances are in use",
        hint: "sysctl -w fs.inotify.max_user_instances=1024, and the same line in /etc/sysctl.d")
    default: StartFailure(description: "\(error)")
    }
  }

  static func taken(_ pid: Int32?, root: String) -> StartFailure {
    StartFailure(
      description: "another lbud\(pid.map { " (pid \($0))" } ?? "") watches \(root) already",
      hint: pid.map { "to have this one instead: kill \($0)" } ?? "stop it, to have this one instead")
  }
}
