/// Parameters of `io.lbud.Log`.
package struct LogCall: Codable, Sendable, Equatable {
  package var limit: Int?
  package var otherwise: Otherwise?

  package init(limit: Int? = nil, otherwise: Otherwise? = nil) {
    self.limit = limit
    self.otherwise = otherwise
  }
}

/// The answer to `io.lbud.Log`; with `more` one of several.
package struct LogReply: Codable, Sendable, Equatable {
  package var media: String
  package var entries: [LogEntry]

  package init(media: String, entries: [LogEntry]) {
    self.media = media
    self.entries = entries
  }
}

/// A snapshot on the media, as far as it is known without unpacking it.
package struct LogEntry: Codable, Sendable, Equatable {
  package enum Standing: String, Codable, Sendable, CaseIterable {
    case current, rival, old
  }

  package enum Boots: String, Codable, Sendable, CaseIterable {
    case yes, maybe, no
  }

  /// What the next commit makes of an old one.
  package enum Next: String, Codable, Sendable, CaseIterable {
    case keep, drop
  }

  /// What is known of it.
  package enum State: String, Codable, Sendable, CaseIterable {
    case recorded, unrecorded, sealed, unopened, damaged
  }

  /// By which it can be named; nil for another box's.
  package var back: Int?
  package var name: WirePath
  /// The folder of the media that it is in: empty for the top one.
  package var folder: String
  package var size: Int
  /// Seconds since 1970; the record's, or the file's where it has none.
  package var time: Double
  package var standing: Standing
  package var boots: Boots
  package var host: WirePath?
  package var own: Bool
  package var state: State
  package var damage: String?
  // What reading it has found.
  package var verified: Double?
  package var found: String?
  package var next: Next?
  package var nextReason: String?
  // What the record says.
  package var reason: String?
  package var uid: Int?
  package var user: String?
  package var message: String?
  package var changed: Int?
  package var entries: Int?
  package var aside: Bool?
  package var readBack: Bool?

  package init(
    back: Int?, name: WirePath, folder: String, size: Int, time: Double, standing: Standing, boots: Boots,
    host: WirePath?, own: Bool, state: State
  ) {
    self.back = back
    self.name = name
    self.folder = folder
    self.size = size
    self.time = time
    self.standing = standing
    self.boots = boots
    self.host = host
    self.own = own
    self.state = state
  }
}
