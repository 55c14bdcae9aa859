import CLbud
import Glibc
import LbuCommands
import LbuctlCommands
import LbudDaemon
import LbudSystem

// One binary that is what it is called: a diskless box keeps it in RAM once.
let arguments = (0..<clbud_argument_count()).map { String(cString: clbud_argument($0)) }
let name = arguments.first?.split(separator: "/").last.map(String.init) ?? ""
switch name {
case "lbud":
  requireProc()
  runLbud(Array(arguments.dropFirst()))
case "lbuctl": exit(lbuctlMain(ProgramArguments.from(1)))
case _ where name == "lbu" || name.hasPrefix("lbu_"):
  exit(lbuMain(Array(name.utf8), ProgramArguments.from(1)))
default:
  // Not yet linked to a name: the name is the first argument.
  switch arguments.dropFirst().first {
  case "lbud":
    requireProc()
    runLbud(Array(arguments.dropFirst(2)))
  case "lbuctl": exit(lbuctlMain(ProgramArguments.from(2)))
  case "lbu": exit(lbuMain(Array("lbu".utf8), ProgramArguments.from(2)))
  default:
    let usage = Array("\(name): error: call this binary by the name lbud, lbuctl or lbu, or give the name first\n".utf8)
    _ = write(2, usage, usage.count)
    exit(2)
  }
}
