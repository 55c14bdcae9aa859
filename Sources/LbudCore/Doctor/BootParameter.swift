/// `apkovl=` of the kernel's command line: the one overlay that the boot loader takes, in place of what it finds (mkinitfs
/// `initramfs-init.in`).
package enum BootParameter: Equatable, Sendable {
  /// An `http`, `https` or `ftp` URL.
  case url([UInt8])
  /// `DEV[:FSTYPE]:PATH`.
  case file(device: [UInt8], path: BytePath, text: [UInt8])
  /// What is neither.
  case other([UInt8])

  private static let key = Array("apkovl=".utf8)

  /// Nil where the command line has none. Of several the last counts, as for any variable that is set again.
  package init?(commandLine: [UInt8]) {
    let words = commandLine.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") }
    guard let word = words.last(where: { $0.starts(with: Self.key) }) else { return nil }
    let value = Array(word.dropFirst(Self.key.count))
    guard !value.isEmpty else { return nil }
    self.init(value)
  }

  private init(_ value: [UInt8]) {
    if ["http://", "https://", "ftp://"].contains(where: { value.starts(with: $0.utf8) }) {
      self = .url(value)
      return
    }
    let parts = value.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count > 1, let device = parts.first, !device.isEmpty, let path = parts.last, !path.isEmpty else {
      self = .other(value)
      return
    }
    // The path may have a colon of its own; a type has no slash.
    let isTyped = parts.count == 3 && !parts[1].contains(BytePath.separator)
    let file = isTyped || parts.count == 2 ? path : value[(device.count + 1)...]
    self = .file(device: Array(device), path: BytePath(normalizing: file), text: value)
  }

  package var text: [UInt8] {
    switch self {
    case .url(let text), .other(let text), .file(_, _, let text): text
    }
  }
}
