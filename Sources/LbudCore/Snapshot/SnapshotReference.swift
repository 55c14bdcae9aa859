/// Which snapshot somebody means.
package enum SnapshotReference: Equatable, Sendable {
  /// So many before the newest of this box's; 0 for that itself, which is the one that boots where there is one.
  case back(Int)
  /// The newest of this box's that was made by then, in seconds since 1970.
  case asOf(Int64)
  /// The name of its file, with `LBUD/` in front or not.
  case named([UInt8])

  /// A snapshot that may be meant.
  package struct Candidate: Equatable, Sendable {
    /// Of its file, with `LBUD/` in front where it is there.
    package var name: [UInt8]
    /// When it was made, in seconds since 1970.
    package var time: Int64
    /// Whether it is this box's; those of others are meant only by their names.
    package var isOwn: Bool
    /// Whether it can be read, as far as that is known: a time means none that cannot.
    package var isUsable: Bool

    package init(name: [UInt8], time: Int64, isOwn: Bool, isUsable: Bool = true) {
      self.name = name
      self.time = time
      self.isOwn = isOwn
      self.isUsable = isUsable
    }
  }

  /// Why none is meant.
  package enum Failure: Error, Equatable {
    case none
    case tooFarBack(Int, count: Int)
    case tooEarly(oldest: Int64)
    /// There are some, and all are damaged.
    case noneUsable
    case noSuchName([UInt8])
  }

  /// - Parameter candidates: the newest first.
  /// - Returns: its place among the candidates.
  /// - Throws: `Failure`.
  package func place(in candidates: [Candidate]) throws(Failure) -> Int {
    let own = candidates.indices.filter { candidates[$0].isOwn }
    switch self {
    case .named(let name):
      // As with a revert, that of the top directory counts where both have one of that name.
      let inFolder = Array("LBUD/".utf8) + name
      guard
        let place = candidates.firstIndex(where: { $0.name == name })
          ?? candidates.firstIndex(where: { $0.name == inFolder })
      else { throw .noSuchName(name) }
      return place
    case .back(let count):
      guard !own.isEmpty else { throw .none }
      guard own.indices.contains(count) else { throw .tooFarBack(count, count: own.count) }
      return own[count]
    case .asOf(let time):
      guard !own.isEmpty else { throw .none }
      let usable = own.filter { candidates[$0].isUsable }
      guard let oldest = usable.map({ candidates[$0].time }).min() else { throw .noneUsable }
      // Not the first in order: after a revert the one that boots is older than those behind it.
      let then = usable.filter { candidates[$0].time <= time }
      guard let newest = then.map({ candidates[$0].time }).max(),
        let place = then.first(where: { candidates[$0].time == newest })
      else { throw .tooEarly(oldest: oldest) }
      return place
    }
  }
}
