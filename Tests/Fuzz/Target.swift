import Glibc

/// Something that reads bytes from outside, and what must hold for any of them.
struct Target: Sendable {
  let name: String
  /// Bytes; what is longer finds nothing that is not found with less.
  var longest = 4096
  let run: @Sendable ([UInt8]) -> Void
}

let targets = [
  frames, calls, replies, inotify, installed, protected, lbuList, tar, snapshot, record, mountinfo, fstab,
  configuration, packages, names, devices, run, accounts,
]

/// Ends the process where something does not hold: the fuzzer then keeps the input.
func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
  guard !holds else { return }
  say("lbud-fuzz: does not hold: \(what())\n")
  abort()
}

/// The two must be the same.
func expectEqual<Value: Equatable>(_ left: Value, _ right: Value, _ what: @autoclosure () -> String) {
  expect(left == right, "\(what())\n  \(left)\n  \(right)")
}

func say(_ text: String) {
  let bytes = Array(text.utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}
