import Glibc
import LbuctlCommands

exit(lbuctlMain(Array(CommandLine.arguments.dropFirst())))
