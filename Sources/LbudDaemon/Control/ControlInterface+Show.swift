import LbudArchive
import LbudCore
import LbudProtocol
import LbudSystem

/// What a snapshot holds.
extension ControlInterface {
  func show(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: ShowCall.self)
    let snapshot = try parameters.snapshot.reference("snapshot")
    guard call.more || call.oneway else { throw VarlinkError.expectedMore }
    let (media, shown) = try await answering {
      try await daemon.show(snapshot, parameters.path?.path ?? .root, CallSettings(parameters.otherwise))
    }
    let names = AccountNames(root: daemon.root).all
    var reply = ShowReply(media: media, snapshot: WirePath(bytes: shown.name))
    var entries = shown.entries[...]
    while !entries.isEmpty {
      reply.entries = entries.prefix(Self.entriesPerReply).map { ShownEntry($0.path, $0.entry, names) }
      entries = entries.dropFirst(Self.entriesPerReply)
      try await replies.send(reply, continues: true)
    }
    reply.entries = []
    var content = shown.content?[...] ?? []
    while !content.isEmpty {
      reply.content = WireData(content.prefix(Self.bytesPerReply))
      content = content.dropFirst(Self.bytesPerReply)
      try await replies.send(reply, continues: true)
    }
    reply.content = nil
    try await replies.send(reply)
  }
}

extension ShownEntry {
  init(_ path: BytePath, _ entry: SnapshotContents.Entry, _ names: OwnerNames) {
    let fingerprint = entry.fingerprint
    self.init(
      path: WirePath(path), kind: Kind(fingerprint.kind), mode: Int(fingerprint.mode), uid: Int(fingerprint.uid),
      gid: Int(fingerprint.gid), user: names.users[fingerprint.uid], group: names.groups[fingerprint.gid],
      size: Int(clamping: entry.size), time: Double(entry.modificationTime))
    switch fingerprint.content {
    case .symlink(let target): self.target = WirePath(bytes: target)
    case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
      (self.major, self.minor) = (Int(major), Int(minor))
    case .file, .directory, .fifo, .socket: break
    }
  }
}

extension ShownEntry.Kind {
  fileprivate init(_ kind: FileKind) {
    self =
      switch kind {
      case .file: .file
      case .directory: .directory
      case .symlink: .symlink
      case .fifo: .fifo
      case .characterDevice: .character
      case .blockDevice: .block
      case .socket: .socket
      }
  }
}
