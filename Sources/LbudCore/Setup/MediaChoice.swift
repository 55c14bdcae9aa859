/// The media that somebody asks for.
package enum MediaChoice: Equatable, Sendable {
  /// NAME of `/media/NAME`.
  case name([UInt8])
  case label([UInt8])
  case uuid([UInt8])

  /// - Parameter text: `NAME`, `/media/NAME`, `LABEL=..` or `UUID=..`. A slash at the end does not count, since a shell
  ///   completes one.
  /// - Throws: `SetupRefusal` for what is none of these.
  package init(_ text: [UInt8]) throws(SetupRefusal) {
    if text.starts(with: "LABEL=".utf8), text.count > 6 {
      self = .label(Array(text.dropFirst(6)))
    } else if text.starts(with: "UUID=".utf8), text.count > 5 {
      self = .uuid(Array(text.dropFirst(5)))
    } else {
      self = .name(try Self.name(of: text))
    }
  }

  private static func name(of text: [UInt8]) throws(SetupRefusal) -> [UInt8] {
    let path = BytePath(normalizing: text)
    let isPath = text.first == BytePath.separator
    let name = isPath && path.parent == BytePath("media") ? path.name : path.bytes
    guard !name.isEmpty, !name.contains(BytePath.separator), !isPath || path.parent == BytePath("media"),
      name != Array(".".utf8), name != Array("..".utf8)
    else {
      throw SetupRefusal(
        "\(displayText(of: text)) is no directory of /media: snapshots go to /media/$LBU_MEDIA",
        hint: "name one of /media, or LABEL=.. or UUID=..; for another directory set LBU_BACKUPDIR in /etc/lbu/lbu.conf"
      )
    }
    return name
  }

  /// As it was asked for.
  package var text: [UInt8] {
    switch self {
    case .name(let name): name
    case .label(let label): Array("LABEL=".utf8) + label
    case .uuid(let uuid): Array("UUID=".utf8) + uuid
    }
  }

  /// As fstab would name it; nil for a name.
  package var specification: FileSystemTable.Entry.Specification? {
    switch self {
    case .name: nil
    case .label(let label): .label(label)
    case .uuid(let uuid): .uuid(uuid)
    }
  }

  // MARK: The name in /media

  /// What is in the way of a name, or speaks for one.
  package struct Places: Equatable, Sendable {
    /// Where in /media fstab has this device, by its first line: that is where the boot loader moves it to (mkinitfs
    /// `initramfs-init.in`, `get_fstab_mount_info`).
    package var inTable: [UInt8]?
    /// Where in /media it is mounted now.
    package var mounted: [UInt8]?
    /// Names that are taken by something else: another line of fstab, another mount, files in the directory.
    package var taken: Set<[UInt8]>
    /// The names in /media.
    package var present: Set<[UInt8]>

    package init(
      inTable: [UInt8]? = nil, mounted: [UInt8]? = nil, taken: Set<[UInt8]> = [], present: Set<[UInt8]> = []
    ) {
      self.inTable = inTable
      self.mounted = mounted
      self.taken = taken
      self.present = present
    }
  }

  /// Which name the device gets, or has, in /media. setup-lbu makes `/media/LABEL=X`, whatever there is; here that is what
  /// is used where it is there already, or no better name is free. Where it is mounted goes before that: mounted at a second
  /// place it could not be written to while the first is read-only.
  package func name(label: [UInt8]?, places: Places) -> [UInt8] {
    if case .name(let name) = self { return name }
    if let known = places.inTable ?? places.mounted { return known }
    let asked = text.map { $0 == BytePath.separator ? UInt8(ascii: "_") : $0 }
    if places.present.contains(asked), !places.taken.contains(asked) { return asked }
    if let friendly = Self.friendlyName(label), !places.taken.contains(friendly) { return friendly }
    return Self.plain(asked)
  }

  private static func friendlyName(_ label: [UInt8]?) -> [UInt8]? {
    guard let label else { return nil }
    let name = plain(label)
    // A dot in front hides it; one of a dash looks like an option.
    guard let first = name.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-"),
      name.contains(where: { $0 != UInt8(ascii: "_") })
    else { return nil }
    return name
  }

  /// The boot loader reads fstab word by word and knows no octal escapes, so a name that is made here has no blanks.
  private static func plain(_ name: [UInt8]) -> [UInt8] {
    name.map { byte in
      let isPlain =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "._-=+".utf8.contains(byte)
      return isPlain ? byte : UInt8(ascii: "_")
    }
  }
}
