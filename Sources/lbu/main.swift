import Glibc
import LbuCommands
import LbudSystem

let arguments = ProgramArguments.from(0)
exit(lbuMain(arguments.first ?? [], Array(arguments.dropFirst())))
