/// The names that lbu takes for those of old snapshots, whoever's they are.
extension SnapshotName {
  private static let middle = Array(".tar.gz".utf8)

  /// Whether `lbu list-backup` shows the name: `*.[0-9][0-9]*[0-9][0-9].tar.gz*` of a shell, to which a dot in front is
  /// special (alpine-conf `lbu.in`).
  package static func isOld(_ name: [UInt8]) -> Bool {
    name.first != UInt8(ascii: ".") && endOfOld(name) != nil
  }

  /// What stands behind `.tar.gz` in the name of an old snapshot, with its dot: the cipher of an encrypted one.
  package static func suffix(ofOld name: [UInt8]) -> [UInt8] {
    endOfOld(name).map { Array(name[$0...]) } ?? []
  }

  /// The end of the last `.tar.gz` with a date before it.
  private static func endOfOld(_ name: [UInt8]) -> Int? {
    guard name.count >= middle.count else { return nil }
    let starts = (0...(name.count - middle.count)).filter { name[$0..<($0 + middle.count)].elementsEqual(middle) }
    return starts.last { isDated(name[..<$0]) }.map { $0 + middle.count }
  }

  /// Two digits behind a dot, and two other ones at the end.
  private static func isDated(_ stem: ArraySlice<UInt8>) -> Bool {
    let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    guard stem.suffix(2).count == 2, stem.suffix(2).allSatisfy(isDigit) else { return false }
    return stem.indices.dropLast(4).contains {
      stem[$0] == UInt8(ascii: ".") && isDigit(stem[$0 + 1]) && isDigit(stem[$0 + 2])
    }
  }
}
