import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl cache`: which packages the next boot installs.
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "Show which packages of /etc/apk/world the next boot will lack.",
    discussion: """
      Without a network a boot installs what the package cache (/etc/apk/cache) or a boot repository holds, and an index \
      there names. The rest of the world is left out, and so is what needs something that is not there.
      """)

  @OptionGroup var connection: Connection

  @Flag(name: .shortAndLong, help: "List also what will be there, and where it comes from.")
  var verbose = false

  func run() throws {
    let reply: CacheReply = try connection.call("io.lbud.Cache", NoParameters())
    if connection.json { return try connection.printJSON(reply) }
    guard reply.world else { return Voice.say("there is no /etc/apk/world: no boot installs packages here") }
    sayMissing(reply)
    sayCovered(reply)
    sayPlaces(reply)
    for problem in reply.problems { problem.say() }
  }

  private func sayMissing(_ reply: CacheReply) {
    let total = reply.missing.count + reply.covered.count
    guard !reply.missing.isEmpty else { return Voice.say("missing: nothing") }
    let when =
      reply.fetched
      ? "comes from the network that the boot has"
      : reply.known ? "missing after a reboot" : "not found, but not all places can be looked at"
    Voice.say(
      "\(when)\(reply.known && !reply.fetched && reply.remote > 0 ? " without a network" : ""):"
        + " \(reply.missing.count) of \(Voice.count(total, "package"))")
    for package in reply.missing {
      let now = package.now.map { " (installed: \(displayText(of: $0.rawBytes)))" } ?? ""
      Voice.say("  \(displayText(of: package.wanted.rawBytes))\(now): \(package.why)")
    }
  }

  private func sayCovered(_ reply: CacheReply) {
    Voice.say("covered: \(Voice.count(reply.covered.count, "package"))")
    guard verbose else { return }
    for package in reply.covered {
      let name = package.package == package.wanted ? "" : "\(displayText(of: package.package.rawBytes)) "
      let now = package.now.map { $0 == package.version ? "" : " (installed: \(displayText(of: $0.rawBytes)))" } ?? ""
      Voice.say(
        "  \(displayText(of: package.wanted.rawBytes)): \(name)\(displayText(of: package.version.rawBytes))\(now)"
          + " from \(displayText(of: package.from.rawBytes))")
    }
  }

  private func sayPlaces(_ reply: CacheReply) {
    let path = reply.cache.path.map { displayText(of: $0.rawBytes) } ?? "/etc/apk/cache"
    let state =
      switch reply.cache.state {
      case .none: "none (lbuctl setup cache makes one)"
      case .usable: path
      case .unmounted: "\(path), which is not mounted now"
      case .memory: "\(path), only a directory in memory: gone after a reboot"
      case .unusable: "\(path), which is not there or cannot be read"
      }
    Voice.say("cache: \(state)")
    for repository in reply.repositories {
      let state =
        switch repository.state {
        case .usable: ""
        case .unusable: ", which apk passes over"
        case .unknown: ", of which nothing is known now"
        }
      Voice.say("boot repository: \(displayText(of: repository.path.rawBytes))\(state)")
    }
    if reply.repositories.isEmpty { Voice.say("boot repository: none") }
  }
}
