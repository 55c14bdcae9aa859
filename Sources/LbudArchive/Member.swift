import LbudCore

/// One entry of an archive, as a tar header tells it.
package struct Member: Hashable, Sendable {
  package enum Body: Hashable, Sendable {
    /// `size` in bytes.
    case file(size: UInt64)
    case directory
    /// The target as `readlink(2)` gives it; it need not exist.
    case symlink(target: [UInt8])
    /// Another name of a file that stands earlier in the same archive.
    case hardLink(to: BytePath)
    case fifo
    case characterDevice(major: UInt32, minor: UInt32)
    case blockDevice(major: UInt32, minor: UInt32)
  }

  package var path: BytePath
  package var body: Body
  /// The permission bits, 07777.
  package var mode: UInt16
  package var uid: UInt32
  package var gid: UInt32
  /// Seconds since 1970; negative before.
  package var modificationTime: Int64

  /// What the journal compares; hard links are taken for the file they lead to before.
  /// - Parameter digest: of a file's content.
  func content(digest: ContentDigest?) -> Fingerprint.Content {
    switch body {
    case .file(let size): .file(size: size, digest: digest)
    case .directory: .directory
    case .symlink(let target): .symlink(target: target)
    case .characterDevice(let major, let minor): .characterDevice(major: major, minor: minor)
    case .blockDevice(let major, let minor): .blockDevice(major: major, minor: minor)
    case .fifo, .hardLink: .fifo
    }
  }

  package init(path: BytePath, body: Body, mode: UInt16, uid: UInt32, gid: UInt32, modificationTime: Int64) {
    self.path = path
    self.body = body
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.modificationTime = modificationTime
  }
}
