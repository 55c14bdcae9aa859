import LbudCore

/// Who has a place, and who has to make room: a value, without a clock or a socket.
struct ConnectionPlaces {
  /// What a connection waits for.
  enum Waiting: Equatable {
    /// Not for its client: it is being answered.
    case notForClient
    /// For its client to take a reply, or to send the rest of a message.
    case stalled(since: Instant)
    /// For its client to ask for something.
    case idle(since: Instant)
  }

  private struct Place {
    let uid: UInt32
    var waiting: Waiting
  }

  private let limits: ConnectionLimits
  private let privileged: Set<UInt32>
  private var places: [Int: Place] = [:]
  private var lastID = 0

  /// - Parameter privileged: the users for whom places are reserved.
  init(limits: ConnectionLimits, privileged: Set<UInt32>) {
    self.limits = limits
    self.privileged = privileged
  }

  /// A place that was given, and the one whose holder has to leave for it, with the limit that it is told of.
  struct Admission: Equatable {
    var id: Int
    var evicted: Int?
    var limit: ExceededLimit?
  }

  /// Gives a place.
  /// - Throws: `ExceededLimit` where none is free, and nobody has to make room.
  mutating func admit(uid: UInt32, at now: Instant) throws(ExceededLimit) -> Admission {
    var admission = Admission(id: 0)
    if let (limit, rivals) = obstacle(to: uid) {
      guard let evicted = longestWaiting(among: rivals, at: now) else { throw limit }
      places[evicted] = nil
      (admission.evicted, admission.limit) = (evicted, limit)
    }
    lastID += 1
    admission.id = lastID
    places[lastID] = Place(uid: uid, waiting: .idle(since: now))
    return admission
  }

  /// Takes note of what a connection waits for; one that had to leave has no place any more.
  mutating func note(_ id: Int, _ waiting: Waiting) { places[id]?.waiting = waiting }

  mutating func release(_ id: Int) { places[id] = nil }

  /// The limit that is met, and those of whom one could make room.
  private func obstacle(to uid: UInt32) -> (ExceededLimit, [Int: Place])? {
    let own = places.filter { $0.value.uid == uid }
    if own.count >= limits.connectionsPerUser {
      return (ExceededLimit(name: "connectionsPerUser", maximum: limits.connectionsPerUser), own)
    }
    let isFull = places.count >= limits.connections
    if privileged.contains(uid) {
      return isFull ? (ExceededLimit(name: "connections", maximum: limits.connections), places) : nil
    }
    let others = places.filter { !privileged.contains($0.value.uid) }
    let maximum = max(1, limits.connections - limits.reservedConnections)
    return isFull || others.count >= maximum ? (ExceededLimit(name: "connections", maximum: maximum), others) : nil
  }

  /// Who has waited for its client for too long, the longest: those that stall before those that ask for nothing.
  private func longestWaiting(among places: [Int: Place], at now: Instant) -> Int? {
    var stalled: (id: Int, since: Instant)?
    var idle: (id: Int, since: Instant)?
    for (id, place) in places {
      switch place.waiting {
      case .stalled(let since) where since + limits.stallTime <= now:
        if stalled.map({ since < $0.since }) ?? true { stalled = (id, since) }
      case .idle(let since) where since + limits.idleTime <= now:
        if idle.map({ since < $0.since }) ?? true { idle = (id, since) }
      case .notForClient, .stalled, .idle: break
      }
    }
    return (stalled ?? idle)?.id
  }
}
