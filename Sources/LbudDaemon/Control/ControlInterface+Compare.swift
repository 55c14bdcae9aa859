import LbudCore
import LbudProtocol
import LbudSystem

/// What differs from what is saved, and what would be saved.
extension ControlInterface {
  /// How many bytes one of several replies holds.
  static let bytesPerReply = 192 * 1024

  func changes(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: CompareCall.self)
    let sides = try parameters.sides()
    let comparison = try await answering {
      let settings = try CallSettings(parameters.otherwise)
      guard let sides else { return try await daemon.compare(settings) }
      return try await daemon.compare(settings, from: sides.from, to: sides.to)
    }
    let report = try await daemon.report()
    try await send(comparison.changes.sorted { $0.key < $1.key }, call, peer, replies) { changes in
      ChangesReply(
        snapshot: comparison.snapshot, to: comparison.other,
        changes: changes.map { report.changeReport($0.key, $0.value) })
    }
  }

  func diff(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: CompareCall.self)
    let sides = try parameters.sides()
    guard call.more || call.oneway else { throw VarlinkError.expectedMore }
    let pieces = Pieces { (piece: DiffReply) in try await replies.send(piece, continues: true) }
    let differs = try await answering {
      try await pieces.during { take in
        let settings = try CallSettings(parameters.otherwise)
        guard let sides else {
          return try await daemon.diff(settings) { take(DiffReply(text: WireData($0), differs: true)) }
        }
        return try await daemon.diff(settings, from: sides.from, to: sides.to) {
          take(DiffReply(text: WireData($0), differs: $1))
        }
      }
    }
    try await replies.send(DiffReply(text: WireData([]), differs: differs))
  }

  func package(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: PackageCall.self)
    guard call.more || call.oneway else { throw VarlinkError.expectedMore }
    let pieces = Pieces { (piece: [UInt8]) in
      try await replies.send(PackageReply(name: "", output: WireData(piece)), continues: true)
    }
    let packed = try await answering {
      try await pieces.during { take in
        try await daemon.package(
          CallSettings(parameters.otherwise), uid: peer.uid, isPlain: parameters.plain ?? false
        ) { take($0) }
      }
    }
    var offset: UInt64 = 0
    while true {
      let bytes = try packed.archive.read(at: offset, count: Self.bytesPerReply)
      if bytes.isEmpty { break }
      try await replies.send(PackageReply(name: packed.name, data: WireData(bytes)), continues: true)
      offset += UInt64(bytes.count)
    }
    try await replies.send(PackageReply(name: packed.name, notes: packed.notes))
  }

  /// Runs what the store may refuse, and makes an answer of its refusal.
  func answering<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let error as StoreError {
      throw VarlinkError(error, else: .failed)
    }
  }
}

extension CompareCall {
  /// - Returns: nil for what is saved and what there is now.
  fileprivate func sides() throws(VarlinkError) -> (from: SnapshotReference, to: SnapshotReference?)? {
    guard let from else {
      // From what, nobody can guess.
      guard to == nil else { throw .invalidParameter("from") }
      return nil
    }
    return (try from.reference("from"), try to.map { (to) throws(VarlinkError) in try to.reference("to") })
  }
}

extension VarlinkError {
  /// - Parameter other: what it is where it is none of those that have an error of their own.
  init(_ error: StoreError, else other: ControlError) {
    let kind: ControlError =
      if error.isPasswordMissing {
        .passwordMissing
      } else if error.isUnconfigured {
        .noMedia
      } else if error.isAboutRivals {
        .otherOverlays
      } else {
        other
      }
    self.init(kind, message: error.description, hint: error.hint)
  }
}

extension CallSettings {
  init(_ otherwise: Otherwise?) throws(VarlinkError) {
    self.init()
    guard let otherwise else { return }
    environment = otherwise.environment ?? [:]
    if let key = environment.keys.filter({ !Settings.environmentKeys.contains($0) }).min() {
      throw .invalidParameter("otherwise.environment.\(key)")
    }
    if let media = otherwise.media {
      guard Settings.isMediaName(media) else { throw .invalidParameter("otherwise.media") }
      self.media = media
    }
    encrypts = otherwise.encrypt ?? false
    password = otherwise.password.map { Secret($0.rawBytes) }
  }
}
