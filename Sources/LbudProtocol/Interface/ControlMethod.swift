/// The methods of `io.lbud`.
package enum ControlMethod: String, CaseIterable, Sendable {
  case status = "io.lbud.Status"
  case list = "io.lbud.List"
  case commit = "io.lbud.Commit"
  case monitor = "io.lbud.Monitor"
  case include = "io.lbud.Include"
  case exclude = "io.lbud.Exclude"
  case rules = "io.lbud.Rules"
  case changes = "io.lbud.Changes"
  case diff = "io.lbud.Diff"
  case package = "io.lbud.Package"
  case snapshots = "io.lbud.Snapshots"
  case revert = "io.lbud.Revert"
  case hold = "io.lbud.Hold"
  case release = "io.lbud.Release"
  case reload = "io.lbud.Reload"
  case cache = "io.lbud.Cache"
}
