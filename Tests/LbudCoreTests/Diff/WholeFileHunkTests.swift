import LbudCore
import Testing

/// The hunk of a file that only one side has is the one GNU diff writes.
@Suite struct WholeFileHunkTests {
  @Test(arguments: [
    ("", true, ""),
    ("a\n", true, "@@ -0,0 +1 @@\n+a\n"),
    ("a", true, "@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n"),
    ("a\nb", false, "@@ -1,2 +0,0 @@\n-a\n-b\n\\ No newline at end of file\n"),
    ("\n\n\n", false, "@@ -1,3 +0,0 @@\n-\n-\n-\n"),
    ("a\r\nb\n", true, "@@ -0,0 +1,2 @@\n+a\r\n+b\n"),
  ])
  func isAsGNUWritesIt(content: String, isAdded: Bool, hunk: String) {
    #expect(String(decoding: WholeFileHunk.bytes(of: Array(content.utf8), isAdded: isAdded), as: UTF8.self) == hunk)
  }

  @Test(arguments: [
    (0, 0, "1970-01-01 00:00:00.000000000 +0000"),
    (1_795_754_400, 5, "2026-11-27 04:40:00.000000005 +0000"),
    (-1, 999_999_999, "1969-12-31 23:59:59.999999999 +0000"),
    (-70_000_000_000, 0, "-249-10-15 19:33:20.000000000 +0000"),
    (Int64.max, 7, "@9223372036854775807.000000007"),
  ])
  func timesAreInUTC(seconds: Int64, nanoseconds: Int64, text: String) {
    #expect(DiffTime.text(seconds: seconds, nanoseconds: nanoseconds) == text)
  }
}
