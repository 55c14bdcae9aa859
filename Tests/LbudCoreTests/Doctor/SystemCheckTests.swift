import Testing

@testable import LbudCore

/// What the checks of all else that a boot depends on say, and what they say to do.
@Suite struct SystemCheckTests {
  @Test func packages() {
    #expect(
      Check.packages(nil) == .skipped(.packages, "there is no /etc/apk/world: no boot installs packages here"))
    #expect(
      Check.packages(CacheCoverageTests.coverage("foo", ["foo 1"]))
        == Check(.packages, .ok, "the next boot installs the 1 package of /etc/apk/world"))
    #expect(
      Check.packages(CacheCoverageTests.coverage("foo bar", ["foo 1"]))
        == .failed(
          .packages,
          "/etc/apk/world: names 1 package that the package cache does not hold, missing after a reboot without a "
            + "network: bar", remedy: "apk update && apk cache download; see: lbuctl cache"))
    #expect(
      Check.packages(CacheCoverageTests.coverage("foo bar", ["foo 1"]) { $0.bootsWithNetwork = true })
        == Check(.packages, .ok, "a network brings at the boot 1 of the 2 packages of /etc/apk/world"))
    #expect(
      Check.packages(CacheCoverageTests.coverage("foo bar", ["foo 1"]) { $0.hasUnknownIndex = true })
        == Check(
          .packages, .warning,
          "1 of the 2 packages of /etc/apk/world are not found, and not all places can be looked at",
          remedy: "lbuctl cache"))
  }

  @Test(
    arguments: [
      (
        ServiceFacts(runlevels: nil, saved: [], hasScript: false, scriptComesBack: false),
        .skipped(.service, "there is no /etc/runlevels: OpenRC is not in use here")
      ),
      (
        ServiceFacts(runlevels: [], saved: [], hasScript: true, scriptComesBack: true),
        .failed(
          .service, "lbud is in no runlevel: after a boot it does not run",
          remedy: "rc-update add lbud boot, then: lbuctl commit")
      ),
      (
        ServiceFacts(runlevels: ["boot".bytes], saved: ["boot".bytes], hasScript: false, scriptComesBack: true),
        .failed(
          .service, "lbud is in the runlevel boot, and there is no /etc/init.d/lbud: it is not started",
          remedy: "install it: openrc/lbud.initd of lbud")
      ),
      (
        ServiceFacts(runlevels: ["boot".bytes], saved: nil, hasScript: true, scriptComesBack: true),
        .skipped(.service, "lbud is in the runlevel boot; whether the snapshot has that cannot be told")
      ),
      (
        ServiceFacts(runlevels: ["boot".bytes], saved: [], hasScript: true, scriptComesBack: true),
        .failed(
          .service, "lbud is in the runlevel boot, and in the snapshot in none: after a boot it does not run",
          remedy: "lbuctl commit; if that is not enough: lbuctl include /etc/runlevels")
      ),
      (
        ServiceFacts(runlevels: ["boot".bytes], saved: ["boot".bytes], hasScript: true, scriptComesBack: false),
        .failed(
          .service, "/etc/init.d/lbud is neither of a package nor in the snapshot: after a boot lbud is not started",
          remedy: "lbuctl include /etc/init.d/lbud, and the programs of lbud, then: lbuctl commit")
      ),
      (
        ServiceFacts(runlevels: ["boot".bytes], saved: ["boot".bytes], hasScript: true, scriptComesBack: true),
        Check(.service, .ok, "lbud is in the runlevel boot, after a boot too")
      ),
    ] as [(ServiceFacts, Check)])
  func service(facts: ServiceFacts, expected: Check) { #expect(Check.service(facts) == expected) }

  private static let remedyForClock = "set the clock (ntpd -q, or date -s), and keep it: hwclock -w"

  @Test(
    arguments: [
      (
        ClockFacts(now: 1_795_784_400),
        Check(.clock, .ok, "the clock says 2026-11-27 13:00:00 UTC, and no snapshot is newer")
      ),
      // What the network has put back by a minute.
      (
        ClockFacts(now: 1_795_784_400, newest: ("/x", 1_795_784_460)),
        Check(.clock, .ok, "the clock says 2026-11-27 13:00:00 UTC, and no snapshot is newer")
      ),
      (
        ClockFacts(now: 1_795_784_400, newest: ("/x", 1_795_788_000)),
        .failed(
          .clock, "the clock says 2026-11-27 13:00:00 UTC, and /x is of 2026-11-27 14:00:00 UTC: one of them is wrong",
          remedy: remedyForClock + "; if it is right: remove that snapshot, or lbuctl commit if it is the current one")
      ),
      (
        ClockFacts(now: 0),
        .failed(
          .clock, "the clock says 1970-01-01 00:00:00 UTC, which was before this lbud was made", remedy: remedyForClock)
      ),
      (
        ClockFacts(now: 4_102_444_800),
        .failed(.clock, "the clock says 2100-01-01 00:00:00 UTC", remedy: remedyForClock)
      ),
      (
        ClockFacts(now: .max), .failed(.clock, "the clock says @9223372036854775807.000000000", remedy: remedyForClock)
      ),
    ] as [(ClockFacts, Check)])
  func clock(facts: ClockFacts, expected: Check) { #expect(Check.clock(facts) == expected) }

  @Test(
    arguments: [
      (AutomaticFacts(), Check(.automatic, .ok, "changes are saved by themselves")),
      (
        AutomaticFacts(hold: "held by root: a test"),
        Check(
          .automatic, .warning, "nothing is saved by itself, at shutdown neither: held by root: a test",
          remedy: "lbuctl release")
      ),
      (
        AutomaticFacts(hold: "held", confirmation: ("asked for by root", "the one before boots")),
        Check(
          .automatic, .warning, "what boots is to be confirmed (asked for by root), or else the one before boots",
          remedy: "lbuctl confirm")
      ),
      (
        AutomaticFacts(isOn: false, isOnAtShutdown: false),
        Check(
          .automatic, .warning, "changes are saved only when asked, since /etc/lbu/lbu.conf has LBUD_AUTO=no",
          remedy: "set LBUD_AUTO=yes in /etc/lbu/lbu.conf")
      ),
      (
        AutomaticFacts(isOn: false),
        Check(
          .automatic, .warning,
          "changes are saved only at shutdown and when asked, since /etc/lbu/lbu.conf has LBUD_AUTO=no",
          remedy: "set LBUD_AUTO=yes in /etc/lbu/lbu.conf")
      ),
      (
        AutomaticFacts(isOnAtShutdown: false),
        Check(
          .automatic, .warning, "what is unsaved at shutdown is lost, since /etc/lbu/lbu.conf has LBUD_ON_SHUTDOWN=no",
          remedy: "set LBUD_ON_SHUTDOWN=yes in /etc/lbu/lbu.conf")
      ),
      (
        AutomaticFacts(
          hold: "held", obstacle: Problem(.blocking, subject: "/etc/x", "cannot be read", remedy: "mend it")),
        .failed(.automatic, "nothing is saved, since /etc/x: cannot be read", remedy: "mend it")
      ),
      (
        AutomaticFacts(failure: ("/media/usb is full", "make room")),
        Check(.automatic, .warning, "the last commit failed: /media/usb is full", remedy: "make room")
      ),
    ] as [(AutomaticFacts, Check)])
  func automatic(facts: AutomaticFacts, expected: Check) { #expect(Check.automatic(facts) == expected) }
}
