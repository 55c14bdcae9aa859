/// All of an entry that a snapshot carries and whose change makes the entry dirty: content, mode, owner, type, link
/// target. Times are not among them: a file touched and otherwise equal need not be saved again.
package struct Fingerprint: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    /// The digest is nil where nobody has needed to read the content yet.
    case file(size: UInt64, digest: ContentDigest?)
    case directory
    case symlink(target: [UInt8])
    case fifo
    case characterDevice(major: UInt32, minor: UInt32)
    case blockDevice(major: UInt32, minor: UInt32)
    /// A socket is listed as lbu lists it, but no archive can hold it.
    case socket
  }

  package var content: Content
  /// The permission bits, 07777.
  package var mode: UInt16
  package var uid: UInt32
  package var gid: UInt32

  package init(content: Content, mode: UInt16, uid: UInt32, gid: UInt32) {
    self.content = content
    self.mode = mode
    self.uid = uid
    self.gid = gid
  }

  package var kind: FileKind {
    switch content {
    case .file: .file
    case .directory: .directory
    case .symlink: .symlink
    case .fifo: .fifo
    case .characterDevice: .characterDevice
    case .blockDevice: .blockDevice
    case .socket: .socket
    }
  }
}
