import LbudCore
import LbudProtocol
import LbudSystem

/// The package cache in the words of the interface.
extension ControlInterface {
  func cache(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    _ = try call.parameters(as: NoParameters.self)
    do {
      let coverage = try await daemon.coverage()
      try await replies.send(coverage.map(CacheReply.init) ?? CacheReply(world: false))
    } catch let error as StoreError {
      throw VarlinkError.failed(error.description, hint: error.hint)
    }
  }
}

extension CacheReply {
  init(_ coverage: CacheCoverage) {
    let cache = PackageCacheReport(coverage.cache)
    self.init(
      world: true, known: coverage.isKnown, fetched: coverage.isFetched,
      missing: coverage.missing.map(MissingPackage.init),
      covered: coverage.covered.map { covered in
        let from: WirePath =
          switch covered.place {
          case .cache: cache.path ?? WirePath("/etc/apk/cache")
          case .repository(let number): WirePath(bytes: coverage.repositories[number].path)
          }
        return CoveredPackage(covered, from: from)
      },
      cache: cache, repositories: coverage.repositories.map(RepositoryReport.init), remote: coverage.remoteCount,
      problems: coverage.problems.map(ProblemReport.init))
  }
}

extension CoveredPackage {
  fileprivate init(_ covered: CacheCoverage.Covered, from: WirePath) {
    self.init(
      wanted: WirePath(bytes: covered.wanted.text), package: WirePath(bytes: covered.package),
      version: WirePath(bytes: covered.version), now: covered.installed.map { WirePath(bytes: $0) }, from: from)
  }
}

extension MissingPackage {
  fileprivate init(_ missing: CacheCoverage.Missing) {
    var needs: WirePath?
    var others: [WirePath] = []
    switch missing.reason {
    case .nothing: break
    case .dependency(let dependency): needs = WirePath(bytes: dependency.text)
    case .otherVersions(let versions): others = versions.map { WirePath(bytes: $0) }
    }
    self.init(
      wanted: WirePath(bytes: missing.wanted.text), now: missing.installed.map { WirePath(bytes: $0) }, needs: needs,
      others: others, why: missing.explanation)
  }
}

extension PackageCacheReport {
  fileprivate init(_ cache: CacheCoverage.Cache) {
    switch cache {
    case .none: self.init(state: .none)
    case .folder(let path): self.init(state: .usable, path: WirePath(bytes: path))
    case .notMounted(let path): self.init(state: .unmounted, path: WirePath(bytes: path))
    case .inMemory(let path): self.init(state: .memory, path: WirePath(bytes: path))
    case .unusable(let path): self.init(state: .unusable, path: WirePath(bytes: path))
    }
  }
}

extension RepositoryReport {
  fileprivate init(_ repository: CacheCoverage.Repository) {
    let state: State =
      switch repository.state {
      case .usable: .usable
      case .unusable: .unusable
      case .unknown: .unknown
      }
    self.init(path: WirePath(bytes: repository.path), state: state)
  }
}
