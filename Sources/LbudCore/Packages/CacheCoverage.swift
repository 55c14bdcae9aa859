/// Which packages of the world a boot without a network will install, from the package cache or a boot repository.
package struct CacheCoverage: Sendable, Equatable {
  /// What `etc/apk/cache` leads to.
  package enum Cache: Sendable, Equatable {
    /// There is no such entry.
    case none
    case folder([UInt8])
    /// On a file system that fstab names and that is not mounted: what it holds cannot be told.
    case notMounted([UInt8])
    /// On the root in memory: gone after the reboot.
    case inMemory([UInt8])
    /// To nothing, or to what cannot be listed: apk does without.
    case unusable([UInt8])
  }

  package struct Repository: Sendable, Equatable {
    package enum State: Sendable, Equatable {
      case usable
      /// Without an index that apk could read: it passes over the repository.
      case unusable
      /// On a file system that fstab names and that is not mounted, or with an index that lbud cannot read.
      case unknown
    }

    package var path: [UInt8]
    package var state: State

    package init(path: [UInt8], state: State = .usable) {
      self.path = path
      self.state = state
    }
  }

  /// A name of the world that will be installed.
  package struct Covered: Sendable, Equatable {
    package var wanted: Dependency
    package var package: [UInt8]
    package var version: [UInt8]
    /// What is installed now; nil where the package is not.
    package var installed: [UInt8]?
    package var place: BootPackages.Place
  }

  /// A name of the world that will not be installed.
  package struct Missing: Sendable, Equatable {
    package enum Reason: Sendable, Equatable {
      case nothing
      /// Only these versions are there, and the world asks for another.
      case otherVersions([[UInt8]])
      case dependency(Dependency)
    }

    package var wanted: Dependency
    package var installed: [UInt8]?
    package var reason: Reason
  }

  /// What is known of this machine besides its packages.
  package struct Surroundings: Sendable, Equatable {
    package var cache = Cache.none
    package var repositories: [Repository] = []
    /// How many repositories a network would reach.
    package var remoteCount = 0
    /// Whether the boot has a network, since the kernel's command line asks for one.
    package var bootsWithNetwork = false
    /// Whether an index of the cache cannot be read by lbud, and can by apk.
    package var hasUnknownIndex = false
    /// Versions of what is installed now, by name.
    package var installed: [[UInt8]: [UInt8]] = [:]
    /// What could not be read, or is not as apk needs it.
    package var problems: [Problem] = []

    package init() {}

    fileprivate var isKnown: Bool {
      if case .notMounted = cache { return false }
      return !hasUnknownIndex && !repositories.contains { $0.state == .unknown }
    }
  }

  package private(set) var covered: [Covered] = []
  package private(set) var missing: [Missing] = []
  package let cache: Cache
  package let repositories: [Repository]
  package let remoteCount: Int
  package let bootsWithNetwork: Bool
  package let problems: [Problem]

  package init(world: World, packages: BootPackages, _ surroundings: Surroundings) {
    cache = surroundings.cache
    repositories = surroundings.repositories
    remoteCount = surroundings.remoteCount
    bootsWithNetwork = surroundings.bootsWithNetwork
    problems = world.problems + surroundings.problems
    isKnown = surroundings.isKnown
    for wanted in world.dependencies {
      let installed = surroundings.installed[wanted.name]
      switch packages.answer(wanted) {
      case .installed(let candidate):
        covered.append(
          Covered(
            wanted: wanted, package: candidate.record.name, version: candidate.record.version, installed: installed,
            place: candidate.place))
      case .missing(let others):
        missing.append(
          Missing(wanted: wanted, installed: installed, reason: others.isEmpty ? .nothing : .otherVersions(others)))
      case .blocked(let dependency):
        missing.append(Missing(wanted: wanted, installed: installed, reason: .dependency(dependency)))
      }
    }
  }

  /// Whether all places could be looked at; else what is missing may well be there.
  package let isKnown: Bool

  /// Whether a network brings at the boot what is missing.
  package var isFetched: Bool { bootsWithNetwork && remoteCount > 0 }

  /// Whether there is any place that a boot could install from.
  package var hasPlace: Bool {
    if case .folder = cache { return true }
    return repositories.contains { $0.state == .usable }
  }
}
