import LbudArchive
import LbudCore

/// The text of one path's difference.
struct DiffText {
  /// What is at the path now, or in the newer snapshot.
  enum Now {
    case nothing(DiffLine.Absence)
    case entry(CurrentEntry)
    case unknown(FileError)
  }

  /// What ends a diff that lacks hunks.
  static let remedy = Array(
    "no diff program is installed, so lines that changed are not shown; apk add diffutils brings one\n".utf8)

  let lines: DiffLine
  /// Nil where there is no program for it.
  let comparison: LineComparison?

  /// - Parameter comparesContent: whether content was read on both sides, as far as the limits allow.
  /// - Returns: whole lines, and whether hunks are missing for want of a program.
  func bytes(
    _ path: BytePath, from old: SnapshotContents.Entry?, to now: Now, comparesContent: Bool
  ) -> ([UInt8], needsProgram: Bool) {
    let entry: CurrentEntry?
    var absence = DiffLine.Absence.removed
    switch now {
    case .nothing(let why): (entry, absence) = (nil, why)
    case .entry(let there): entry = there
    case .unknown(let error): return (line(error), false)
    }
    let told = lines.lines(path, from: old?.fingerprint, to: entry?.fingerprint, absence: absence)
    let head = told.reduce(into: []) { $0 += $1 + [UInt8(ascii: "\n")] }
    if let trouble = entry?.trouble { return (head + line(trouble), false) }
    // Where the kinds differ the line says all: hunks would tell patch to remove what is not a file.
    let isOfOneKind = old == nil || entry == nil || old?.fingerprint.kind == entry?.fingerprint.kind
    guard comparesContent, isOfOneKind else { return (head, false) }
    let (body, needsProgram) = content(path, Side(old), Side(entry))
    return (head + body, needsProgram)
  }

  /// One side's file.
  private struct Side {
    var size: UInt64
    var time: String
    /// Nil where it has not been read.
    var content: [UInt8]?

    /// Nil where there is no file.
    init?(_ entry: SnapshotContents.Entry?) {
      guard let entry, case .file(let size, _) = entry.fingerprint.content else { return nil }
      self.size = size
      time = DiffTime.text(seconds: entry.modificationTime, nanoseconds: 0)
      content = entry.content
    }

    init?(_ entry: CurrentEntry?) {
      guard let entry, case .file(let size, _) = entry.fingerprint.content else { return nil }
      self.size = size
      time = DiffTime.text(seconds: entry.modified.seconds, nanoseconds: entry.modified.nanoseconds)
      content = entry.content
    }
  }

  private func content(_ path: BytePath, _ old: Side?, _ new: Side?) -> ([UInt8], needsProgram: Bool) {
    switch (old, new) {
    case (nil, nil): return ([], false)
    case (let old?, let new?):
      return content(path, old, new)
    case (let side?, nil), (nil, let side?):
      guard let content = side.content else { return (tooLarge(path, old, new), false) }
      guard !content.contains(0) else { return (binary(path), false) }
      let hunk = WholeFileHunk.bytes(of: content, isAdded: old == nil)
      guard !hunk.isEmpty else { return ([], false) }
      let labels = labels(path, old, new)
      return (command(path) + text("--- ") + labels.old + text("\n+++ ") + labels.new + text("\n") + hunk, false)
    }
  }

  private func content(_ path: BytePath, _ old: Side, _ new: Side) -> ([UInt8], needsProgram: Bool) {
    guard let before = old.content, let now = new.content else { return (tooLarge(path, old, new), false) }
    guard before != now else { return ([], false) }
    guard !before.contains(0), !now.contains(0) else { return (binary(path), false) }
    guard let comparison else { return (differ("Files", path, ""), true) }
    do {
      let hunks = try comparison.hunks(from: before, to: now, labels: labels(path, old, new))
      return (command(path) + hunks, false)
    } catch {
      return (differ("Files", path, " (not compared line by line: \(displayText(of: "\(error)".utf8)))"), false)
    }
  }

  private func names(_ path: BytePath) -> (old: [UInt8], new: [UInt8]) {
    (quotedName(text("a/") + path.bytes), quotedName(text("b/") + path.bytes))
  }

  private func labels(_ path: BytePath, _ old: Side?, _ new: Side?) -> (old: [UInt8], new: [UInt8]) {
    let names = names(path)
    return (
      names.old + text("\t" + (old?.time ?? DiffTime.ofNothing)),
      names.new + text("\t" + (new?.time ?? DiffTime.ofNothing))
    )
  }

  private func command(_ path: BytePath) -> [UInt8] {
    let names = names(path)
    return text("diff -ruN ") + names.old + text(" ") + names.new + text("\n")
  }

  private func binary(_ path: BytePath) -> [UInt8] { differ("Binary files", path, "") }

  private func tooLarge(_ path: BytePath, _ old: Side?, _ new: Side?) -> [UInt8] {
    let sizes = [old, new].map { $0.map { SpaceNeed.shown($0.size) } ?? "nothing" }
    return differ("Files", path, " (\(sizes[0]) and \(sizes[1]): too large to compare line by line)")
  }

  private func differ(_ what: String, _ path: BytePath, _ why: String) -> [UInt8] {
    let names = names(path)
    return text(what + " ") + names.old + text(" and ") + names.new + text(" differ\(why)\n")
  }

  private func line(_ error: FileError) -> [UInt8] { text("\(error)\n") }

  private func text(_ text: String) -> [UInt8] { Array(text.utf8) }
}
