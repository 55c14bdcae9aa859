/// Names of what a restore makes beside the places it is for, and of what has just gone from there. None is ever part of a
/// snapshot, and the next restore removes those that a crash has left in the directories it writes to.
package enum TemporaryName {
  private static let prefix = Array(".lbud-restore.".utf8)

  package static func make(_ number: UInt64) -> [UInt8] {
    prefix + Array(String(number, radix: 16).utf8)
  }

  package static func isOne(_ name: [UInt8]) -> Bool { name.count > prefix.count && name.starts(with: prefix) }
}
