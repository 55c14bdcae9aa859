import LbudCore
import Testing

@Suite("What a checker of file systems says")
struct CheckerReportTests {
  private func report(_ text: String) -> CheckerReport { CheckerReport(Array(text.utf8)) }

  @Test("what e2fsck -p gives up at is the line before it says so")
  func unmended() {
    let said = report(
      """
      /dev/vda was not cleanly unmounted, check forced.
      /dev/vda: Unattached inode 14


      /dev/vda: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.
      \t(i.e., without -a or -p options)

      """)
    #expect(said.reason == "Unattached inode 14")
    #expect(!said.blamesDevice)
    #expect(said.lines.count == 4 && said.lines.last == "(i.e., without -a or -p options)")
  }

  @Test("where the file system has a label that stands in the place of the device, whatever it is")
  func label() {
    for label in ["USB", "a: b", ": UNEXPECTED", "\u{e9}t\u{e9}"] {
      let said = report(
        "\(label): Directory inode 12, block #0: directory passes checks but fails checksum.\n\n"
          + "\(label): UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n\t(i.e., without -a or -p options)\n")
      #expect(said.reason == "Directory inode 12, block #0: directory passes checks but fails checksum.")
    }
  }

  @Test("a name that is not UTF-8, or moves the cursor, is shown and no more")
  func bytes() {
    let said = CheckerReport(
      Array("/dev/x: Entry '".utf8) + [0xff, 0x1b] + Array("[2J' in / (2)\n/dev/x: UNEXPECTED INCONSISTENCY; x\n".utf8))
    #expect(said.reason == "Entry '\u{fffd}\\x1b[2J' in / (2)")
  }

  @Test("a device that cannot be read is told from a damaged file system")
  func device() {
    for line in [
      "/dev/x: Error reading block 12 (Input/output error) while reading inode and block bitmaps.  ",
      "Error writing block 3 (No such device) while flushing.",
      "/dev/x: Error flushing writes to storage device: I/O error",
      "Error writing file system info: No such device",
      "fsck.ext4: I/O error while trying to open /dev/x",
      "Read 512 bytes at 2048:Input/output error",
      "Got 30720 bytes instead of 32690 at 2048",
      "fsck.ext4: Input/output error while trying to open /dev/x",
      "fsck.ext4: Attempt to read block from filesystem resulted in short read while trying to open /dev/x",
    ] {
      let said = report("\(line)\n\n/dev/x: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n")
      #expect(said.blamesDevice, "\(line)")
      #expect(said.reason == (line.hasPrefix("/dev/x: ") ? String(line.dropFirst(8)) : line))
    }
  }

  @Test("a device that cannot be read tells more than what else is said of the file system")
  func deviceFirst() {
    let said = report(
      """
      Pass 2: Checking directory structure
      Error reading block 2320 (Input/output error).  Ignore error? no

      USB: ********** WARNING: Filesystem still has errors **********

      """)
    #expect(said.reason == "Error reading block 2320 (Input/output error).  Ignore error? no")
  }

  @Test("what it has done is told by its answers")
  func answers() {
    let said = report(
      """
      Pass 4: Checking reference counts
      Unattached inode 13
      Connect to /lost+found? yes

      Inode 13 ref count is 2, should be 1.  Fix? yes

      /dev/ram0: ***** FILE SYSTEM WAS MODIFIED *****
      """)
    #expect(said.answers == ["Connect to /lost+found", "Inode 13 ref count is 2, should be 1.  Fix"])
    #expect(report("Connect to /lost+found? no\n").answers.isEmpty)
  }

  @Test("where it does not say what it gave up at, the last line about an error counts, else the last")
  func reasons() {
    #expect(
      report("Pass 1\n/dev/x: ********** WARNING: Filesystem still has errors **********\n/dev/x: 11/64 files\n").reason
        == "/dev/x: ********** WARNING: Filesystem still has errors **********")
    #expect(report("one\ntwo\n").reason == "two")
    #expect(report("x: UNEXPECTED INCONSISTENCY; RUN fsck\n").reason == "x: UNEXPECTED INCONSISTENCY; RUN fsck")
    #expect(report("").reason == "it says nothing")
    #expect(report("\n \n\t\n").reason == "it says nothing")
  }
}
