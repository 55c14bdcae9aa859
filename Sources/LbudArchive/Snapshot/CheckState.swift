import Crypto
import LbudCore

/// A check on its way through the pieces of a snapshot.
struct CheckState {
  private(set) var findings: SnapshotFindings
  /// Whether there is more in it than any real one has: it is not read on.
  private(set) var isHostile = false
  private let readAt: (UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  private var tarHash = SHA256()
  private var fileHash = SHA256()
  private var placement = Placement()
  private var count: MemberCount
  /// The last entry so far.
  private var last: BytePath?

  init(
    _ findings: SnapshotFindings, _ limits: SnapshotIndex.Limits,
    _ readAt: @escaping (UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) {
    self.findings = findings
    count = MemberCount(limits: limits)
    self.readAt = readAt
  }

  /// Where the reading of a piece is.
  private struct Place {
    /// The entry whose content is being read; nil in a header.
    var path: BytePath?
    /// The one before.
    var behind: BytePath?
    /// Where in the tar that ends.
    var end: UInt64?
    var seen: [BytePath] = []
    var seenCount = 0
  }

  /// - Throws: `CancellationError`, `ArchiveError.zlib`.
  mutating func check(_ piece: SnapshotCheck.Piece, isLast: Bool) throws {
    // Where each span has a hash of its own, the piece is one.
    if piece.proof != nil { tarHash = SHA256() }
    let bytes = CheckedBytes(piece, readAt, fileHash)
    let gzip = try HashedPiece(bytes, tarHash)
    var place = Place(behind: last)
    var failure: (any Error)?
    do { try readEntries(of: piece, isLast, gzip, &place) } catch { failure = error }
    var gzipFailure: (any Error)?
    if !isHostile {
      do { try gzip.drain() } catch { gzipFailure = error }
    }
    for error in [failure, gzipFailure].compactMap(\.self) {
      if error is CancellationError { throw error }
      if case .zlib? = error as? ArchiveError { throw error }
    }
    last = place.path ?? place.behind
    (tarHash, fileHash) = (gzip.hash, bytes.hash)
    // What is wrong below shows above as nonsense.
    if let gzipFailure {
      // Of the check at its end the reader learns when it asks for another entry.
      let isAtEnd = failure == nil || (place.path == nil && place.end == piece.tarEnd)
      add(gzipFailure, place, isAtEnd: isAtEnd, isDoubtful: true)
    } else if let failure {
      add(failure, place, isAtEnd: false, isDoubtful: false)
    } else if let size = piece.tarSize, gzip.size != size {
      add(
        Wrong("it unpacks to \(gzip.size) bytes, and the record says \(size)"), place, isAtEnd: true, isDoubtful: true)
    } else if let proof = piece.proof {
      try compare(bytes, with: proof, piece, place)
    }
  }

  private mutating func compare(
    _ bytes: CheckedBytes, with proof: SnapshotRecord.Proof, _ piece: SnapshotCheck.Piece, _ place: Place
  ) throws {
    if try tarHash.contentDigest() != proof.tarSHA256 {
      let error = ArchiveError.wrongSpanHash(at: piece.tarStart)
      add(Wrong("\(error); its gzip members are whole"), place, isAtEnd: true, isDoubtful: true)
    } else if bytes.part.sum != proof.sum {
      add("\(ArchiveError.wrongFileHash)")
    }
  }

  private mutating func readEntries(
    of piece: SnapshotCheck.Piece, _ isLast: Bool, _ gzip: HashedPiece, _ place: inout Place
  ) throws {
    var reader = TarReader(refusingAbsoluteNames: true, startingAt: piece.tarStart) { try gzip.read(into: $0) }
    while let member = try reader.next() {
      place.path = member.path
      findings.entryCount += 1
      try take(member)
      try reader.skipContent()
      place.end = reader.position
      if Self.needsItsMember(member) {
        place.seenCount += 1
        if place.seen.count < SnapshotFindings.listed { place.seen.append(member.path) }
      }
      (place.path, place.behind) = (nil, member.path)
    }
    guard reader.hasEndMark == isLast else {
      throw isLast ? ArchiveError.noEndMark(at: reader.position) : Wrong("the archive ends before its last entry")
    }
  }

  /// Whether only the check of its gzip member vouches for it: a header has one of its own, but for a name that has no room
  /// there.
  private static func needsItsMember(_ member: Member) -> Bool {
    if case .file(let size) = member.body, size > 0 { return true }
    return member.path.bytes.count >= TarLayout.name.count
  }

  private mutating func take(_ member: Member) throws {
    do { try count.add(member) } catch {
      isHostile = true
      throw error
    }
    // Behind a damaged piece what it made is not known.
    if findings.isWhole {
      try placement.take(member)
    } else if let problem = Placement.problem(member.path) {
      throw Wrong(problem)
    }
  }

  /// What only the whole can tell.
  mutating func compare(with record: SnapshotRecord) throws {
    let found = try tarHash.contentDigest().hexadecimal
    if let recorded = record.tarSHA256, found != recorded {
      let error = ArchiveError.wrongTarHash(recorded: recorded, found: found)
      add("\(error); each gzip member is whole, so that no one file can be named")
    } else if let recorded = record.compressedSHA256, try fileHash.contentDigest().hexadecimal != recorded {
      add("\(ArchiveError.wrongFileHash)")
    } else if record.entryCount != findings.entryCount {
      add("the record counts \(record.entryCount) entries, and \(findings.entryCount) are there")
    }
  }

  mutating func add(_ reason: String) { findings.damages.append(SnapshotFindings.Damage(reason: reason)) }

  /// - Parameters:
  ///   - isAtEnd: whether all entries of the piece had been read.
  ///   - isDoubtful: whether those that were read may be damaged.
  private mutating func add(_ error: any Error, _ place: Place, isAtEnd: Bool, isDoubtful: Bool) {
    let isOnlyOne = isAtEnd && isDoubtful && place.seenCount == 1
    let path = isOnlyOne ? place.seen.first : place.path
    var damage = SnapshotFindings.Damage(path: path, reason: "\(error)")
    if let path, damage.reason.hasPrefix(path.display + ": ") {
      damage.reason = String(damage.reason.dropFirst(path.display.count + 2))
    }
    if path == nil, !isAtEnd, let behind = place.behind { damage.reason += ", behind \(behind.display)" }
    if isDoubtful, !isOnlyOne { (damage.doubtful, damage.doubtfulCount) = (place.seen, place.seenCount) }
    findings.damages.append(damage)
  }

  private struct Wrong: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}

/// A piece's compressed bytes, hashed as they pass.
private final class CheckedBytes {
  let start: UInt64
  let part: PartReader
  private(set) var hash: SHA256
  /// Format 1 has a hash of the whole file.
  private let isHashed: Bool

  init(
    _ piece: SnapshotCheck.Piece, _ readAt: @escaping (UInt64, UnsafeMutableRawBufferPointer) throws -> Int,
    _ hash: SHA256
  ) {
    start = piece.compressed.lowerBound
    part = PartReader(piece.compressed, readAt)
    isHashed = piece.proof == nil
    self.hash = hash
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try part.read(into: target)
    if isHashed { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: target[..<count])) }
    return count
  }
}

/// The same unpacked.
private final class HashedPiece {
  private var gzip: GzipReader
  private(set) var hash: SHA256
  private(set) var size: UInt64 = 0
  /// What went wrong first; zlib is of no use afterwards.
  private var failure: (any Error)?
  private let start: UInt64

  init(_ bytes: CheckedBytes, _ hash: SHA256) throws {
    gzip = try GzipReader(startingAt: bytes.start) { try bytes.read(into: $0) }
    self.hash = hash
    start = bytes.start
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    if let failure { throw failure }
    do {
      let count = try gzip.read(into: target)
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: target[..<count]))
      size += UInt64(count)
      return count
    } catch ArchiveError.notGzip where start > 0 {
      failure = ArchiveError.damagedGzip(at: start, reason: "no gzip header")
    } catch {
      failure = error
    }
    throw failure ?? ArchiveError.notGzip
  }

  func drain() throws {
    let buffer = OwnedBuffer()
    while try read(into: buffer.bytes) > 0 {}
  }
}
