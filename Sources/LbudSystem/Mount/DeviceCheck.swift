import LbudCore

/// A program that checks a device which nobody has mounted.
struct DeviceCheck {
  let header: FileSystemHeader
  let program: String
  let device: [UInt8]
  /// For errors.
  let media: String

  enum Outcome {
    case clean, mended
    /// It has ended before it wrote anything.
    case gaveUp
    /// Errors are left, about which it would ask a person.
    case leftToPerson
    case failed
  }

  struct Result {
    let outcome: Outcome
    let report: CheckerReport
  }

  var checker: String { header.checker }

  func command(_ option: String) -> String { "\(checker) \(option) \(displayText(of: device))" }

  /// - Parameter limit: bytes that it may say.
  /// - Throws: `StoreError` where it cannot be run, does not end within half an hour, or says more.
  func run(_ option: String, atMost limit: Int = Program.outputLimit) throws(StoreError) -> Result {
    do {
      let ended = try Program.run(program, arguments(option), within: 1800, limit: limit)
      return result(ended.code, ended.output + Array(ended.complaint.utf8))
    } catch {
      throw .unchecked(media, command(option), clause("\(error)"), remedy: remedy)
    }
  }

  /// The same for one that must not be stopped in the middle of its work: its output goes to a file in memory, which takes all
  /// of it, also when lbud is killed.
  /// - Throws: `StoreError` where it cannot be run, or does not end within a day.
  func runToItsEnd(_ option: String) throws(StoreError) -> Result {
    do {
      let input = try MemoryFile.make([]), output = try MemoryFile.make([]), complaint = try MemoryFile.make([])
      let ended = try Program.run(
        program, arguments(option), with: .init(input: input.raw, output: output.raw, memory: complaint.raw),
        within: 24 * 3600)
      let said = try Program.text(in: output.raw, behind: 0)
      return result(ended.code, Array((said + ended.complaint).utf8))
    } catch {
      throw .unchecked(media, command(option), clause("\(error)"), remedy: remedy)
    }
  }

  private func arguments(_ option: String) -> [[UInt8]] { [Array(option.utf8), device] }

  private func result(_ code: Int32?, _ output: [UInt8]) -> Result {
    var outcome = Self.outcome(code)
    // fsck.vfat ends with 1 as well where it cannot go on; all that it has to write it writes at its end (dosfstools io.c).
    if outcome == .clean || outcome == .mended, MediaDevice.header(of: device)?.needsCheck != false {
      outcome = .gaveUp
    }
    return Result(outcome: outcome, report: CheckerReport(output))
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
    let byHand = "\(checker) \(displayText(of: device))"
    return result.report.blamesDevice
      ? .unreadable(media, command(option), result.report.reason, remedy: byHand)
      : .unchecked(media, command(option), result.report.reason, remedy: option == "-y" ? byHand : remedy)
  }

  private var remedy: String { command(header.isFAT ? "-a" : "-y") }
}
