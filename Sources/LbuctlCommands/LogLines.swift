import LbudCore
import LbudProtocol

/// Snapshots as lines with columns. What stands in a record may be anybody's words: none of it moves the cursor, or takes
/// more than its column.
enum LogLines {
  /// A line a snapshot, and one with what was said to it.
  static func lines(_ entries: [LogEntry]) -> [String] {
    let rows = entries.map(columns)
    let widths = (rows.first ?? []).indices.map { index in
      // A name that is far longer than others stands out, and moves nobody else's words away.
      rows.map { displayWidth(of: $0[index].text) }.filter { $0 <= 60 }.max() ?? 0
    }
    let indent = String(repeating: " ", count: (widths.first ?? 0) + 2)
    return zip(entries, rows).flatMap { entry, row in
      let cells = zip(row, widths).map { $0.padded(to: $1) } + [entry.remarks.joined(separator: ", ")]
      let line = cells.joined(separator: "  ")
      return [String(line.reversed().drop { $0 == " " }.reversed())] + entry.details.map { indent + $0 }
    }
  }

  private struct Cell {
    var text: String
    var isNumber = false

    func padded(to width: Int) -> String {
      let blanks = String(repeating: " ", count: max(0, width - displayWidth(of: text)))
      return isNumber ? blanks + text : text + blanks
    }
  }

  private static func columns(_ entry: LogEntry) -> [Cell] {
    [
      Cell(text: entry.back.map { $0 == 0 ? "0" : "-\($0)" } ?? "", isNumber: true),
      Cell(text: Voice.time(entry.time)),
      Cell(text: Voice.size(entry.size), isNumber: true),
      Cell(text: entry.reason.map { shown($0, columns: 12) } ?? "-"),
      Cell(text: entry.changed.map { $0 == 1 ? "1 change " : "\($0) changes" } ?? "-", isNumber: true),
      Cell(text: who(entry)),
      Cell(text: (entry.folder.isEmpty ? "" : entry.folder + "/") + displayText(of: entry.name.rawBytes)),
    ]
  }

  /// The name as it was then, and the number: a name may be somebody else's by now.
  private static func who(_ entry: LogEntry) -> String {
    guard let name = entry.user.map({ shown($0, columns: 20) }) else { return entry.uid.map { "uid \($0)" } ?? "-" }
    return entry.uid.map { "\(name) (\($0))" } ?? name
  }

  private static func shown(_ text: String, columns: Int) -> String {
    displayText(of: text.utf8).cut(toColumns: columns)
  }
}

extension LogEntry {
  /// What else is known, in a word or two each.
  fileprivate var remarks: [String] {
    var remarks: [String] = []
    switch boots {
    case .yes: remarks.append("boots")
    case .maybe: remarks.append("may boot")
    case .no: break
    }
    if !own { remarks.append(host.map { "of \(displayText(of: $0.rawBytes))" } ?? "of another box") }
    if aside ?? false { remarks.append("saved aside") }
    switch state {
    case .recorded: break
    case .unrecorded: remarks.append("no record (by lbu, or cut short)")
    case .sealed: remarks.append("encrypted, and the password is not there")
    case .unopened: remarks.append("not decrypted (wrong PASSWORD, or damaged)")
    case .damaged: remarks.append("damaged")
    }
    if let verified {
      remarks.append(found == nil ? "verified \(Voice.time(verified))" : "found damaged \(Voice.time(verified))")
    } else if readBack ?? false {
      remarks.append("verified")
    }
    if next == .drop { remarks.append("goes next (\(nextReason ?? ""))") }
    return remarks
  }

  /// Each in a line of its own.
  fileprivate var details: [String] {
    [damage.map { harmlessText(of: $0) }, found.map { harmlessText(of: $0) }, message.map { displayText(of: $0.utf8) }]
      .compactMap(\.self).filter { !$0.isEmpty }
  }
}
