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
        remedy: "apk add \(header.checker == "fsck.vfat" ? "dosfstools" : "e2fsprogs")")
    }
    let check = Check(checker: header.checker, program: program, device: name, media: media)
    say("\(shown) was not unmounted cleanly: \(check.command("-p"))")
    let careful = try check.run("-p")
    switch careful.outcome {
    case .clean: return nil
    case .mended:
      return Problem(
        .warning, subject: shown, "was not unmounted cleanly; \(header.checker) has mended it",
        remedy: "nothing to do, if the power does not fail often")
    case .leftToPerson where header.canBeForced && !careful.report.blamesDevice:
      return try force(check, careful.report.reason, say)
    case .leftToPerson, .failed: throw check.failure("-p", careful)
    }
  }

  /// Does what the checker would ask a person for.
  private func force(_ check: Check, _ reason: String, _ say: (String) -> Void) throws(StoreError) -> Problem {
    say("\(check.command("-p")) cannot mend it: \(reason): \(check.command("-y"))")
    let forced = try check.run("-y")
    for line in forced.report.lines.prefix(Self.mostLines) { say("\(check.checker): \(line)") }
    guard forced.outcome == .mended || forced.outcome == .clean else { throw check.failure("-y", forced) }
    return Problem(
      .warning, subject: displayText(of: name),
      "was not unmounted cleanly; \(check.checker) -p could not mend it (\(reason)), \(check.checker) -y has",
      remedy: "look into lost+found for what has lost its name"
        + (forced.report.blamesDevice ? "; the medium may be dying: dmesg tells what the kernel saw" : ""))
  }

  /// How many lines of what a checker has done get into the log.
  private static let mostLines = 60
}

extension FileSystemHeader {
  /// Whether its checker has an option by which it does what it would ask a person for. fsck.vfat's `-p` does all it can.
  ///
  /// It is made use of, since for months nobody may come to a box, and until then nothing would be saved. At about one of ten
  /// moments of a commit a power cut leaves ext4 without a journal so that `-p` gives up, mostly at a file without a name; at
  /// none of them did `-y` cost a snapshot (contrib/crashtest, "forced").
  fileprivate var canBeForced: Bool {
    if case .ext = kind { return true }
    return false
  }
}

/// A program that checks a device.
private struct Check {
  let checker: String
  let program: String
  let device: [UInt8]
  let media: String

  enum Outcome { case clean, mended, leftToPerson, failed }

  struct Result {
    let outcome: Outcome
    let report: CheckerReport
  }

  /// More than so many bytes of output would end it in the middle of its work.
  private static let outputLimit = 16 << 20

  func command(_ option: String) -> String { "\(checker) \(option) \(displayText(of: device))" }

  func run(_ option: String) throws(StoreError) -> Result {
    let ended: Program.Ended
    do {
      ended = try Program.run(program, [Array(option.utf8), device], within: 1800, limit: Self.outputLimit)
    } catch {
      throw .unchecked(media, command(option), "\(error)", remedy: remedy)
    }
    return Result(
      outcome: Self.outcome(ended.code), report: CheckerReport(ended.output + Array(ended.complaint.utf8)))
  }

  /// fsck(8): 1 is "errors corrected", 4 "errors left uncorrected", and 8, an operational error, is no question to anybody.
  private static func outcome(_ code: Int32?) -> Outcome {
    switch code {
    case 0: .clean
    case 1: .mended
    case 4, 5: .leftToPerson
    default: .failed
    }
  }

  func failure(_ option: String, _ result: Result) -> StoreError {
    result.report.blamesDevice
      ? .unreadable(media, command(option), result.report.reason, remedy: "\(checker) \(displayText(of: device))")
      : .unchecked(media, command(option), result.report.reason, remedy: remedy)
  }

  private var remedy: String { command(checker == "fsck.vfat" ? "-a" : "-y") }
}
