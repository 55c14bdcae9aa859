import LbudCore
import Testing

@Suite struct ShellComplaintTests {
  /// As dash, bash and busybox ash have said them.
  @Test(arguments: [
    ("/bin/sh: 3: s3cret: not found\n", "line 3: not found"),
    ("/bin/sh: line 3: s3cret: command not found", "line 3: not found"),
    ("sh: line 3: s3cret: not found", "line 3: not found"),
    (#"/bin/sh: 4: Syntax error: "then" unexpected"#, "line 4: syntax error"),
    ("/bin/sh: 7: Syntax error: Unterminated quoted string", "line 7: syntax error, unterminated quoted string"),
    (
      "/bin/sh: line 9: syntax error near unexpected token `s3cret'\n/bin/sh: line 9: `PASSWORD=( s3cret'\n",
      "line 9: syntax error"
    ),
    ("/bin/sh: line 12: unexpected EOF while looking for matching `\"'", "line 12: unexpected eof"),
    ("sh: syntax error: unterminated quoted string", "syntax error, unterminated quoted string"),
    ("/bin/sh: 2: .: cannot open /etc/s3cret: No such file", "line 2: it fails"),
    ("/bin/sh: 5: X: parameter not set", "line 5: parameter not set"),
    ("/bin/sh: 6: s3cret: Permission denied", "line 6: permission denied"),
    ("s3cret", "it fails"), ("s3cret: s3cret: s3cret", "it fails"), (":", "it fails"), ("::::", "it fails"),
    ("sh: 12345678901234567890: s3cret", "it fails"), ("sh: ٤: s3cret", "it fails"),
  ])
  func noWordOfTheFileIsRepeated(said: String, expected: String) {
    #expect(ShellComplaint.withoutWords(said) == expected)
  }

  /// `set -x` has the shell print every value.
  @Test func aTraceIsNoComplaint() {
    #expect(
      ShellComplaint.withoutWords("+ PASSWORD=s3cret\n++ id -u\n/bin/sh: 3: x: not found\n") == "line 3: not found")
    #expect(ShellComplaint.withoutWords("+ PASSWORD=s3cret\n+ false\n") == "it fails")
  }

  @Test func nothingSaidIsNothing() {
    #expect(ShellComplaint.withoutWords("") == nil)
    #expect(ShellComplaint.withoutWords("\n") == nil)
  }
}
