import LbudCore

/// The check of a file system that nobody has unmounted: what a power cut left of it can cost the snapshot as soon as it is
/// written to (facts, section 5).
extension MediaDevice {
  /// - Returns: what is worth knowing; nil where it needs no check, or the check found nothing.
  /// - Throws: `StoreError` where the checker cannot mend it, or the device cannot be read.
  func checkIfNeeded(media: String, say: (String) -> Void) throws(StoreError) -> Problem? {
    guard let header = header(), header.needsCheck else { return nil }
    let shown = displayText(of: name)
    guard let program = Program.find(header.checker) else {
      return Problem(
        .warning, subject: shown, "was not unmounted cleanly and cannot be checked: there is no \(header.checker)",
        remedy: "apk add \(header.checkerPackage)")
    }
    let check = DeviceCheck(header: header, program: program, device: name, media: media)
    say("\(shown) was not unmounted cleanly: \(check.command("-p"))")
    let careful = try check.run("-p")
    switch careful.outcome {
    case .clean: return nil
    case .mended:
      return Problem(
        .warning, subject: shown, "was not unmounted cleanly; \(header.checker) has mended it",
        remedy: "nothing to do, if the power does not fail often")
    case .gaveUp where header.canDoWithoutCheck:
      return Problem(
        .warning, subject: shown,
        "was not unmounted cleanly, and \(check.command("-p")) gives up: \(careful.report.reason)",
        remedy: careful.report.blamesDevice
          ? "the medium may be dying: dmesg tells what the kernel saw; have another one ready"
          : "see what it asks for: \(check.command("-r"))")
    case .leftToPerson where header.canBeForced && !careful.report.blamesDevice:
      return try force(check, careful, say)
    case .gaveUp, .leftToPerson, .failed: throw check.failure("-p", careful)
    }
  }

  /// Does what the checker would ask a person for.
  private func force(
    _ check: DeviceCheck, _ careful: DeviceCheck.Result, _ say: (String) -> Void
  ) throws(StoreError) -> Problem {
    let reason = careful.report.reason
    // What -p has given up at is the first problem that it must not mend. Whether all of the device can be read is seen by
    // who looks at the rest without changing it.
    let look = try check.run("-n", atMost: Self.mostOfPowerCut)
    guard !look.report.blamesDevice else { throw check.failure("-n", look) }
    guard look.outcome == .leftToPerson else { throw check.failure("-p", careful) }
    say("\(check.command("-p")) cannot mend it: \(reason): \(check.command("-y"))")
    let forced = try check.runToItsEnd("-y")
    for line in forced.report.lines.prefix(Self.mostLines) { say("\(check.checker): \(line)") }
    guard forced.outcome == .mended || forced.outcome == .clean else { throw check.failure("-y", forced) }
    let answers = forced.report.answers
    let more = answers.count > Self.mostAnswers ? ", and \(answers.count - Self.mostAnswers) more" : ""
    return Problem(
      .warning, subject: displayText(of: name),
      "was not unmounted cleanly; \(check.checker) -p could not mend it (\(reason)), \(check.checker) -y has: "
        + (answers.isEmpty ? "it says not how" : answers.prefix(Self.mostAnswers).joined(separator: ", ") + more),
      remedy: "look into lost+found for what has lost its name"
        + (forced.report.blamesDevice ? "; the medium may be dying: dmesg tells what the kernel saw" : ""))
  }

  /// Bytes that a checker may say of it: some thousand lines are no work of a power cut any more.
  private static let mostOfPowerCut = 1 << 18
  /// How many lines of what a checker has done are worth a debug line each.
  private static let mostLines = 60
  /// And how many of its answers are told.
  private static let mostAnswers = 5
}

extension FileSystemHeader {
  /// Whether its checker is told to do what it would ask a person for, where it is not its device that is at fault.
  ///
  /// For months nobody may come to a box, and until then nothing would be saved. At about one of ten moments of a commit a
  /// power cut leaves ext4 without a journal so that `-p` gives up, mostly at a file without a name; at none of them did `-y`
  /// cost a snapshot (contrib/crashtest, "forced"). With a journal no power cut leaves anything of the kind: what is wrong
  /// there has another reason, and is for a person. fsck.vfat's `-p` does all it can.
  fileprivate var canBeForced: Bool { kind == .ext(hasJournal: false) }

  /// Whether what a power cut leaves harms nothing where no checker has run (contrib/crashtest, "bare").
  fileprivate var canDoWithoutCheck: Bool { isFAT }
}
