import LbudCore
import LbudTestSupport
import Testing

@testable import LbudCore

@Suite("What a commit copies, and what it makes anew")
struct CommitScopeTests {
  /// Spans of two: b c | d e | f g | y (no directory) z.
  private func saved(linked: Set<String> = []) -> SavedEntries {
    var builder = SavedEntriesBuilder()
    for (number, name) in ["etc/b", "etc/c", "etc/d", "etc/e", "etc/f", "etc/g", "y", "z"].enumerated() {
      builder.add(BytePath(name), .file(1), modificationTime: 0, isLinked: linked.contains(name))
      if number % 2 == 1 { builder.endSpan() }
    }
    return builder.finish()
  }

  private func scope(_ changed: String..., linked: [String] = [], in saved: SavedEntries? = nil) -> String {
    let scope = CommitScope(
      saved ?? self.saved(), changed: changed.map { BytePath($0) }, linked: linked.map { BytePath($0) })
    return scope.parts.map { part in
      switch part {
      case .copied(let spans): "\(spans.lowerBound)..<\(spans.upperBound)"
      case .made(let from, let upTo): "[\(from?.path.display ?? "")|\(upTo?.path.display ?? "")]"
      }
    }.joined(separator: " ")
  }

  @Test func whereNothingChangedAllIsCopied() { #expect(scope() == "0..<4") }

  @Test(
    "a path's span is made anew",
    arguments: [
      ("etc/a", "[|etc/d] 1..<4"), ("etc/b", "[|etc/d] 1..<4"), ("etc/cc", "[|etc/d] 1..<4"),
      ("etc/d", "0..<1 [etc/d|etc/f] 2..<4"), ("etc/e/x", "0..<1 [etc/d|etc/f] 2..<4"),
      ("etc/zz", "0..<2 [etc/f|y] 3..<4"), ("usr/x", "0..<2 [etc/f|y] 3..<4"),
    ])
  func one(path: String, expected: String) { #expect(scope(path) == expected) }

  @Test func aNameInTheRootIsLookedForAsAFileAndAsADirectory() {
    #expect(scope("x") == "0..<2 [etc/f|y] 3..<4")
    #expect(scope("zzz") == "0..<2 [etc/f|]")
  }

  @Test func neighboursAreOneStretch() {
    #expect(scope("etc/b", "etc/e") == "[|etc/f] 2..<4")
    #expect(scope("etc/b", "etc/g", "etc/d", "y") == "[|]")
  }

  @Test func whatSharesAnInodeIsMadeAnewTogether() {
    let linked = saved(linked: ["etc/b", "etc/g"])
    #expect(scope("etc/d", in: linked) == "0..<1 [etc/d|etc/f] 2..<4")
    #expect(scope("etc/c", in: linked) == "[|etc/d] 1..<2 [etc/f|y] 3..<4")
    // Files that share one now, though the snapshot does not know it.
    #expect(scope("etc/c", linked: ["etc/b", "etc/e"]) == "[|etc/f] 2..<4")
    #expect(scope("etc/g", linked: ["etc/b", "etc/e"]) == "0..<2 [etc/f|y] 3..<4")
  }

  @Test func whatIsNotKnownToLieInSpansIsMadeAnew() {
    #expect(CommitScope(SavedEntries([BytePath("etc/a"): .file(1)]), changed: [], linked: []) == .all)
    #expect(CommitScope(.empty, changed: [], linked: []) == .all)
  }

  @Test func tooManySpansAreMadeAnew() {
    var builder = SavedEntriesBuilder()
    for number in 0...CommitScope.mostSpans {
      builder.add(BytePath("etc/\(10_000 + number)"), .file(1), modificationTime: 0)
      builder.endSpan()
    }
    #expect(CommitScope(builder.finish(), changed: [], linked: []) == .all)
  }
}
