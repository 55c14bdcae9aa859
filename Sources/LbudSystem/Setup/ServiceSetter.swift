import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Starts lbud, now and at each boot, by what starts services here.
package struct ServiceSetter {
  package let setup: ServiceSetup

  /// Seconds: lbud looks at everything when it starts, and a boot script waits for its answer.
  private static let patience = 120

  package init(root: RootDirectory) {
    func has(_ path: String) -> Bool { (try? root.status(BytePath(path))) != nil }
    var manager: ServiceSetup.Manager?
    // sd_booted(3); OpenRC says so of itself where it has started a runlevel.
    if has("/run/systemd/system") { manager = .systemd } else if has("/run/openrc/softlevel") { manager = .openRC }
    let places =
      manager == .systemd
      ? ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"].map { $0 + "/lbud.service" }
      : ["/etc/init.d/lbud"]
    setup = ServiceSetup(
      manager: manager, isInstalled: places.contains(where: has), isSystem: root.isSystemRoot,
      needsNetwork: SettingSetter(root: root).keepsOnServer)
  }

  /// - Parameter done: called after each command, with its words.
  /// - Throws: `SetupRefusal`.
  package func carryOut(done: ([String]) -> Void) throws(SetupRefusal) {
    if let obstacle = setup.obstacle { throw obstacle }
    for command in setup.commands {
      let words = command.joined(separator: " ")
      guard let path = Program.find(command[0]) else {
        throw SetupRefusal("there is no \(command[0])", hint: "by hand: \(words)")
      }
      do {
        let ended = try Program.run(path, command.dropFirst().map { Array($0.utf8) }, within: Self.patience)
        guard ended.code == 0 else {
          throw SetupRefusal("\(words) fails: \(ended.lastWords)", hint: "by hand: \(words)")
        }
      } catch let error as SetupRefusal {
        throw error
      } catch {
        throw SetupRefusal("\(words) cannot be run: \(error)", hint: "by hand: \(words)")
      }
      done(command)
    }
  }
}
