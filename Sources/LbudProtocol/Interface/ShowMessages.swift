/// Parameters of `io.lbud.Show`.
package struct ShowCall: Codable, Sendable, Equatable {
  package var snapshot: ReferenceReport
  /// Nil for all.
  package var path: WirePath?
  package var otherwise: Otherwise?

  package init(snapshot: ReferenceReport, path: WirePath? = nil, otherwise: Otherwise? = nil) {
    self.snapshot = snapshot
    self.path = path
    self.otherwise = otherwise
  }
}

/// One of the answers to `io.lbud.Show`.
package struct ShowReply: Codable, Sendable, Equatable {
  package var media: String
  /// With the folder in front.
  package var snapshot: WirePath
  package var entries: [ShownEntry]
  /// A piece of the file.
  package var content: WireData?

  package init(media: String, snapshot: WirePath, entries: [ShownEntry] = [], content: WireData? = nil) {
    self.media = media
    self.snapshot = snapshot
    self.entries = entries
    self.content = content
  }
}

/// An entry of a snapshot.
package struct ShownEntry: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable, CaseIterable {
    case file, directory, symlink, fifo, character, block, socket
  }

  package var path: WirePath
  package var kind: Kind
  /// The permission bits, 07777.
  package var mode: Int
  package var uid: Int
  package var gid: Int
  /// What the running system calls them.
  package var user: String?
  package var group: String?
  package var size: Int
  /// Seconds since 1970.
  package var time: Double
  package var target: WirePath?
  package var major: Int?
  package var minor: Int?

  package init(
    path: WirePath, kind: Kind, mode: Int, uid: Int, gid: Int, user: String? = nil, group: String? = nil, size: Int = 0,
    time: Double
  ) {
    self.path = path
    self.kind = kind
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.user = user
    self.group = group
    self.size = size
    self.time = time
  }
}
