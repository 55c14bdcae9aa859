"""`lbuctl commit` after one changed file: time and processor time, small and large, compressible and not."""
import os
import time

import daemon
import roots
import spawn
from machine import find

AIMS = {600: 8, 60000: 25}
PROCESSOR_AIM = 3


def run(bench):
    kinds = [(files, "text") for files in bench.sizes] + [(bench.sizes[-1], "noise")]
    daemons = [(files, kind, daemon.saved(bench, bench.roots.get(files, kind))) for files, kind in kinds]
    runs = {(files, kind): [] for files, kind in kinds}
    copies = {(files, kind): [] for files, kind in kinds}
    nothing = []
    end = time.monotonic() + bench.rounds(90, 6)
    for count in range(bench.rounds(20, 4)):
        # As long as a commit of the largest takes seconds, three of them have to do.
        if count >= 3 and time.monotonic() > end:
            break
        for files, kind, each in daemons:
            # The small one is quick: more of it, all along, makes its median steadier.
            for again in range(3 if files == bench.sizes[0] else 1):
                roots.change(each.base, count * 3 + again)
                runs[files, kind].append(each.commit())
            copies[files, kind].append(copy(bench, each.base))
        nothing.append(spawn.timed([find("true")]).processor)
    for files, kind, each in daemons:
        size = roots.snapshot(each.base)[0] / 1e6
        seconds = [run.seconds for run in runs[files, kind]]
        written = bench.median(seconds) / bench.median(copies[files, kind])
        bench.report.times(
            "commit", "`lbuctl commit` after one change, whole process with fsync, %s" % name(files, kind), seconds,
            AIMS.get(files), {"writing the same archive (dd conv=fsync)": written},
            note="archive of %.1f MB" % size, more={"archive (MB)": size})
    least = bench.sizes[0], "text"
    base = [run.processor for run in runs[least]]
    small = bench.median(base)
    for key in runs:
        values = [run.processor for run in runs[key]]
        bench.report.times(
            "commit", "its processor time, daemon and client, %s" % name(*key), values,
            ratios={"/bin/true's": bench.median(values) / bench.median(nothing)})
    for key in runs:
        if key != least:
            bench.report.ratio(
                "commit", "its processor time, %s against %s" % (name(*key), name(*least)),
                bench.median([run.processor for run in runs[key]]) / small, PROCESSOR_AIM)
            bench.report.ratio(
                "commit", "its time, %s against %s" % (name(*key), name(*least)),
                bench.median([run.seconds for run in runs[key]]) / bench.median([run.seconds for run in runs[least]]))
    for _, _, each in daemons:
        each.stop()


def name(files, kind):
    return "%d files%s" % (files, "" if kind == "text" else " that do not compress")


def copy(bench, base):
    """The least that a commit could do: the same bytes, written and synchronized on the same file system."""
    target = os.path.join(bench.cleaner.work, "copy")
    seconds = spawn.timed([
        "dd", "if=" + os.path.join(base, roots.SNAPSHOT), "of=" + target, "bs=1M", "conv=fsync", "status=none"]).seconds
    os.unlink(target)
    return seconds
