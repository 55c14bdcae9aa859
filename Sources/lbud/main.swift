import LbudDaemon

requireProc()
runLbud(Array(CommandLine.arguments.dropFirst()))
