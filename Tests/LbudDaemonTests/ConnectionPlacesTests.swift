import LbudCore
import Testing

@testable import LbudDaemon

/// Who has a place on the socket, and who has to make room.
@Suite struct ConnectionPlacesTests {
  private var places: ConnectionPlaces

  init() {
    var limits = ConnectionLimits()
    limits.connections = 8
    limits.connectionsPerUser = 3
    limits.reservedConnections = 3
    places = ConnectionPlaces(limits: limits, privileged: [0])
  }

  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  private mutating func fill(_ uids: [UInt32]) throws -> [Int] {
    try uids.map { uid in
      let id = try places.admit(uid: uid, at: at(0)).id
      places.note(id, .notForClient)
      return id
    }
  }

  @Test mutating func oneTooManyOfAUser() throws {
    let ids = try fill([7, 7, 7])
    #expect(throws: ExceededLimit(name: "connectionsPerUser", maximum: 3)) { try places.admit(uid: 7, at: at(1)) }
    #expect(try places.admit(uid: 8, at: at(1)).evicted == nil)
    places.release(ids[1])
    #expect(try places.admit(uid: 7, at: at(1)).evicted == nil)
  }

  @Test mutating func theOthersTogetherLeaveRoomForRoot() throws {
    _ = try fill([1, 2, 3, 4, 5])
    #expect(throws: ExceededLimit(name: "connections", maximum: 5)) { try places.admit(uid: 6, at: at(1)) }
    _ = try fill([0, 0, 0])
    #expect(throws: ExceededLimit(name: "connectionsPerUser", maximum: 3)) { try places.admit(uid: 0, at: at(1)) }
  }

  @Test mutating func whoStallsLongestMakesRoom() throws {
    let ids = try fill([7, 7, 7, 8])
    places.note(ids[0], .stalled(since: at(12)))
    places.note(ids[1], .stalled(since: at(11)))
    places.note(ids[3], .stalled(since: at(1)))
    // Not for a moment's sake, and not the one of another user.
    #expect(throws: ExceededLimit(name: "connectionsPerUser", maximum: 3)) { try places.admit(uid: 7, at: at(11)) }
    let admission = try places.admit(uid: 7, at: at(12))
    #expect(admission.evicted == ids[1])
    #expect(admission.limit == ExceededLimit(name: "connectionsPerUser", maximum: 3))
    // Its place is another's now, whatever it still notes.
    places.note(ids[1], .stalled(since: at(0)))
    places.release(ids[1])
    #expect(try places.admit(uid: 7, at: at(13)).evicted == ids[0])
  }

  @Test mutating func whoAsksForNothingMakesRoomLater() throws {
    let ids = try fill([7, 7, 7])
    places.note(ids[2], .idle(since: at(10)))
    places.note(ids[1], .idle(since: at(5)))
    #expect(throws: ExceededLimit.self) { try places.admit(uid: 7, at: at(34)) }
    #expect(try places.admit(uid: 7, at: at(35)).evicted == ids[1])
    // One that stalls comes first.
    places.note(ids[0], .stalled(since: at(39)))
    #expect(try places.admit(uid: 7, at: at(40)).evicted == ids[0])
  }

  @Test mutating func aNewcomerIsNotTheOneToLeave() throws {
    _ = try fill([7, 7])
    _ = try places.admit(uid: 7, at: at(100))
    #expect(throws: ExceededLimit.self) { try places.admit(uid: 7, at: at(101)) }
  }

  @Test func rootIsGivenTheRoomOfAnybody() throws {
    var limits = ConnectionLimits()
    limits.connections = 7
    limits.connectionsPerUser = 7
    limits.reservedConnections = 2
    var small = ConnectionPlaces(limits: limits, privileged: [0])
    for uid: UInt32 in [1, 2, 3, 4, 5, 0, 0] {
      let id = try small.admit(uid: uid, at: at(0)).id
      small.note(id, uid == 3 ? .stalled(since: at(0)) : .notForClient)
    }
    let admission = try small.admit(uid: 0, at: at(9))
    #expect(admission.evicted == 3)
    #expect(throws: ExceededLimit(name: "connections", maximum: 7)) { try small.admit(uid: 0, at: at(9)) }
  }
}
