/// The packages that a boot without a network can install, and which of them it will: what an index in its reach names
/// and whose file is there.
///
/// Which rules apply was read in apk-tools 3.0.6 (`database.c`, `solver.c`) and tried with it, in the way the boot loader
/// calls it (`apk add --initramfs-diskless-boot --no-network`): a name of the world for which a dependency is missing,
/// however deep, is left out, and the others are installed. Left aside is what keeps packages apart that are all there:
/// conflicts, and two that need different versions of a third; apk could install none of them before the boot either.
package struct BootPackages: Sendable {
  package enum Place: Hashable, Sendable {
    case cache
    /// The repository's number.
    case repository(Int)
  }

  package struct Candidate: Sendable {
    package var record: PackageRecord
    package var place: Place
    /// Of its repository; nil for one that serves everybody, and for the cache.
    package var tag: [UInt8]?

    package init(_ record: PackageRecord, _ place: Place, tag: [UInt8]? = nil) {
      self.record = record
      self.place = place
      self.tag = tag
    }
  }

  /// What becomes of a name of the world.
  package enum Answer: Sendable {
    case installed(Candidate)
    /// Nothing of this name is there; `others` are versions that are, and are not asked for.
    case missing(others: [[UInt8]])
    /// It is there, and the dependency is not that it needs, itself or through others.
    case blocked(by: Dependency)
  }

  private struct Provider {
    var index: Int
    var version: [UInt8]?
  }

  private let candidates: [Candidate]
  private var providers: [[UInt8]: [Provider]] = [:]
  /// For each tag that was asked for: candidates that cannot be installed, with the dependency that is missing.
  private var blocked: [[UInt8]?: [Int: Dependency]] = [:]

  package init(_ candidates: [Candidate]) {
    self.candidates = candidates
    for (index, candidate) in candidates.enumerated() {
      let record = candidate.record
      providers[record.name, default: []].append(Provider(index: index, version: record.version))
      for provided in record.provides {
        providers[provided.name, default: []].append(Provider(index: index, version: provided.version))
      }
    }
  }

  package mutating func answer(_ wanted: Dependency) -> Answer {
    let tag = wanted.tag
    let blocked = self.blocked[tag] ?? findBlocked(tag)
    self.blocked[tag] = blocked
    let fitting = fitting(wanted, tag)
    // The package of this name before one that only provides it; of several the latest, as apk has it.
    let usable = fitting.filter { blocked[$0.index] == nil }
    if let best = usable.max(by: { isBetter($1, than: $0, wanted) }) { return .installed(candidates[best.index]) }
    guard let first = fitting.first else {
      let others = (providers[wanted.name] ?? []).compactMap { isAllowed($0.index, tag) ? $0.version : nil }
      return .missing(others: others)
    }
    return .blocked(by: root(of: first.index, blocked, tag) ?? wanted)
  }

  private func isBetter(_ left: Provider, than right: Provider, _ wanted: Dependency) -> Bool {
    let isNamed = (left: isNamed(left, wanted), right: isNamed(right, wanted))
    if isNamed.left != isNamed.right { return isNamed.left }
    guard let version = left.version, let other = right.version else {
      return left.version != nil && right.version == nil
    }
    return PackageVersion.compare(version, other) == .greater
  }

  private func isNamed(_ provider: Provider, _ wanted: Dependency) -> Bool {
    candidates[provider.index].record.name == wanted.name
  }

  private func isAllowed(_ index: Int, _ tag: [UInt8]?) -> Bool {
    candidates[index].tag == nil || candidates[index].tag == tag
  }

  private func fitting(_ wanted: Dependency, _ tag: [UInt8]?) -> [Provider] {
    (providers[wanted.name] ?? []).filter {
      isAllowed($0.index, tag)
        && wanted.accepts(version: $0.version, identity: candidates[$0.index].record.identity)
    }
  }

  /// Takes away what cannot be installed until nothing more falls: so packages that need each other stay.
  private func findBlocked(_ tag: [UInt8]?) -> [Int: Dependency] {
    var blocked: [Int: Dependency] = [:]
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for index in candidates.indices where blocked[index] == nil && isAllowed(index, tag) {
        let unmet = candidates[index].record.dependencies.first { needed in
          !needed.isConflict && !fitting(needed, tag).contains { blocked[$0.index] == nil }
        }
        guard let unmet else { continue }
        blocked[index] = unmet
        hasChanged = true
      }
    }
    return blocked
  }

  /// The dependency at the end of the chain, for which there is nothing at all.
  private func root(of index: Int, _ blocked: [Int: Dependency], _ tag: [UInt8]?) -> Dependency? {
    var cause = blocked[index]
    var seen: Set<Int> = [index]
    while let needed = cause, let next = fitting(needed, tag).first(where: { blocked[$0.index] != nil }) {
      guard seen.insert(next.index).inserted else { break }
      cause = blocked[next.index]
    }
    return cause
  }
}
