/// What /etc/fstab says about how file systems are mounted: fstab(5).
package struct FileSystemTable: Equatable, Sendable {
  package struct Entry: Hashable, Sendable {
    /// What is to be mounted, as written but for octal escapes.
    package var spec: [UInt8]
    package var point: [UInt8]
    package var type: String
    package var options: [String]

    package init(spec: [UInt8], point: [UInt8], type: String, options: [String]) {
      self.spec = spec
      self.point = point
      self.type = type
      self.options = options
    }
  }

  package var entries: [Entry]

  /// Comments, lines with less than the three fields that each must have, and lines with a NUL are passed over. The last
  /// one needs no newline: editors leave it out.
  package init(parsing bytes: [UInt8]) {
    entries = bytes.split(separator: UInt8(ascii: "\n")).compactMap(Entry.init(line:))
  }

  /// How the file system for this point is mounted: the first line that says it, as for util-linux' mount(8). Only a
  /// line whose point is a path counts; that of swap is `none`.
  package func entry(for point: [UInt8]) -> Entry? {
    let wanted = BytePath(normalizing: point)
    return entries.first {
      $0.type != "swap" && $0.point.first == BytePath.separator && BytePath(normalizing: $0.point) == wanted
    }
  }
}

extension FileSystemTable.Entry {
  fileprivate init?(line: ArraySlice<UInt8>) {
    // A carriage return counts as a blank: else it would become part of the last option.
    let fields = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
    guard fields.count >= 3, fields[0].first != UInt8(ascii: "#"), !line.contains(0) else { return nil }
    self.init(
      spec: decodingOctalEscapes(fields[0]), point: decodingOctalEscapes(fields[1]),
      type: String(decoding: decodingOctalEscapes(fields[2]), as: UTF8.self),
      options: fields.count > 3 ? Self.options(fields[3]) : [])
  }

  /// mount(8) decodes the whole field and takes the list apart then, so an escaped comma ends an option too.
  private static func options(_ field: ArraySlice<UInt8>) -> [String] {
    decodingOctalEscapes(field).split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: What is mounted

  package enum Specification: Hashable, Sendable {
    /// A device's path, or a directory's or an image's.
    case path([UInt8])
    case label([UInt8])
    case uuid([UInt8])
    /// What lbud leaves to mount(8): a partition's label or UUID, a server, a file system without a device.
    case other([UInt8])
  }

  package var specification: Specification {
    if let label = value(of: "LABEL=") { return .label(label) }
    if let uuid = value(of: "UUID=") { return .uuid(uuid) }
    // Two slashes begin a share of a server: mount.cifs(8).
    return spec.starts(with: "/".utf8) && !spec.starts(with: "//".utf8) ? .path(spec) : .other(spec)
  }

  /// What stands behind a tag, without the quotes that may be around it (libblkid's `blkid_parse_tag_string`).
  private func value(of tag: String) -> [UInt8]? {
    guard spec.starts(with: tag.utf8) else { return nil }
    let value = spec.dropFirst(tag.utf8.count)
    guard value.count >= 2, let quote = value.first, quote == value.last,
      quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
    else { return Array(value) }
    return Array(value.dropFirst().dropLast())
  }

  // MARK: How

  /// The options that `mount -o` is to be given: without `ro` and `rw`, which the caller decides, and without those that
  /// mean something only in fstab (mount(8), "filesystem-independent mount options"), which the kernel may refuse.
  package var mountOptions: [String] {
    options.filter { option in
      !Self.onlyForTable.contains(option) && !Self.beginningsOnlyForTable.contains { option.hasPrefix($0) }
    }
  }

  private static let onlyForTable: Set<String> = [
    "ro", "rw", "defaults", "auto", "noauto", "user", "nouser", "users", "nousers", "owner", "noowner", "group",
    "nogroup", "_netdev", "nofail",
  ]

  /// `X-` is not among these: mount(8) acts on `X-mount.subdir`, and without it the wrong directory would be mounted.
  private static let beginningsOnlyForTable = ["comment=", "user=", "x-"]
}
