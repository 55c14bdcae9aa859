import LbudCore
import LbudProtocol
import LbudSystem
import Testing

@testable import LbuctlCommands

@Suite("What lbuctl watch draws")
struct WatchDrawingTests {
  private static let saved = "saved: /media/usb/box.apkovl.tar.gz (41 entries, 18 kB, 2026-11-24 21:10:01, idle)"

  @Test func nothingIsUnsaved() {
    #expect(
      Sample.state(Sample.status()).text(6, 100) == """
        lbud on box                                                                                  q: quit
        \(Self.saved)
        next: nothing to do: all that was changed is saved
        unsaved: nothing


        """)
  }

  @Test func theCommitIsCountedDown() {
    let state = Sample.state(Sample.status(Sample.waiting, pending: [Sample.change("etc/motd")]))
    #expect(state.text(1, 80) == "next: commit in 27 s, if nothing more changes (LBUD_IDLE=30)")
    #expect(state.text(1, 80, after: 20) == "next: commit in 7 s, if nothing more changes (LBUD_IDLE=30)")
    #expect(state.text(1, 80, after: 99) == "next: commit in 0 s, if nothing more changes (LBUD_IDLE=30)")
  }

  @Test func manyChangesAreCutAndCounted() {
    let changes = (0..<24).map { Sample.change("etc/file\($0)", .added) }
    var state = Sample.state(Sample.status(Sample.waiting, pending: changes, total: 200))
    _ = state.take(Sample.event(.planned, "", Sample.waiting, changes: 200))
    _ = state.take(Sample.event(.changed, "changed: etc/file7", Sample.waiting, changes: 200))
    #expect(
      state.text(12, 60) == """
        lbud on box                                          q: quit
        saved: /media/usb/box.apkovl.tar.gz (41 entries, 18 kB,
          2026-11-24 21:10:01, idle)
        next: commit in 27 s, if nothing more changes (LBUD_IDLE=30)
        unsaved: 200 changes
          A etc/file0
          A etc/file1
          A etc/file2
          A etc/file3
          and 196 more

        22:10:01 changed: etc/file7
        """)
  }

  @Test func aCommitIsMade() {
    var state = Sample.state(Sample.status(Sample.committing, pending: [Sample.change("etc/motd")]))
    let progress = ProgressReport(step: .writing, done: 1_200_000, total: 2_300_000)
    _ = state.take(Sample.event(.committing, "a commit begins (idle): 1 change", Sample.committing, changes: 1))
    let asks = state.take(Sample.event(.progress, "writing: 52 %", Sample.committing, changes: 1, progress: progress))
    #expect(!asks, "the status says nothing about it")
    #expect(
      state.text(8, 80) == """
        lbud on box                                                              q: quit
        saved: /media/usb/box.apkovl.tar.gz (41 entries, 18 kB, 2026-11-24 21:10:01, id>
        next: a commit is being made
          writing    [##################------------------]  52%  1.2 MB of 2.3 MB
        unsaved: 1 change
          U etc/motd

        22:10:01 a commit begins (idle): 1 change
        """)
    #expect(state.text(2, 40) == "next: a commit is being made\n  writing 52%, 1.2 MB of 2.3 MB")
    _ = state.take(Sample.event(.committed, "saved 1 change to /media/usb/box.apkovl.tar.gz (idle)"))
    #expect(state.progress == nil)
  }

  @Test(
    "a rogue's numbers break nothing",
    arguments: [(-5, 10), (20, 10), (.max, .max), (.min, .max), (3, -1), (0, 0)] as [(Int, Int)])
  func strangeProgress(done: Int, total: Int) {
    var state = Sample.state(Sample.status(Sample.committing))
    let progress = ProgressReport(step: .checking, done: done, total: total)
    _ = state.take(Sample.event(.progress, "", Sample.committing, progress: progress))
    for columns in [1, 40, 60, 200] { #expect(state.text(4, columns).contains("\n")) }
  }

  @Test(arguments: [-1e300, -1, 0, 1e300]) func strangeTimes(at: Double) {
    let plan = PlanReport(state: .waiting, sentence: "commit in 1 s", at: at)
    var state = Sample.state(Sample.status(plan, snapshot: SnapshotReport(name: "s", size: -1, time: at, entries: -1)))
    _ = state.take(Sample.event(.failed, "", plan))
    #expect(state.text(5, 80).contains("next: commit in "))
  }

  @Test func itIsHeld() {
    let hold = HoldReport(
      since: Sample.wall, until: Sample.wall + 7200, uid: 0, user: "root", message: "a \u{1b}[31mfirewall")
    let plan = PlanReport(
      state: .held, sentence: "no commit for 2 h, at shutdown neither: held by root: a \\x1b[31mfirewall",
      at: Sample.wall + 7200)
    let state = Sample.state(Sample.status(plan, pending: [Sample.change("etc/motd")], hold: hold))
    #expect(
      state.text(24, 60, after: 1).split(separator: "\n", omittingEmptySubsequences: true).joined(separator: "\n")
        == """
        lbud on box                                          q: quit
        saved: /media/usb/box.apkovl.tar.gz (41 entries, 18 kB,
          2026-11-24 21:10:01, idle)
        next: no commit for 119 min 59 s, at shutdown neither: held
          by root: a \\x1b[31mfirewall
        held: by root since 2026-11-24 22:10:01: a \\x1b[31mfirewall
          until 2026-11-25 00:10:01, lbuctl release or the next boot
        unsaved: 1 change
          U etc/motd
        """)
  }

  @Test func theMediaIsMissingAndACommitHasFailed() {
    let state = Sample.state(
      Sample.status(
        PlanReport(state: .blocked, sentence: "commit as soon as the media is there", at: nil),
        pending: [Sample.change("etc/motd")],
        media: MediaReport(path: "/media/usb", present: false, problem: "/media/usb is not there"),
        problems: [
          ProblemReport(
            severity: .blocking, subject: "/media/usb", text: "/media/usb is not there", remedy: "plug it in")
        ], lastError: FailureReport(time: Sample.wall, message: "cannot write", hint: "make room")))
    #expect(
      state.text(10, 80) == """
        lbud on box                                                              q: quit
        saved: unknown, /media/usb cannot be used
        next: commit as soon as the media is there
        blocking: /media/usb is not there
          plug it in
        last error: 2026-11-24 22:10:01: cannot write
          make room
        unsaved: 1 change
          U etc/motd

        """)
    // What has to go first is what is said elsewhere, and what to do before what is wrong.
    #expect(
      state.text(5, 30) == """
        saved: unknown, /media/usb ca>
        next: commit as soon as the m>
        blocking: /media/usb is not t>
        unsaved: 1 change
          U etc/motd
        """)
    #expect(state.text(2, 20) == "next: commit as soo>\nunsaved: 1 change")
  }

  @Test func noMediaIsConfiguredAndNothingIsSaved() {
    let none = MediaReport(path: nil, present: false, problem: "none")
    #expect(Sample.state(Sample.status(media: none)).text(4, 80).contains("\nsaved: nothing, no media is configured\n"))
    #expect(Sample.state(Sample.status(snapshot: nil)).text(4, 80).contains("\nsaved: nothing yet in /media/usb\n"))
  }

  @Test func namesCannotMoveTheCursorAndFitWhateverTheyAre() {
    let names: [[UInt8]] = [
      Array("etc/a\u{1b}[2J\nb".utf8), Array("etc/".utf8) + [0xff, 0x9b], Array("etc/\u{9b}31m".utf8),
      Array("etc/".utf8) + [UInt8](repeating: 0x78, count: 255),
      Array(("etc/" + String(repeating: "中", count: 85)).utf8),
    ]
    let state = Sample.state(Sample.status(pending: names.map { Sample.change($0) }))
    #expect(
      state.text(9, 21).split(separator: "\n").suffix(5) == [
        "  U etc/a\\x1b[2J\\nb", "  U etc/\u{fffd}\u{fffd}", "  U etc/\\x9b31m", "  U etc/xxxxxxxxxxxx>",
        "  U etc/中中中中中中>",
      ])
  }

  @Test func sentencesOfTheDaemonCannotMoveTheCursorEither() {
    var state = Sample.state(Sample.status(PlanReport(state: .clean, sentence: "a\u{1b}[2Jb\\n", at: nil)))
    #expect(state.text(1, 80) == "next: a\\x1b[2Jb\\n")
    _ = state.take(Sample.event(.failed, "c\u{9b}d\n"))
    #expect(state.text(24, 80).hasSuffix("\n22:10:01 c\\x9bd\\n"))
  }

  @Test("no size breaks it", arguments: 1...30)
  func allSizes(rows: Int) {
    var state = Sample.state(
      Sample.status(
        Sample.waiting, pending: (0..<30).map { Sample.change("etc/f\($0)") }, total: 40,
        hold: HoldReport(since: 0, until: nil, uid: 7, user: nil, message: nil),
        problems: [ProblemReport(severity: .warning, subject: "a", text: "b", remedy: "c")],
        lastError: FailureReport(time: 0, message: "m", hint: "h")))
    for kind in EventReport.Kind.allCases { _ = state.take(Sample.event(kind, "\(kind)", Sample.waiting, changes: 40)) }
    for columns in [1, 2, 7, 20, 79, 80, 200] {
      let lines = state.drawn(TerminalScreen.Size(rows: rows, columns: columns), now: Sample.now)
      #expect(lines.count == rows)
      #expect(lines.allSatisfy { displayWidth(of: $0.text) <= columns })
      #expect(lines.contains { $0.text.hasPrefix(String("next: commit".prefix(max(0, columns - 1)))) })
    }
  }
}
