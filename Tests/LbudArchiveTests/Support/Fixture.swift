import Crypto
import LbudCore
import LbudTestSupport

@testable import LbudArchive

/// A tree with everything in it that a system's /etc may hold.
enum Fixture {
  static let longDirectory = String(repeating: "d", count: 80)

  /// What every tar format can hold: short names, no special files.
  static let plain: [Entry] = [
    directory("etc"),
    Entry("etc/empty", .file(size: 0), mode: 0o600),
    owned(Entry("etc/hostname", content: "alpha\n"), uid: 12, gid: 34),
    Entry(BytePath("etc/random"), content: random(200_000)),
    directory("etc/ssl", mode: 0o1777),
    Entry(BytePath("etc/ssl/su"), content: random(511), mode: 0o4755),
    Entry(BytePath("etc/ssl/wall"), content: random(512), mode: 0o2755),
    Entry("etc/ssl/link", .symlink(target: Array("../no where".utf8)), mode: 0o777),
    Entry(BytePath("etc/with space"), content: random(513)),
    Entry("etc/world", .hardLink(to: BytePath("etc/hostname"))),
    Entry("root-level", content: "no slash"),
  ]

  /// What needs more than the old header.
  static let long: [Entry] =
    plain.dropLast() + [
      directory(longDirectory),
      directory(longDirectory + "/" + longDirectory),
      Entry(longDirectory + "/" + longDirectory + "/file", content: "deep"),
      Entry(longDirectory + "/short", .symlink(target: [UInt8](repeating: UInt8(ascii: "t"), count: 100)), mode: 0o777),
      directory("names"),
      Entry(BytePath("names/" + String(repeating: "m", count: 93)), content: [1]),
      Entry(BytePath("names/" + String(repeating: "n", count: 94)), content: [2]),
      Entry(BytePath("names/new\nline"), content: [3]),
      Entry(BytePath(bytes: Array("names/".utf8) + [0xff, 0x80, 0x01, 0x1b]), content: [4]),
      Entry("names/pipe", .fifo, mode: 0o620),
    ] + plain.suffix(1)

  /// What needs GNU's extensions, or pax.
  static let longest: [Entry] =
    long.dropLast() + [
      Entry(BytePath("names/" + String(repeating: "o", count: 95)), content: [5]),
      Entry(BytePath("names/" + String(repeating: "p", count: 255)), content: [6]),
      Entry("names/target", .symlink(target: [UInt8](repeating: UInt8(ascii: "t"), count: 101)), mode: 0o777),
      Entry("names/far", .symlink(target: [UInt8](repeating: UInt8(ascii: "t"), count: 3000)), mode: 0o777),
      owned(Entry("names/owner", content: "big"), uid: 4_000_000_000, gid: 2_097_152),
      Entry("names/past", .file(size: 0), time: -86_401),
    ] + plain.suffix(1)

  static let devices: [Entry] = [
    directory("dev"),
    Entry("dev/null", .characterDevice(major: 1, minor: 3), mode: 0o666),
    Entry("dev/loop", .blockDevice(major: 7, minor: 200), mode: 0o660),
  ]

  static func directory(_ path: String, mode: UInt16 = 0o755) -> Entry {
    Entry(path, .directory, mode: mode)
  }

  static func owned(_ entry: Entry, uid: UInt32, gid: UInt32) -> Entry {
    var entry = entry
    entry.member.uid = uid
    entry.member.gid = gid
    return entry
  }

  static func random(_ count: Int) -> [UInt8] {
    var generator = SeededNumbers(seed: UInt64(count))
    return generator.bytes(count)
  }

  /// The index these entries must give, put together without the library's reader.
  static func index(of entries: [Entry]) throws -> SavedEntries {
    var index: [BytePath: Fingerprint] = [:]
    for entry in entries {
      let member = entry.member
      let content: Fingerprint.Content
      switch member.body {
      case .hardLink(let target):
        index[member.path] = index[target]
        continue
      case .file(let size):
        content = .file(size: size, digest: ContentDigest(SHA256.hash(data: entry.content)))
      case .directory: content = .directory
      case .symlink(let target): content = .symlink(target: target)
      case .fifo: content = .fifo
      case .characterDevice(let major, let minor): content = .characterDevice(major: major, minor: minor)
      case .blockDevice(let major, let minor): content = .blockDevice(major: major, minor: minor)
      }
      index[member.path] = Fingerprint(content: content, mode: member.mode, uid: member.uid, gid: member.gid)
    }
    return SavedEntries(index)
  }
}
