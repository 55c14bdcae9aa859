import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl show`: what a snapshot holds.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List what a snapshot holds, or print a file of it.",
    discussion: """
      Without a path, and for a directory, each entry's mode, owner, size, time and path. Of a file its content as it is, of \
      a symbolic link where it leads. Nothing is shown of a snapshot that is not whole.
      """)

  @OptionGroup var connection: Connection

  @Argument(help: ArgumentHelp(SnapshotArgument.help))
  var snapshot: SnapshotArgument

  @Argument(help: "A path in it, with a slash in front or not.")
  var path: NameArgument?

  func run() throws {
    let call = try ShowCall(snapshot: snapshot.report, path: path.map { WirePath(bytes: $0.bytes) })
    // What goes to a file is written as it comes; what a person is to see has to be looked at first.
    let isStreamed = !connection.json && !Voice.isTerminal
    var whole = ShowReply(media: "", snapshot: WirePath(bytes: []))
    var content: [UInt8] = []
    try connection.callMore("io.lbud.Show", call) { (reply: ShowReply, _) in
      (whole.media, whole.snapshot) = (reply.media, reply.snapshot)
      whole.entries += reply.entries
      guard let piece = reply.content else { return }
      if isStreamed { Voice.say(bytes: piece.bytes) } else { content += piece.bytes }
    }
    if connection.json {
      if whole.isFile(path) { whole.content = WireData(content) }
      return try connection.printJSON(whole)
    }
    try say(whole, content)
  }

  private func say(_ reply: ShowReply, _ content: [UInt8]) throws(Failure) {
    if reply.isFile(path), let entry = reply.entries.first { return try say(content, of: entry) }
    if let target = reply.entry(at: path)?.target { return Voice.say(names: [target]) }
    for line in ShownLines.lines(reply.entries) { Voice.say(bytes: line) }
  }

  /// On a terminal; else it has been said already.
  private func say(_ content: [UInt8], of entry: ShownEntry) throws(Failure) {
    guard !content.contains(0) else {
      throw Failure(
        .failed, "\(displayText(of: entry.path.rawBytes)) is no text (\(Voice.size(entry.size)))",
        hint: "have it written to a file: lbuctl show ... >FILE")
    }
    Voice.say(bytes: Voice.harmless(content))
  }
}

extension ShowReply {
  /// The entry that was asked for by its path, where it is no directory.
  fileprivate func entry(at path: NameArgument?) -> ShownEntry? {
    guard let path, let entry = entries.first, entry.kind != .directory,
      entry.path.path == WirePath(bytes: path.bytes).path
    else { return nil }
    return entry
  }

  fileprivate func isFile(_ path: NameArgument?) -> Bool { entry(at: path)?.kind == .file }
}
