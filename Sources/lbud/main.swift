import Glibc
import LbudDaemon

exit(await lbudMain(Array(CommandLine.arguments.dropFirst())))
