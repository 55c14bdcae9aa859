/// Parameters of `io.lbud.Verify`.
package struct VerifyCall: Codable, Sendable, Equatable {
  package var snapshot: ReferenceReport?
  package var all: Bool?
  package var otherwise: Otherwise?

  package init(snapshot: ReferenceReport? = nil, all: Bool? = nil, otherwise: Otherwise? = nil) {
    self.snapshot = snapshot
    self.all = all
    self.otherwise = otherwise
  }
}

/// The answer to `io.lbud.Verify`; with `more` one of several, of which the last has no snapshot.
package struct VerifyReply: Codable, Sendable, Equatable {
  package var media: String
  package var snapshot: VerifiedReport?
  // Of those so far.
  package var sound: Int
  package var damaged: Int
  package var sealed: Int

  package init(media: String, snapshot: VerifiedReport? = nil, sound: Int = 0, damaged: Int = 0, sealed: Int = 0) {
    self.media = media
    self.snapshot = snapshot
    self.sound = sound
    self.damaged = damaged
    self.sealed = sealed
  }
}

/// What reading a whole snapshot has found.
package struct VerifiedReport: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable, CaseIterable {
    case sound, damaged, sealed
  }

  /// With the folder in front.
  package var name: WirePath
  package var size: Int
  /// Seconds since 1970.
  package var time: Double
  package var current: Bool
  package var state: State
  package var recorded: Bool
  package var entries: Int
  package var lost: Int
  package var why: String?
  package var damages: [DamageReport]

  package init(
    name: WirePath, size: Int, time: Double, current: Bool, state: State, recorded: Bool, entries: Int, lost: Int,
    why: String?, damages: [DamageReport]
  ) {
    self.name = name
    self.size = size
    self.time = time
    self.current = current
    self.state = state
    self.recorded = recorded
    self.entries = entries
    self.lost = lost
    self.why = why
    self.damages = damages
  }
}

/// A place of a snapshot that is not as it should be.
package struct DamageReport: Codable, Sendable, Equatable {
  package var path: WirePath?
  package var reason: String
  package var doubtful: [WirePath]
  package var doubtfulCount: Int

  package init(path: WirePath?, reason: String, doubtful: [WirePath], doubtfulCount: Int) {
    self.path = path
    self.reason = reason
    self.doubtful = doubtful
    self.doubtfulCount = doubtfulCount
  }
}
