import ArgumentParser

/// A command that is mostly called with no options but the common ones.
///
/// To have swift-argument-parser make one of it takes twice as long as all that it does: for each kind of option Swift's
/// runtime looks through all types of the program. So such a line is read here, and any other is the parser's.
protocol PlainCommand: ParsableCommand {
  /// What the parser makes of the verb and the common options: every option has to be given a value.
  init(plain connection: Connection)
}

extension PlainCommand {
  /// - Parameter words: what follows the verb.
  /// - Returns: nil where there is more to it, or something is wrong with it.
  static func plain(_ words: some Collection<String>) -> Self? {
    Connection(plain: words).map(Self.init(plain:))
  }
}

extension Connection {
  fileprivate init?(plain words: some Collection<String>) {
    var (root, socket, json) = ("/", String?.none, false)
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--json": json = true
      case "--root", "--socket":
        guard let value = rest.popFirst(), !value.isEmpty, !value.hasPrefix("-") else { return nil }
        if word == "--root" { root = value } else { socket = value }
      default: return nil
      }
    }
    self.init()
    (self.root, self.socket, self.json) = (root, socket, json)
  }
}

extension StatusCommand: PlainCommand {
  init(plain connection: Connection) {
    self.init()
    self.connection = connection
    (all, prometheus) = (false, false)
  }
}

extension CommitCommand: PlainCommand {
  init(plain connection: Connection) {
    self.init()
    self.connection = connection
    (message, confirm) = (nil, nil)
    (dryRun, removeOthers, reboot, afterApk) = (false, false, false, false)
  }
}

extension ListCommand: PlainCommand {
  init(plain connection: Connection) {
    self.init()
    self.connection = connection
    verbose = false
  }
}
