import Testing

@testable import LbudCore

/// Every line is what `apk version -t LEFT RIGHT` of apk-tools 3.0.6 says.
@Suite struct PackageVersionTests {
  @Test(
    arguments: [
      ("1", "<", "1.0"), ("1.0", "<", "1.0.0"), ("1.01", "<", "1.1"), ("1.10", ">", "1.2"), ("01", "=", "1"),
      ("1a", "<", "1b"), ("1.0a", ">", "1.0"), ("1.0a", "<", "1.0.1"), ("1.0a", ">", "1.0_p1"),
      ("1.0_alpha", "<", "1.0"), ("1.0_alpha", "<", "1.0_alpha1"), ("1.0_alpha2", "<", "1.0_beta"),
      ("1.0_beta", "<", "1.0_pre1"), ("1.0_pre1", "<", "1.0_rc1"), ("1.0_rc1", "<", "1.0_rc10"),
      ("1.0_rc10", "<", "1.0"), ("1.0", "<", "1.0_cvs1"), ("1.0_cvs1", "<", "1.0_svn1"),
      ("1.0_svn1", "<", "1.0_git20240101"), ("1.0_git20240101", "<", "1.0_hg1"), ("1.0_hg1", "<", "1.0_p"),
      ("1.0_p", "<", "1.0_p1"), ("1.0_p1", "<", "1.0_p1_p2"), ("1.0_alpha_pre1", "<", "1.0_alpha"),
      ("1.0-r0", ">", "1.0"), ("1.0-r1", "<", "1.0-r10"), ("1.0_rc1-r3", "<", "1.0"), ("1.0.1", ">", "1.0-r10"),
      ("1.0~abc", "<", "1.0~abd-r1"), ("1.0~abc", ">", "1.0"), ("1.0-r1", "<", "1.0~abc"), ("2", "<", "20240101"),
      ("0.001", "<", "0.01"), ("0.01", "<", "0.1"), ("18446744073709551616", "<", "1"),
    ])
  func order(left: String, sign: String, right: String) {
    let expected: [String: PackageVersion.Relation] = ["<": .less, "=": .equal, ">": .greater]
    let opposite: [String: PackageVersion.Relation] = ["<": .greater, "=": .equal, ">": .less]
    #expect(PackageVersion.compare(left.utf8, right.utf8) == expected[sign])
    #expect(PackageVersion.compare(right.utf8, left.utf8) == opposite[sign])
  }

  @Test(arguments: [
    "", "x", "1..0", "1.0_foo", "1.0-x", "1.0-r", "1.0ab", "1.0a1", "1.0~", "1.0-r1-r2", "1.0-r1_p", "1.0 ",
  ])
  func noVersion(text: String) {
    #expect(!PackageVersion.isValid(text.utf8))
  }

  @Test func bytesThatAreNoText() {
    #expect(!PackageVersion.isValid([0x31, 0xff]))
    #expect(PackageVersion.compare([0xff], [0xfe]) == .equal)
  }
}
