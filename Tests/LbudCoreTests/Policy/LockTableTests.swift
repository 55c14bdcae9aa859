import LbudCore
import Testing

@Suite("Who is in a transaction, by /proc/locks")
struct LockTableTests {
  static let text = """
    1: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF
    1: -> FLOCK  ADVISORY  WRITE 99 00:1a:1 0 EOF
    2: POSIX  ADVISORY  READ 77 fd:0b:12 0 EOF
    3: OFDLCK ADVISORY  WRITE -1 fd:0b:13 0 EOF
    4: FLOCK  ADVISORY  WRITE 0 08:01:14 0 EOF
    5: LEASE  ACTIVE    READ 5 08:01:15 0 EOF

    """

  @Test(
    arguments: [
      (0, 0x1a, 5678, .init(pid: 1234)), (0xfd, 0x0b, 13, .init(pid: nil)), (8, 1, 14, .init(pid: nil)),
      // Waits for it, or reads only; another device, another file.
      (0, 0x1a, 1, nil), (0xfd, 0x0b, 12, nil), (1, 0x1a, 5678, nil), (0, 0x1b, 5678, nil), (0, 0x1a, 567, nil),
    ] as [(UInt32, UInt32, UInt64, LockTable.Holder?)])
  func holders(major: UInt32, minor: UInt32, inode: UInt64, expected: LockTable.Holder?) {
    #expect(LockTable.writer(in: Array(Self.text.utf8), major: major, minor: minor, inode: inode) == expected)
  }

  @Test(
    "whatever stands there is no crash",
    arguments: [
      "", "\n\n", "1:", "1: FLOCK ADVISORY WRITE 1 0:0 0 EOF", "1: FLOCK ADVISORY WRITE x zz:zz:zz 0 EOF", "\u{fffd}",
    ])
  func garbage(text: String) {
    #expect(LockTable.writer(in: Array(text.utf8), major: 0, minor: 0, inode: 0) == nil)
  }
}
