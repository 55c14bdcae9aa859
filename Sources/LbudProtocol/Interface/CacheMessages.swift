/// The answer to `io.lbud.Cache`.
package struct CacheReply: Codable, Sendable, Equatable {
  /// Whether there is a world: apk is in use.
  package var world: Bool
  /// Whether all places could be looked at.
  package var known: Bool
  /// Whether a network brings at the boot what is missing.
  package var fetched: Bool
  package var missing: [MissingPackage]
  package var covered: [CoveredPackage]
  package var cache: PackageCacheReport
  package var repositories: [RepositoryReport]
  /// How many repositories a network would reach.
  package var remote: Int
  package var problems: [ProblemReport]

  package init(
    world: Bool, known: Bool = true, fetched: Bool = false, missing: [MissingPackage] = [],
    covered: [CoveredPackage] = [], cache: PackageCacheReport = PackageCacheReport(state: .none),
    repositories: [RepositoryReport] = [], remote: Int = 0, problems: [ProblemReport] = []
  ) {
    self.world = world
    self.known = known
    self.fetched = fetched
    self.missing = missing
    self.covered = covered
    self.cache = cache
    self.repositories = repositories
    self.remote = remote
    self.problems = problems
  }
}

/// A name of the world that the next boot installs. Names travel as paths do: they are bytes.
package struct CoveredPackage: Codable, Sendable, Equatable {
  package var wanted: WirePath
  package var package: WirePath
  package var version: WirePath
  /// The version that is installed now.
  package var now: WirePath?
  /// The cache, or a repository.
  package var from: WirePath

  package init(wanted: WirePath, package: WirePath, version: WirePath, now: WirePath?, from: WirePath) {
    self.wanted = wanted
    self.package = package
    self.version = version
    self.now = now
    self.from = from
  }
}

/// A name of the world that the next boot does not install.
package struct MissingPackage: Codable, Sendable, Equatable {
  package var wanted: WirePath
  package var now: WirePath?
  /// The dependency that is not there.
  package var needs: WirePath?
  /// Versions that are there and not asked for.
  package var others: [WirePath]
  package var why: String

  package init(wanted: WirePath, now: WirePath?, needs: WirePath?, others: [WirePath], why: String) {
    self.wanted = wanted
    self.now = now
    self.needs = needs
    self.others = others
    self.why = why
  }
}

package struct PackageCacheReport: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable, CaseIterable {
    case none, usable, unmounted, memory, unusable
  }

  package var state: State
  package var path: WirePath?

  package init(state: State, path: WirePath? = nil) {
    self.state = state
    self.path = path
  }
}

package struct RepositoryReport: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable, CaseIterable {
    case usable, unusable, unknown
  }

  package var path: WirePath
  package var state: State

  package init(path: WirePath, state: State) {
    self.path = path
    self.state = state
  }
}
