"""`lbuctl log` of 100 snapshots."""
import os

import daemon
import roots
import spawn
from machine import find


def run(bench):
    for files in bench.sizes:
        base = bench.roots.get(files)
        each = daemon.saved(bench, base)
        # The current snapshot under 99 more names, as if each were one of its own: lbud does not know the difference.
        folder = os.path.join(base, "backup/LBUD")
        os.makedirs(folder, exist_ok=True)
        dates = ["2020010100%02d%02d" % divmod(count, 60) for count in range(99)]
        names = [os.path.join(folder, "bench.%s.tar.gz" % date) for date in dates]
        try:
            for name in names:
                os.link(os.path.join(base, roots.SNAPSHOT), name)
            nothing, times = [], []
            for _ in range(bench.rounds(30, 5)):
                nothing.append(spawn.timed([find("true")]).seconds)
                times.append(each.lbuctl("log").seconds)
        finally:
            for name in names:
                os.unlink(name)
        bench.report.times(
            "history", "`lbuctl log` of 100 snapshots, whole process, %d files" % files, times, None,
            {"/bin/true": bench.median(times) / bench.median(nothing)})
        each.stop()
