"""From the start of lbud until it is ready, without a snapshot and with one; the first commit; what is resident then."""
import os
import time

import daemon
import roots
import spawn

READY = {600: 40, 60000: 600}
RESIDENT = {600: 10, 60000: 24}


def hashing(base):
    """The yardstick of a start: every file read and hashed by programs that do just that."""
    return spawn.timed(["sh", "-c", "find \"$0\" -type f -print0 | xargs -0 sha1sum", os.path.join(base, "etc")]).seconds


def packing(bench, base):
    """The yardstick of a first commit: the same files as a compressed tar."""
    target = os.path.join(bench.cleaner.work, "yardstick.tar.gz")
    seconds = spawn.timed(["tar", "-czf", target, "-C", base, "etc"]).seconds
    size = os.path.getsize(target)
    os.unlink(target)
    return seconds, size


def run(bench):
    ready = {}
    for files in bench.sizes:
        base = bench.roots.get(files, use="start")
        empty, first, packed, hashed, saved, answered = [], [], [], [], [], []
        for _ in range(bench.rounds(5, 2) if files < 10000 else bench.rounds(2, 1)):
            roots.forget(base)
            each = daemon.Daemon(bench, base)
            empty.append(each.ready)
            first.append(each.commit().seconds)
            each.stop()
            seconds, packed_size = packing(bench, base)
            packed.append(seconds)
        for _ in range(bench.rounds(15, 3) if files < 10000 else bench.rounds(5, 1)):
            each = daemon.Daemon(bench, base, saved=True)
            saved.append(each.ready)
            answered.append(each.answered)
            each.stop()
            hashed.append(hashing(base))
        ready[files] = bench.median(saved)
        yardstick = bench.median(hashed)
        bench.report.times(
            "start", "start to ready, no snapshot, %d files" % files, empty, None,
            {"find and sha1sum": bench.median(empty) / yardstick})
        bench.report.times(
            "start", "start to ready, snapshot present, %d files" % files, saved, READY.get(files),
            {"find and sha1sum": ready[files] / yardstick}, more={"first answer at all (ms)": bench.median(answered) * 1e3})
        bench.report.times(
            "start", "first commit, %d files" % files, first, None, {"tar -cz": bench.median(first) / bench.median(packed)})
        size = roots.snapshot(base)[0]
        bench.report.line(
            "start", "snapshot, %d files" % files, size / 1e3, "kB", ratios={"what tar -cz makes": size / packed_size})
    least, most = bench.ends()
    if least != most:
        bench.report.ratio(
            "start", "start to ready, snapshot present, %d files against %d" % (most, least), ready[most] / ready[least])


def resident(bench):
    """What lbud holds when nothing happens: after a start with a snapshot, and after a commit, which may leave something."""
    kept = {}
    for files in bench.sizes:
        daemon.saved(bench, bench.roots.get(files)).stop()
        each = daemon.Daemon(bench, bench.roots.get(files), saved=True)
        time.sleep(1)
        idle = each.memory()
        roots.change(each.base, -1)
        each.commit()
        time.sleep(1)
        after = each.memory()
        each.stop()
        kept[files] = idle["VmRSS"]
        split = ", ".join("%s %.1f" % (key[3:].lower(), idle[key] / 2**20) for key in ("RssAnon", "RssFile", "RssShmem"))
        ratios = {"its binary's size": idle["VmRSS"] / os.path.getsize(bench.program("lbud"))}
        bench.report.line(
            "resident", "resident, idle, %d files" % files, idle["VmRSS"] / 2**20, "MiB", RESIDENT.get(files), ratios=ratios,
            note=split, more={key: idle[key] for key in ("RssAnon", "RssFile", "RssShmem", "VmHWM")})
        bench.report.line(
            "resident", "resident, idle after a commit, %d files" % files, after["VmRSS"] / 2**20, "MiB",
            ratios={"before it": after["VmRSS"] / idle["VmRSS"]})
    least, most = bench.ends()
    if least != most:
        bench.report.line(
            "resident", "resident, for each file more", (kept[most] - kept[least]) / (most - least), "bytes",
            ratios={"resident of %d files, over %d" % (most, least): kept[most] / kept[least]})
