"""What `lbuctl status` costs, as a whole process."""
import daemon
import spawn
from machine import find

AIM = 4


def run(bench):
    daemons = [(files, daemon.saved(bench, bench.roots.get(files))) for files in bench.sizes]
    nothing, times = [], {files: [] for files in bench.sizes}
    # One after the other and again, so that a load that comes and goes hits all of them.
    for _ in range(bench.rounds(100, 10)):
        nothing.append(spawn.timed([find("true")]).seconds)
        for files, each in daemons:
            times[files].append(each.lbuctl("status").seconds)
    yardstick = bench.median(nothing)
    least, most = bench.ends()
    bench.report.times(
        "status", "/bin/true, whole process (the yardstick)", nothing,
        ratios={"lbuctl status, %d files" % least: yardstick / bench.median(times[least])})
    for files, _ in daemons:
        bench.report.times(
            "status", "`lbuctl status`, whole process, %d files" % files, times[files], AIM,
            {"/bin/true": bench.median(times[files]) / yardstick})
    if least != most:
        bench.report.ratio(
            "status", "`lbuctl status`, %d files against %d" % (most, least),
            bench.median(times[most]) / bench.median(times[least]), 1.2)
    for _, each in daemons:
        each.stop()
