import LbudCore
import LbudProtocol
import LbudSystem

/// The view: above how things stand, then what is unsaved, at the bottom what has happened.
extension WatchState {
  /// - Returns: as many lines as there are rows.
  func drawn(_ size: TerminalScreen.Size, now: Instant) -> [WatchLine] {
    let top = standing(size, now: now)
    var room = size.rows - top.count
    let wanted = min(occurrences.count, 8)
    // What happens has a third of it, and what the changes leave.
    let reserved = wanted > 0 && room >= 6 ? min(wanted, room / 3) + 1 : 0
    let changes = pendingLines(most: room - reserved)
    room -= changes.count
    let news = occurrences.suffix(max(0, min(wanted, room - 1))).map(\.line)
    let gap = [WatchLine](repeating: WatchLine(""), count: max(0, room - news.count))
    return (top + changes + gap + news).map { $0.fitted(size.columns) }
  }

  /// What is shown of how things stand, and how dear each line is where not all have room.
  private struct Fact {
    var line: WatchLine
    var worth: Int

    init(_ text: String, _ style: WatchLine.Style = .plain, worth: Int) {
      line = WatchLine(text, style)
      self.worth = worth
    }
  }

  private func standing(_ size: TerminalScreen.Size, now: Instant) -> [WatchLine] {
    var facts = facts(size.columns, now: now)
    // Sentences in full where they leave room for the rest.
    let wrapped = facts.flatMap { $0.line.style == .title ? [$0.line] : $0.line.wrapped(size.columns, most: 3) }
    if wrapped.count <= size.rows / 2 { return wrapped }
    // Where there is hardly any room, some of the changes say more than the rest does.
    let most = size.rows - (status.pending.isEmpty || size.rows < 3 ? 0 : max(1, size.rows / 4))
    while facts.count > most, let least = facts.map(\.worth).min(),
      let index = facts.lastIndex(where: { $0.worth == least })
    {
      facts.remove(at: index)
    }
    return facts.map(\.line)
  }

  private func facts(_ columns: Int, now: Instant) -> [Fact] {
    var facts = [Fact(title(columns), .title, worth: 40)]
    let saved = status.savedLines
    facts += saved.enumerated().map { Fact($1, worth: $0 == 0 ? 50 : 20) }
    facts.append(
      Fact("next: \(countdown?.sentence(at: now) ?? status.plan.sentence)", .strong, worth: 100))
    if let progress { facts.append(Fact(progress.bar(columns), .good, worth: 90)) }
    if let hold = status.hold {
      facts += [Fact("held: \(hold.words)", .notice, worth: 60), Fact("  \(hold.end)", .notice, worth: 20)]
    }
    if let confirmation = status.confirmation {
      let until = "to be confirmed until \(Voice.time(confirmation.until)): lbuctl confirm"
      facts += [Fact(until, .notice, worth: 75), Fact("  \(confirmation.otherwise)", .notice, worth: 40)]
    }
    for problem in status.problems {
      let style = problem.severity == .warning ? WatchLine.Style.notice : .bad
      facts += problem.lines.enumerated().map { Fact($1, style, worth: $0 == 0 ? 70 : 30) }
    }
    if let error = status.lastError {
      facts.append(Fact("last error: \(Voice.time(error.time)): \(error.message)", .bad, worth: 45))
      facts.append(Fact("  \(error.hint)", .bad, worth: 20))
    }
    let total = status.counts.total
    facts.append(Fact("unsaved: \(total == 0 ? "nothing" : Voice.count(total, "change"))", .strong, worth: 80))
    return facts
  }

  private func title(_ columns: Int) -> String {
    let root = status.root == "/" ? "" : " in \(displayText(of: status.root.utf8))"
    let left = harmlessText(of: "lbud on \(displayText(of: status.host.utf8))\(root)")
    let right = "q: quit"
    let gap = columns - displayWidth(of: left) - right.count
    guard gap > 0 else { return left + String(repeating: " ", count: max(0, columns - displayWidth(of: left))) }
    return left + String(repeating: " ", count: gap) + right
  }

  /// What is unsaved, the first by path.
  private func pendingLines(most: Int) -> [WatchLine] {
    guard most > 0, !status.pending.isEmpty else { return [] }
    let total = max(status.counts.total, status.pending.count)
    // One alone says more than how many there are.
    let shown = total <= most && total == status.pending.count || most == 1 ? most : most - 1
    var lines = status.pending.prefix(shown).map { WatchLine("  \($0.line)", $0.style) }
    if total > lines.count, most > 1 { lines.append(WatchLine("  and \(total - lines.count) more", .faint)) }
    return lines
  }
}

extension ChangeReport {
  fileprivate var style: WatchLine.Style {
    switch kind {
    case .added: .good
    case .modified, .metadata: .notice
    case .deleted: .bad
    }
  }
}

extension WatchState.Occurrence {
  fileprivate var line: WatchLine {
    let style: WatchLine.Style =
      switch kind {
      case .failed, .ending: .bad
      case .problem: .notice
      case .committed, .solved: .good
      default: .faint
      }
    return WatchLine("\(Voice.time(time).suffix(8)) \(sentence)", style)
  }
}

extension ProgressReport {
  /// `  writing   [########--------]  52%  1.2 MB of 2.3 MB`, as much of it as there is room for.
  fileprivate func bar(_ columns: Int) -> String {
    let name = "  \(step.rawValue)"
    guard total > 0 else { return name + " ..." }
    let part = min(1, max(0, Double(done) / Double(total)))
    let percent = "\(Int(part * 100))%"
    let bytes = "\(Voice.size(min(max(0, done), total))) of \(Voice.size(total))"
    let room = min(40, columns - 44)
    guard room >= 10 else { return "\(name) \(percent), \(bytes)" }
    let full = Int(part * Double(room))
    let bar = String(repeating: "#", count: full) + String(repeating: "-", count: room - full)
    let padded = name + String(repeating: " ", count: max(0, 12 - name.count))
    return "\(padded) [\(bar)] \(String(repeating: " ", count: 4 - percent.count))\(percent)  \(bytes)"
  }
}
