/// The program that reboots the machine.
package enum Reboot {
  /// Runs it. Blocks: only for threads that are lbud's own.
  /// - Returns: why it did not do it, in words; nil where it says that it does.
  /// - Throws: where it cannot be started, or takes more than a minute.
  package static func run(_ path: String) throws -> String? {
    let ended = try Program.run(path, [], within: 60)
    return ended.code == 0 ? nil : "\(path): \(ended.lastWords)"
  }
}
