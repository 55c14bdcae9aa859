import LbudCore

@testable import LbudArchive

/// A tar of any dialect: a snapshot on a medium is anybody's file.
let tar = Target(name: "tar", longest: 8192) { bytes in
  var input = Input(bytes)
  let mendsChecksums = input.byte() & 1 == 1
  let sizes = input.pieceSizes()
  var archive = input.bytes
  // Else nearly every change of a header would only be found to be one.
  if mendsChecksums { mendChecksums(&archive) }

  let whole = TarContents(archive, sizes: [.max])
  expectEqual(TarContents(archive, sizes: sizes), whole, "a tar in pieces and at once")
  for entry in whole.entries { expectHarmless(entry.member) }
  expect(whole.entries.reduce(0) { $0 + $1.content.count } <= archive.count, "no more content than there is archive")
  expect(whole.error == nil || !whole.hasEndMark, "nothing is read behind the end mark")

  expectPlaced(whole.entries.map(\.member))
  if TarContents(archive, sizes: [.max], refusingAbsoluteNames: true).error == nil {
    expectEqual(whole.error, nil, "who takes absolute names takes all others")
  }

  let again = TarContents(written(whole.entries), sizes: sizes)
  expectEqual(again.error, nil, "the entries written again")
  expectEqual(again.entries, whole.entries, "the entries written again")
}

struct TarContents: Equatable {
  struct Entry: Equatable {
    var member: Member
    var content: [UInt8] = []
  }

  /// The whole ones.
  var entries: [Entry] = []
  var error: String?
  var hasEndMark = false

  init(_ archive: [UInt8], sizes: [Int], refusingAbsoluteNames: Bool = false) {
    var rest = pieces(of: archive, sizes: sizes)[...]
    var reader = TarReader(refusingAbsoluteNames: refusingAbsoluteNames) { target in
      guard let piece = rest.popFirst() else { return 0 }
      let part = piece.prefix(target.count)
      target.copyBytes(from: part)
      if part.count < piece.count { rest.insert(piece.dropFirst(part.count), at: rest.startIndex) }
      return part.count
    }
    var buffer = [UInt8](repeating: 0, count: 500)
    do {
      while let member = try reader.next() {
        var entry = Entry(member: member)
        while true {
          let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
          if count == 0 { break }
          entry.content += buffer[..<count]
        }
        entries.append(entry)
      }
    } catch {
      self.error = "\(error)"
    }
    hasEndMark = reader.hasEndMark
  }
}

/// No entry leads out of the root, whatever it is unpacked with.
func expectHarmless(_ member: Member) {
  expectHarmless(member.path)
  expect(member.mode <= 0o7777, "a mode has permission bits only")
  if case .hardLink(let target) = member.body { expectHarmless(target) }
  if case .symlink(let target) = member.body {
    expect(!target.isEmpty && !target.contains(0), "a link leads somewhere")
  }
}

func expectHarmless(_ path: BytePath) {
  expect(!path.isRoot && !path.bytes.contains(0), "a name is one")
  let names = path.bytes.split(separator: BytePath.separator, omittingEmptySubsequences: false)
  let dots = [Array(".".utf8), Array("..".utf8)]
  for name in names { expect(!name.isEmpty && !dots.contains(Array(name)), "\(path) does not lead out of the root") }
}

/// What may be written lies in nothing that the archive made a link before.
private func expectPlaced(_ members: [Member]) {
  var placement = Placement()
  var links: [BytePath] = []
  for member in members {
    guard (try? placement.take(member)) != nil else { return }
    expect(!links.contains { member.path.isInside($0) }, "\(member.path) is not written through a link")
    if case .symlink = member.body { links.append(member.path) }
    if case .hardLink(let target) = member.body { expect(!links.contains { target.isInside($0) }, "nor is \(target)") }
  }
}

/// Entries as lbud writes them.
func written(_ entries: [TarContents.Entry]) -> [UInt8] {
  var archive: [UInt8] = []
  do {
    for entry in entries {
      archive += try TarEncoder.headers(of: entry.member) + entry.content
      archive += Array(repeating: 0, count: TarLayout.padding(after: UInt64(entry.content.count)))
    }
  } catch {
    expect(false, "an entry that was read can be written: \(error)")
  }
  return archive + Array(repeating: 0, count: 2 * TarLayout.blockSize)
}

/// Where the reader would look for headers, each gets the checksum that it should have.
func mendChecksums(_ archive: inout [UInt8]) {
  var start = 0
  while start + TarLayout.blockSize <= archive.count {
    let block = start..<(start + TarLayout.blockSize)
    guard archive[block].contains(where: { $0 != 0 }) else { return }
    let field = (start + TarLayout.checksum.lowerBound)..<(start + TarLayout.checksum.upperBound)
    archive.replaceSubrange(field, with: Array("        ".utf8))
    let sum = archive[block].reduce(0) { $0 + Int($1) }
    let digits = Array(String(sum, radix: 8).utf8)
    archive.replaceSubrange(
      field, with: Array(repeating: UInt8(ascii: "0"), count: 6 - digits.count) + digits + [0, UInt8(ascii: " ")])
    let size = archive[block].withUnsafeBytes { TarNumber.read(UnsafeRawBufferPointer(rebasing: $0[TarLayout.size])) }
    let hasContent = Array("\u{0}07LKxg".utf8).contains(archive[start + TarLayout.type])
    let blocks = hasContent ? (UInt64(clamping: size ?? 0) + 511) / 512 : 0
    guard blocks < UInt64(archive.count) else { return }
    start += TarLayout.blockSize * (1 + Int(blocks))
  }
}
