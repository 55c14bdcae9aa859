/// What files looked like when they were last read.
struct SignatureMemory: Sendable {
  private var seen: [FileStatus.Signature?] = []
  private var stamp = FileTime.distantPast

  /// To be called before the files are read, so that what changes meanwhile shows.
  mutating func remember(_ signatures: () -> [FileStatus.Signature?]) {
    stamp = SystemClock.fileStamp()
    seen = signatures()
  }

  /// A file stamped in the tick in which it was read counts as different, since a second write would not show. One
  /// stamped in the future (the clock was set back since) does not: it would for ever.
  func mayDiffer(_ signatures: [FileStatus.Signature?]) -> Bool {
    signatures != seen || signatures.contains { $0?.changed.isSoonAfter(stamp) ?? false }
  }
}
