import ArgumentParser
import LbudCore
import LbudProtocol
import LbudSystem

/// `lbuctl package`: saves to a file.
struct PackageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "package", abstract: "Save to a file, and leave the media alone.", aliases: ["pkg"])

  @OptionGroup var connection: Connection

  @Flag(help: "In the clear, though the settings ask for encryption.")
  var plain = false

  @Argument(help: "A directory, a file, or - for standard output; without it the working directory.")
  var file: NameArgument?

  func run() throws {
    let name = file?.bytes ?? []
    let isStandardOutput = name.elementsEqual("-".utf8)
    var written: PackageFile?
    var size = 0
    var last: PackageReply?
    do {
      let call = PackageCall(plain: plain || isStandardOutput ? true : nil)
      try connection.callMore("io.lbud.Package", call) { (reply: PackageReply, _) in
        if let output = reply.output { Voice.aside(bytes: output.bytes) }
        if let data = reply.data {
          if written == nil { written = try PackageFile(name: name, default: reply.name) }
          try written?.write(data.bytes)
          size += data.bytes.count
        }
        last = reply
      }
      try written?.finish()
    } catch {
      let consolation = written?.consolation
      written?.giveUp()
      guard let error = error as? FileError else { throw error }
      throw Failure(.failed, "\(error)", hint: consolation)
    }
    for note in last?.notes ?? [] { Voice.aside("note: \(note)") }
    guard !isStandardOutput, let written else { return }
    if connection.json { return try connection.printJSON(last) }
    Voice.say("packed to \(written.shown) (\(Voice.size(size)))")
  }
}
