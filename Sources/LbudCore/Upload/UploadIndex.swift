/// Which old snapshots a server keeps for a box that has no media of its own: a file beside the current one, a line for each.
package struct UploadIndex: Equatable, Sendable {
  package struct Entry: Hashable, Sendable {
    /// `HOST.DATE.tar.gz`.
    package var name: String
    /// Bytes.
    package var size: UInt64
    /// In hexadecimal digits.
    package var sha256: String

    package init(name: String, size: UInt64, sha256: String) {
      self.name = name
      self.size = size
      self.sha256 = sha256
    }
  }

  package var entries: [Entry]

  package init(_ entries: [Entry] = []) { self.entries = entries }

  private static let heading = "lbud: old snapshots, 1"
  /// More than any box has.
  private static let longest = 10_000

  /// - Returns: nil where it is none: somebody else's file, or one that was cut off.
  package init?(parsing bytes: [UInt8]) {
    guard bytes.last == UInt8(ascii: "\n"), let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first.map(String.init) == Self.heading, lines.count <= Self.longest else { return nil }
    entries = []
    for line in lines.dropFirst() {
      let fields = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3, let size = UInt64(fields[0]), fields[1].utf8.count == 64,
        fields[1].utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }), Self.isName(fields[2])
      else { return nil }
      entries.append(Entry(name: String(fields[2]), size: size, sha256: String(fields[1])))
    }
  }

  /// It becomes the name of a file.
  private static func isName(_ name: Substring) -> Bool {
    SnapshotName.parseDated(Array(name.utf8)) != nil && !name.utf8.contains(BytePath.separator)
  }

  package var bytes: [UInt8] {
    Array((Self.heading + "\n" + entries.map { "\($0.size) \($0.sha256) \($0.name)\n" }.joined()).utf8)
  }
}

extension UploadAddress {
  /// Where the index of old snapshots is, beside the current one.
  package var index: UploadAddress { beside("old") }

  /// Where an old snapshot is.
  package func former(_ name: String) -> UploadAddress { beside(Self.percentEncoded(name)) }

  private func beside(_ name: String) -> UploadAddress { UploadAddress(url: url + ".lbud-" + name, host: host) }
}
