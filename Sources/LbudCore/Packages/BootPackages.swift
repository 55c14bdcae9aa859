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

  /// Which candidates may be installed, and which of those cannot be, with the dependency that is missing.
  private struct Outlook {
    var allowed: Set<Int>
    var blocked: [Int: Dependency] = [:]
  }

  private let candidates: [Candidate]
  private var providers: [[UInt8]: [Provider]] = [:]
  /// With all that the world asks for, and with that of it that can be installed: what is left out opens no repository.
  private var asked = Outlook(allowed: [])
  private var outlook = Outlook(allowed: [])

  /// - Parameter world: what is asked for; a tag there opens its repositories for what the name needs.
  package init(_ candidates: [Candidate], for world: [Dependency]) {
    self.candidates = candidates
    for (index, candidate) in candidates.enumerated() {
      let record = candidate.record
      providers[record.name, default: []].append(Provider(index: index, version: record.version))
      for provided in record.provides {
        providers[provided.name, default: []].append(Provider(index: index, version: provided.version))
      }
    }
    var tagged = world.filter { $0.tag != nil }
    asked = look(with: tagged)
    outlook = asked
    while true {
      let staying = tagged.filter { wanted in fitting(wanted, outlook).contains { outlook.blocked[$0.index] == nil } }
      if staying.count == tagged.count { break }
      tagged = staying
      outlook = look(with: tagged)
    }
  }

  package func answer(_ wanted: Dependency) -> Answer {
    // The package of this name before one that only provides it; of several the latest, as apk has it.
    let usable = fitting(wanted, outlook).filter { outlook.blocked[$0.index] == nil }
    if let best = usable.max(by: { isBetter($1, than: $0, wanted) }) { return .installed(candidates[best.index]) }
    for outlook in [asked, outlook] {
      if let first = fitting(wanted, outlook).first(where: { outlook.blocked[$0.index] != nil }) {
        return .blocked(by: root(of: first.index, outlook) ?? wanted)
      }
    }
    let others = (providers[wanted.name] ?? []).filter { outlook.allowed.contains($0.index) }
    return .missing(others: others.compactMap(\.version))
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

  private func fitting(_ wanted: Dependency, _ outlook: Outlook) -> [Provider] {
    fitting(wanted).filter { outlook.allowed.contains($0.index) }
  }

  private func fitting(_ wanted: Dependency) -> [Provider] {
    (providers[wanted.name] ?? []).filter {
      wanted.accepts(version: $0.version, identity: candidates[$0.index].record.identity)
    }
  }

  private func look(with tagged: [Dependency]) -> Outlook {
    var outlook = Outlook(allowed: Set(candidates.indices.filter { candidates[$0].tag == nil }))
    for wanted in tagged { outlook.allowed.formUnion(opened(by: wanted)) }
    findBlocked(&outlook)
    return outlook
  }

  /// What a name with a tag may take from repositories with that tag: itself, and what it needs; once opened, everybody
  /// may have it (apk-tools `solver.c`, `inherit_pinning_and_flags`).
  private func opened(by wanted: Dependency) -> Set<Int> {
    var seen: Set<Int> = []
    var pending = [wanted]
    while let needed = pending.popLast() {
      for provider in fitting(needed) {
        let candidate = candidates[provider.index]
        guard candidate.tag == nil || candidate.tag == wanted.tag, seen.insert(provider.index).inserted else {
          continue
        }
        pending += candidate.record.dependencies.filter { !$0.isConflict }
      }
    }
    return seen
  }

  /// Takes away what cannot be installed until nothing more falls: so packages that need each other stay.
  private func findBlocked(_ outlook: inout Outlook) {
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for index in outlook.allowed.sorted() where outlook.blocked[index] == nil {
        let unmet = candidates[index].record.dependencies.first { needed in
          !needed.isConflict && !fitting(needed, outlook).contains { outlook.blocked[$0.index] == nil }
        }
        guard let unmet else { continue }
        outlook.blocked[index] = unmet
        hasChanged = true
      }
    }
  }

  /// The dependency at the end of the chain, for which there is nothing at all.
  private func root(of index: Int, _ outlook: Outlook) -> Dependency? {
    var cause = outlook.blocked[index]
    var seen: Set<Int> = [index]
    while let needed = cause, let next = fitting(needed, outlook).first(where: { outlook.blocked[$0.index] != nil }) {
      guard seen.insert(next.index).inserted else { break }
      cause = outlook.blocked[next.index]
    }
    return cause
  }
}
