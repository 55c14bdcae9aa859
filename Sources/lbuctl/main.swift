import Glibc
import LbuctlCommands
import LbudSystem

exit(lbuctlMain(ProgramArguments.from(1)))
