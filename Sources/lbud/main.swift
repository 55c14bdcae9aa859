import Glibc
import LbudDaemon

requireProc()
exit(await lbudMain(Array(CommandLine.arguments.dropFirst())))
