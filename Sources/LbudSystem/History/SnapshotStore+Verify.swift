import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What a reading of a whole snapshot from the medium has found.
package struct Verification: Sendable {
  package enum Verdict: Equatable, Sendable {
    case sound
    case damaged
    /// Nothing can be told without its password.
    case sealed
  }

  package var entry: HistoryEntry
  package var verdict: Verdict
  /// Nil where it could not be opened at all.
  package var findings: SnapshotFindings?
  /// What is wrong with it, in one line; nil where nothing is.
  package var why: String?
}

extension SnapshotStore {
  /// Reads a snapshot from the medium, past the page cache, and checks all of it. An encrypted one is decrypted for that, in
  /// memory.
  /// - Parameter say: takes what is worth a debug line.
  /// - Throws: `StoreError` where there is none of that name, or the media cannot be read; `CancellationError` where it is
  ///   interrupted.
  package func verify(_ reference: SnapshotReference, say: @escaping (String) -> Void) throws -> Verification {
    do {
      return try mount.withAccess(.reading, note: { say($0.line) }, say: say) {
        try verifyMounted(try entryMounted(reference))
      }
    } catch let error as FileError {
      throw StoreError.from(error, media: path)
    }
  }

  private func verifyMounted(_ entry: HistoryEntry) throws -> Verification {
    let shown = path + "/" + displayText(of: entry.relativeName)
    guard decryption.canOpen(entry.name) else { return Verification(entry: entry, verdict: .sealed) }
    let findings: SnapshotFindings
    do {
      findings = try self.findings(of: entry, shown)
    } catch let error as StoreError where error.isPasswordMissing {
      return Verification(entry: entry, verdict: .sealed)
    } catch let error as StoreError where error.isDamage {
      return Verification(entry: entry, verdict: .damaged, why: error.description)
    }
    guard let damage = findings.damages.first else {
      return Verification(entry: entry, verdict: .sound, findings: findings)
    }
    let place = damage.path.map { "/\($0.display): " } ?? ""
    let others = findings.damages.count > 1 ? "; and \(findings.damages.count - 1) more" : ""
    return Verification(
      entry: entry, verdict: .damaged, findings: findings, why: place + damage.reason + others)
  }

  private func findings(of entry: HistoryEntry, _ shown: String) throws -> SnapshotFindings {
    let file = try openIn(mount.open(), entry.relativeName, shown)
    // What another program has not written yet stays in memory.
    _ = fsync(file.raw)
    guard SnapshotName.cipher(of: entry.name) == nil else {
      // Its reader is openssl, which goes by the page cache.
      posix_fadvise(file.raw, 0, 0, POSIX_FADV_DONTNEED)
      let plain = try decryption.plain(file, named: entry.name, path: shown)
      return try findings(in: plain) { raw, offset, buffer in
        try Descriptor.read(raw, at: offset, into: buffer, path: MemoryFile.path)
      }
    }
    let reader = MediumReader(file, path: shown)
    return try findings(in: file) { _, offset, buffer in try reader.read(at: offset, into: buffer) }
  }

  private func findings(
    in file: borrowing Descriptor, _ read: @escaping (Int32, UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> SnapshotFindings {
    let (raw, size) = (file.raw, try file.status(path: "a snapshot").size)
    return try SnapshotCheck.run(fileSize: size) { offset, buffer in
      if isInterrupted() { throw CancellationError() }
      return try read(raw, offset, buffer)
    }
  }
}
