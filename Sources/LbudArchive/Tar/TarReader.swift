import Crypto
import LbudCore

/// Reads a tar of any usual dialect (old, ustar, GNU, pax) as a stream, in memory that does not grow with it.
///
/// After an error the reader is of no more use.
package struct TarReader: ~Copyable {
  /// Fills the buffer it is given, at least one byte of it, and returns how many; 0 at the end of the input.
  package typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

  private var input: TarInput
  private var contentLeft: UInt64 = 0
  private var padding = 0
  private var currentPath: BytePath?
  private var isAtEnd = false
  private let refusesAbsoluteNames: Bool

  /// Whether the tar ended with a zero block, as it should, and not just between two entries.
  package private(set) var hasEndMark = false

  /// - Parameters:
  ///   - refusingAbsoluteNames: for who writes what is in it; else the slash in front of a name is dropped.
  ///   - position: where in the tar the source begins, in bytes.
  package init(refusingAbsoluteNames: Bool = false, startingAt position: UInt64 = 0, source: @escaping Source) {
    refusesAbsoluteNames = refusingAbsoluteNames
    input = TarInput(source: source, startingAt: position)
  }

  /// Where the next unread byte is in the tar.
  package var position: UInt64 { input.position }

  /// Where in the tar the current entry begins, with what says something of it in front.
  package private(set) var entryStart: UInt64 = 0

  /// The next entry; nil after the last. What is left of the content of the one before is skipped.
  ///
  /// Names come without leading `./` and `/`; an entry for the root directory itself is passed over.
  /// - Throws: `ArchiveError` and whatever the source throws.
  package mutating func next() throws -> Member? {
    var extensions = TarEntry.Extensions()
    try skipContent()
    entryStart = input.position
    while true {
      try skipContent()
      currentPath = nil
      let start = input.position
      guard !isAtEnd, let block = try nextBlock() else {
        isAtEnd = true
        return nil
      }
      if try takeExtension(block, into: &extensions) { continue }
      let entry = try entry(block, extensions, at: start)
      input.take(TarLayout.blockSize)
      contentLeft = entry.contentSize
      padding = TarLayout.padding(after: entry.contentSize)
      extensions = TarEntry.Extensions()
      // Every system has a root directory, and no snapshot carries it.
      if entry.member.path.isRoot {
        try skipContent()
        entryStart = input.position
        continue
      }
      currentPath = entry.member.path
      return entry.member
    }
  }

  /// Copies what comes next of the current entry's content; returns how many bytes, 0 at its end.
  /// - Throws: `ArchiveError.cutTar` and whatever the source throws.
  package mutating func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !target.isEmpty, let chunk = try nextChunk(upTo: target.count) else { return 0 }
    target.copyMemory(from: chunk)
    return chunk.count
  }

  /// The current entry's content, all of it.
  /// - Parameter size: its bytes, as the entry has them.
  /// - Throws: `ArchiveError.cutTar` and whatever the source throws.
  mutating func readWhole(size: UInt64) throws -> [UInt8] {
    var content: [UInt8] = []
    content.reserveCapacity(Int(clamping: size))
    while let chunk = try nextChunk(upTo: .max) { content.append(contentsOf: chunk) }
    return content
  }

  /// The SHA-256 of the current entry's content, or of what of it has not been read yet.
  /// - Throws: `ArchiveError.cutTar` and whatever the source throws.
  package mutating func digest() throws -> ContentDigest {
    var hash = SHA256()
    while let chunk = try nextChunk(upTo: .max) { hash.update(bufferPointer: chunk) }
    return try hash.contentDigest()
  }

  /// Content as it stands in the buffer, so that it is hashed without a copy; good until the next call.
  private mutating func nextChunk(upTo limit: Int) throws -> UnsafeRawBufferPointer? {
    guard contentLeft > 0 else { return nil }
    guard let chunk = try input.takeChunk(upTo: min(limit, Int(clamping: contentLeft))) else {
      throw ArchiveError.cutTar(path: currentPath, at: input.position)
    }
    contentLeft -= UInt64(chunk.count)
    return chunk
  }

  /// Passes over what is left of the current entry's content: an error here is one in that entry.
  /// - Throws: `ArchiveError.cutTar` and whatever the source throws.
  package mutating func skipContent() throws {
    while try nextChunk(upTo: .max) != nil {}
    contentLeft = UInt64(padding)
    padding = 0
    while try nextChunk(upTo: .max) != nil {}
  }

  /// The next header, not yet taken from the input; nil at the end.
  private mutating func nextBlock() throws -> TarBlock? {
    let start = input.position
    guard try input.hold(TarLayout.blockSize) else {
      if input.held.isEmpty { return nil }
      throw start == 0 ? ArchiveError.notTar : ArchiveError.cutTar(path: nil, at: start)
    }
    let block = TarBlock(input.held)
    if block.isZero {
      hasEndMark = true
      return nil
    }
    guard block.hasGoodChecksum else {
      throw start == 0
        ? ArchiveError.notTar : ArchiveError.badEntry(path: nil, reason: "a header has a wrong checksum", at: start)
    }
    return block
  }

  /// Takes an entry that only says something about the next one; false where `block` is no such entry.
  private mutating func takeExtension(_ block: TarBlock, into extensions: inout TarEntry.Extensions) throws -> Bool {
    let type = block.type
    guard [TarType.longName, TarType.longLink, TarType.paxHeader, TarType.paxGlobalHeader].contains(type) else {
      return false
    }
    let start = input.position
    do {
      let size = try block.number(TarLayout.size, called: "the size")
      guard size >= 0 else { throw TarBlock.Problem(reason: "the size is negative") }
      input.take(TarLayout.blockSize)
      contentLeft = UInt64(size)
      padding = TarLayout.padding(after: contentLeft)
      // Global headers hold comments and defaults (git archive, bsdtar); lbu's archives have none.
      if type == TarType.paxGlobalHeader { return true }
      try Self.add(try takeBody(), type: type, to: &extensions)
      return true
    } catch let problem as TarBlock.Problem {
      throw ArchiveError.badEntry(path: nil, reason: problem.reason, at: start)
    }
  }

  private static func add(
    _ body: [UInt8], type: UInt8, to extensions: inout TarEntry.Extensions
  ) throws(TarBlock.Problem) {
    switch type {
    case TarType.longName: extensions.longName = withoutFinalNUL(body)
    case TarType.longLink: extensions.longLink = withoutFinalNUL(body)
    default: extensions.pax = try PaxRecords(body)
    }
  }

  /// GNU tar counts the NUL that ends a long name, others do not write one.
  private static func withoutFinalNUL(_ body: [UInt8]) -> [UInt8] {
    body.last == 0 ? body.dropLast() : body
  }

  /// The whole content of an extension entry. No real one comes near the limit.
  private mutating func takeBody() throws -> [UInt8] {
    let limit: UInt64 = 1024 * 1024
    guard contentLeft <= limit else {
      throw TarBlock.Problem(reason: "a header extension of \(contentLeft) bytes is too long")
    }
    var body: [UInt8] = []
    body.reserveCapacity(Int(contentLeft))
    while let chunk = try nextChunk(upTo: .max) { body.append(contentsOf: chunk) }
    return body
  }

  private func entry(
    _ block: TarBlock, _ extensions: TarEntry.Extensions, at start: UInt64
  ) throws -> TarEntry {
    do {
      return try TarEntry(block, extensions, refusingAbsoluteNames: refusesAbsoluteNames)
    } catch let problem as TarBlock.Problem {
      let path = try? EntryName.path(of: extensions.name(in: block))
      throw ArchiveError.badEntry(path: path, reason: problem.reason, at: start)
    } catch let problem as TarEntry.Unsupported {
      throw ArchiveError.unsupportedType(path: problem.path, type: problem.type, at: start)
    }
  }
}
