import LbudSystem

/// Runs lbu's command line to its end.
/// - Parameters:
///   - program: as it was called, with or without a path: `lbu`, or `lbu_commit` with the subcommand in its name.
///   - arguments: without the program's name.
/// - Returns: the exit code: 0 done, 1 failed, wrong usage, or (of diff) that something differs.
package func lbuMain(_ program: [UInt8], _ arguments: [[UInt8]]) -> Int32 {
  CoreDumps.forbid()
  let name = program.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? Array("lbu".utf8)
  do throws(LbuArguments.Usage) {
    let arguments = try LbuArguments.parse(program: name, arguments)
    if arguments.password != nil { ProgramArguments.erase() }
    return run(arguments)
  } catch {
    return show(error)
  }
}

private func run(_ arguments: LbuArguments) -> Int32 {
  do {
    return try LbuCommand(arguments).run()
  } catch let usage as LbuArguments.Usage {
    return show(usage)
  } catch let failure as LbuFailure {
    failure.say()
    return 1
  } catch {
    LbuVoice.error("\(error)")
    return 1
  }
}

private func show(_ usage: LbuArguments.Usage) -> Int32 {
  if let complaint = usage.complaint { LbuVoice.aside("lbu: \(complaint)") }
  let text = Array(LbuUsage.text(usage.verb).utf8)
  if usage.isAnswer { LbuVoice.say(bytes: text) } else { LbuVoice.aside(bytes: text) }
  return usage.code
}
