import LbudCore
import LbudTestSupport
import Testing

/// Situations, and what becomes of each old snapshot in them and why. What is expected is a text as a person would read it;
/// the names in it, in another order, are what is decided on.
@Suite("Which old snapshots stay, and why")
struct RetentionDecisionTests {
  @Test("as the text has it", arguments: RetentionSituations.all)
  func golden(situation: RetentionSituation) {
    var numbers = SeededNumbers(seed: 7)
    let names = situation.names.shuffled(using: &numbers)
    let decisions = Retention.decisions(
      on: names + names.prefix(2), host: "box".bytes, policy: situation.policy, given: situation.given,
      protected: situation.protected)
    #expect(RetentionSituation.text(decisions) == situation.expected)
    // Whatever happens, each is decided on once, and what goes is of this host.
    #expect(decisions.count == Set(decisions.map(\.name)).count)
    #expect(decisions.allSatisfy { !$0.reasons.isEmpty })
    #expect(decisions.filter { !$0.isKept }.allSatisfy { SnapshotName.parseDated($0.name)?.host == "box".bytes })
  }

  @Test func howManyStayIsWhatTheRulesSay() {
    // One each hour for two years.
    let names = (0..<17_520).map { Array(SnapshotName.dated(host: "box", time: 1_700_000_000 + $0 * 3600).utf8) }
    let rules = KeepRules("last=5 daily=7 weekly=4 monthly=6 yearly=2")
    let kept = Retention.decisions(on: names, host: "box".bytes, policy: rules.map { .rules($0) } ?? .limit(0))
      .filter(\.isKept)
    let of = { (rule: String) in
      kept.count { $0.reasons.contains { if case .newest(rule, _) = $0 { true } else { false } } }
    }
    #expect(kept.prefix(5).map(\.name) == names.suffix(5).reversed())
    #expect([of("daily"), of("weekly"), of("monthly"), of("yearly")] == [7, 4, 6, 2])
    #expect(kept.count <= 5 + 7 + 4 + 6 + 2)
  }

  @Test("what stays once stays as time goes on, as long as a rule wants it")
  func keepsWhatItHas() {
    // A commit each five hours, each time with the rules applied: the months that have passed are all there in the end.
    var names: [[UInt8]] = []
    let rules = KeepRules("last=2 monthly=12").map { Retention.Policy.rules($0) } ?? .limit(0)
    for commit in 0..<1600 {
      let name = Array(SnapshotName.dated(host: "box", time: 1_735_689_600 + Int64(commit) * 18_000).utf8)
      names = Retention.decisions(on: names + [name], host: "box".bytes, policy: rules, given: [name])
        .filter(\.isKept).map(\.name)
    }
    let months = names.compactMap {
      SnapshotName.parseDated($0).map { String(decoding: $0.date.prefix(6), as: UTF8.self) }
    }
    #expect(
      Set(months).sorted() == [
        "202501", "202502", "202503", "202504", "202505", "202506", "202507", "202508", "202509", "202510", "202511",
      ])
    #expect(names.count == 12)
  }

  @Test(arguments: [
    ("20260101", "2026-W01"), ("20251228", "2025-W52"), ("20251229", "2026-W01"), ("20261231", "2026-W53"),
    ("20270103", "2026-W53"), ("20270104", "2027-W01"), ("20210101", "2020-W53"), ("20240229", "2024-W09"),
    ("19700101", "1970-W01"), ("19691231", "1970-W01"), ("20001231", "2000-W52"), ("00010101", "1-W01"),
    ("99991231", "9999-W52"),
  ])
  func weeksBeginOnMondaysAndMayBelongToAnotherYear(day: String, week: String) {
    let name = "box.\(day)120000.tar.gz"
    let policy = KeepRules("weekly=1").map { Retention.Policy.rules($0) } ?? .limit(0)
    #expect(Retention.decisions(on: [name.bytes], host: "box".bytes, policy: policy).first?.words == "weekly \(week)")
  }

  @Test func datesThatThereAreNoneOfAreDecidedOnAllTheSame() {
    let names = ["box.99999999999999.tar.gz", "box.00000000000000.tar.gz", "box.20260231256161.tar.gz"]
    let policy = KeepRules("daily=9 weekly=9 monthly=9 yearly=9").map { Retention.Policy.rules($0) } ?? .limit(0)
    let decisions = Retention.decisions(on: names.map(\.bytes), host: "box".bytes, policy: policy)
    #expect(decisions.count == 3 && decisions.allSatisfy(\.isKept))
  }
}

@Suite("LBUD_KEEP")
struct KeepRulesTests {
  @Test(arguments: [
    ("last=5", "last=5"), ("yearly=1 last=2", "last=2 yearly=1"), ("  daily=7\tweekly=4\n", "daily=7 weekly=4"),
    ("last=3,monthly=6", "last=3 monthly=6"), ("last=0 daily=1", "daily=1"), ("weekly=007", "weekly=7"),
    ("last=100000", "last=100000"),
  ])
  func rules(text: String, meaning: String) { #expect(KeepRules(text)?.text == meaning) }

  @Test(
    "what is no rule, or keeps nothing",
    arguments: [
      "", " ", "5", "last", "last=", "=5", "last=-1", "last=+1", "last=5=6", "last=many", "last=100001", "hourly=3",
      "Last=3", "last=1 last=2", "last=0", "last=0 daily=0", "last = 5", "last=5;rm", "last=٥", "last=1.5",
      "last=99999999999999999999",
    ])
  func noRules(text: String) { #expect(KeepRules(text) == nil) }
}
