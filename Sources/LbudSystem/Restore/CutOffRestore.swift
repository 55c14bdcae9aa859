import LbudCore

/// The word, kept in `run/lbud` while a restore changes what runs, of the snapshot that it is from. Where it is found later
/// the restore was ended in the middle: what runs is a mixture, and what was there before may still have temporary names.
package struct CutOffRestore: Equatable, Sendable {
  private static let file = "restore"

  /// The snapshot's file, relative to the directory of the media.
  package var snapshot: [UInt8]

  /// - Returns: nil where none was cut off.
  /// - Throws: `FileError`.
  package static func read(_ run: RunFolder) throws(FileError) -> CutOffRestore? {
    let bytes = try run.read(file)
    return bytes.isEmpty ? nil : CutOffRestore(snapshot: bytes)
  }

  /// To be called when nothing is mixed any more, or somebody wants it as it is.
  /// - Throws: `FileError`.
  package static func forget(_ run: RunFolder) throws(FileError) { try run.removeSurely(file) }

  func keep(_ run: RunFolder) throws(FileError) { try run.write(snapshot, to: Self.file) }

  /// Of its snapshot.
  package var name: String { displayText(of: snapshot) }

  /// What is wrong, in a few words.
  package var words: String { "a restore from \(name) was cut off: what runs is a mixture" }

  package var problem: Problem {
    Problem(
      .degraded, subject: "restore", words,
      remedy: "to finish it: lbuctl restore --all --from \(name); to have what runs saved as it is: lbuctl release")
  }
}

/// A restore that changes what runs, with the word of it.
struct RestoreUnderWay {
  private let run: RunFolder
  /// One before that was cut off.
  let former: CutOffRestore?
  /// Whether nothing is mixed any more when it is done.
  private let isAll: Bool

  /// - Throws: `FileError`.
  init(_ run: RunFolder, isAll: Bool) throws(FileError) {
    self.run = run
    self.isAll = isAll
    former = try CutOffRestore.read(run)
  }

  /// To be called before the first change.
  /// - Throws: `FileError`.
  func begin(from snapshot: [UInt8]) throws(FileError) {
    // A part of what is mixed already is no more mixed afterwards.
    if former == nil || isAll { try CutOffRestore(snapshot: snapshot).keep(run) }
  }

  /// All is done.
  /// - Throws: `FileError`.
  func end() throws(FileError) { if former == nil || isAll { try CutOffRestore.forget(run) } }

  /// All has been taken back.
  /// - Throws: `FileError`.
  func takenBack() throws(FileError) {
    if let former { try former.keep(run) } else { try CutOffRestore.forget(run) }
  }
}
