import LbudCore

@testable import LbudArchive

/// An archive in memory.
struct MemoryOutput: ArchiveOutput {
  var bytes: [UInt8] = []
  /// Fails with `Refused` once more than so many bytes are there.
  var limit = Int.max

  struct Refused: Error {}

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard self.bytes.count + bytes.count <= limit else {
      self.bytes += bytes.prefix(limit - self.bytes.count)
      throw Refused()
    }
    self.bytes += bytes
  }

  mutating func truncate(to position: UInt64) throws {
    bytes.removeSubrange(Int(position)...)
  }
}

/// An entry and its content.
struct Entry: Hashable {
  var member: Member
  var content: [UInt8] = []

  init(_ member: Member) {
    self.member = member
  }

  init(_ path: String, _ body: Member.Body, mode: UInt16 = 0o644, time: Int64 = 1_700_000_000) {
    member = Member(path: BytePath(path), body: body, mode: mode, uid: 0, gid: 0, modificationTime: time)
  }

  init(_ path: BytePath, content: [UInt8], mode: UInt16 = 0o644) {
    member = Member(
      path: path, body: .file(size: UInt64(content.count)), mode: mode, uid: 0, gid: 0,
      modificationTime: 1_700_000_000)
    self.content = content
  }

  init(_ path: String, content: String) {
    self.init(BytePath(path), content: Array(content.utf8))
  }
}

/// A function that delivers `bytes`, at most `step` at a time.
func source(_ bytes: [UInt8], step: Int = .max) -> (UnsafeMutableRawBufferPointer) -> Int {
  var rest = bytes[...]
  return { target in
    let part = rest.prefix(min(step, target.count))
    target.copyBytes(from: part)
    rest = rest.dropFirst(part.count)
    return part.count
  }
}

/// The same for reading anywhere.
func randomAccess(_ bytes: [UInt8]) -> (UInt64, UnsafeMutableRawBufferPointer) -> Int {
  { offset, target in
    let part = bytes.dropFirst(Int(offset)).prefix(target.count)
    target.copyBytes(from: part)
    return part.count
  }
}

extension ArchiveWriter where Output == MemoryOutput {
  mutating func append(_ entry: Entry) throws {
    if case .file = entry.member.body {
      _ = try append(entry.member, reading: source(entry.content))
    } else {
      try append(entry.member)
    }
  }
}

let facts = SnapshotFacts(
  host: "alpha", time: 1_700_000_000, reason: "commit", uid: 1000, user: "ncopa", message: "a message", changedCount: 3)

func snapshot(
  _ entries: [Entry], spanSize: Int = 256 * 1024, facts: SnapshotFacts = facts
) throws -> (bytes: [UInt8], record: SnapshotRecord) {
  var writer = try ArchiveWriter(output: MemoryOutput(), spanSize: spanSize)
  for entry in entries { try writer.append(entry) }
  let (output, record) = try writer.finish(facts)
  return (output.bytes, record)
}

func unpack(_ gzip: [UInt8], step: Int = .max) throws -> [UInt8] {
  var reader = try GzipReader(source: source(gzip, step: step))
  var all: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 10_000)
  while true {
    let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
    guard count > 0 else { return all }
    all += buffer[..<count]
  }
}

/// The entries of an unpacked tar.
func entries(ofTar tar: [UInt8], step: Int = .max) throws -> [Entry] {
  var reader = TarReader(source: source(tar, step: step))
  var found: [Entry] = []
  var buffer = [UInt8](repeating: 0, count: 1000)
  while let member = try reader.next() {
    var entry = Entry(member)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
      guard count > 0 else { break }
      entry.content += buffer[..<count]
    }
    found.append(entry)
  }
  return found
}

func index(of bytes: [UInt8]) throws -> SnapshotIndex {
  try SnapshotIndex.read(fileSize: UInt64(bytes.count), readAt: randomAccess(bytes))
}
