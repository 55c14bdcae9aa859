"""Runs contrib/crashtest once all it needs is there: records, judges, and prints the table."""
import argparse
import concurrent.futures
import os
import re
import shutil
import sys
import threading
import time

import choosing
import initramfs
import layouts
from guest import Failed, Guest

HERE = os.path.dirname(os.path.abspath(__file__))
LBUD = "lbud"
CONTROLS = ("recipe", "lbu")
TITLES = {
    "lbud": "lbud",
    "lbud-sync": "lbud, while another program calls sync",
    "recipe": "control: temp, fsync, rename, fsync directory",
    "lbu": "control: lbu's sequence",
}
# How lbud finds the media: mounted read-write, read-only as the boot leaves it, or not at all; then come the commits.
STEPS = "rw first replace pause prune ro host-name none remove-others confirm replace go-back"
LONG_STEPS = ("ro first replace rw pause prune host-name none prune remove-others ro host-name prune confirm replace rw "
              "go-back none confirm prune")
KINDS = {
    "P": "after every block in the order of the writes (on FAT a block is a sector of 512 bytes)",
    "R": "after subsets of the writes since the last flush, some torn between blocks",
    "T": "both, with blocks of ext4 torn between their sectors",
    "restart": "a box boots from such a disk, and lbud mounts it and saves three times more",
    "mounted": "the same where the boot has left the media mounted read-only",
    "bare": "the same where nothing is mounted, and no fsck.vfat is installed; and is still there after fsck.vfat -a",
    "fsck": "after an error of the driver: nothing is lost, nor by fsck.vfat -a or e2fsck -y, and lbud goes on",
    "preened": "P and R of ext4 without a journal, after e2fsck -p, which lbud runs before it writes",
    "forced": "the same where that gives up, after e2fsck -y",
    "cut": "the same with the power cut while that writes, and checked again",
}
printing = threading.Lock()


def say(text):
    with printing:
        print(text, flush=True)


class Job:
    """One procedure on one layout."""

    def __init__(self, number, layout, procedure, folder):
        self.name = "job%d" % number
        self.layout = layout
        self.procedure = procedure
        self.base = os.path.join(folder, self.name + ".base")
        self.disk = os.path.join(folder, self.name + ".disk")
        self.log = os.path.join(folder, self.name + ".log")
        self.sums = {}
        self.bad = []

    def make(self):
        self.layout.make(self.base)
        shutil.copyfile(self.base, self.disk)
        with open(self.log, "wb"):
            pass

    def __str__(self):
        return "%s on %s" % (self.procedure, self.layout.name)


def drive(name, path, log=None):
    """A disk of the guest; with a log, one whose every write and flush is written there."""
    node = "driver=raw,file.driver=file,file.filename=" + path
    if log:
        node = ("driver=blklogwrites,log-sector-size=512,file.driver=raw,file.file.driver=file,file.file.filename=%s,"
                "log.driver=raw,log.file.driver=file,log.file.filename=%s" % (path, log))
    else:
        node += ",read-only=on"
    return ["-blockdev", node + ",node-name=" + name.replace(".", "-"), "-device",
            "virtio-blk-pci,drive=%s,serial=%s" % (name.replace(".", "-"), name)]


def record(guest, jobs, steps):
    orders, drives = "", []
    for job in jobs:
        job.make()
        drives += drive(job.name, job.disk, job.log)
        orders += 'record %s %s %d %s "%s"\n' % (
            job.name, job.layout.type, job.layout.sectors, job.procedure, job.layout.steps(steps))
    guest.boot(orders, drives)
    for job in jobs:
        os.remove(job.disk)


def judge(guest, jobs, seed, options):
    largest = max(job.layout.size + layouts.TAIL for job in jobs)
    orders = "insmod /modules/brd.ko rd_nr=1 rd_size=%d\n" % (largest // 1024)
    drives = []
    for job in jobs:
        drives += drive(job.name, job.base) + drive(job.name + ".log", job.log)
        lbud = job.procedure not in CONTROLS
        orders += "judge %s %s %d %d %d %d %d\n" % (
            job.name, job.layout.type, job.layout.sectors, job.layout.grain, seed,
            options.samples if lbud else max(options.samples // 2, 4), options.restarts if lbud else 0)
    lines = guest.boot(orders, drives)
    for job in jobs:
        # What the box said that is being tried: of use where the verdict on it is bad.
        notes = []
        for line in lines:
            words = line.split(" ", 2)
            if words[0].rstrip(":") == "note":
                notes.append(line)
            if len(words) < 3 or words[1] != job.name:
                continue
            if words[0] == "sum":
                kind, bad, everything, why = re.fullmatch(r"(\w+) (\d+) (\d+)(.*)", words[2]).groups()
                job.sums[kind] = (int(bad), int(everything), dict(re.findall(r"; ([^:]+): (\d+)", why)))
            elif words[0] == "box":
                notes = []
            elif words[0] == "bad":
                job.bad.append(words[2])
                if words[2].split()[0] not in ("P", "R", "T"):
                    job.bad += ["  " + note for note in notes]
            elif words[0] == "log":
                job.log_line = words[2]
            elif words[0] == "time":
                begin, end = words[2].split()
                job.seconds = float(end) - float(begin)
        if set(job.sums) != set(KINDS):
            raise Failed("no verdict on " + str(job))


def work(guest, jobs, options, steps):
    record(guest, jobs, steps)
    for job in jobs:
        with open(job.log, "rb") as file:
            head = file.read(32)
        if len(head) < 32 or not int.from_bytes(head[16:24], "little"):
            raise Failed("nothing was logged of " + str(job))
    judge(guest, jobs, options.seed, options)
    for job in jobs:
        text = ", ".join("%s %d/%d" % (kind, *job.sums[kind][:2]) for kind in KINDS if job.sums[kind][1])
        say("%s: %s; %s (%d s)" % (job, job.log_line, text, job.seconds))
        if options.verbose or (job.procedure not in CONTROLS and job.bad):
            for line in job.bad:
                say("  bad: " + line)
        if not options.keep:
            os.remove(job.base)
            os.remove(job.log)


def table(jobs):
    print("\nBad states of all states, by kind:")
    for kind, text in KINDS.items():
        print("  %-8s %s" % (kind, text))
    print()
    kinds = [kind for kind in KINDS if any(job.sums[kind][1] for job in jobs)]
    lines = [["layout", "procedure"] + kinds]
    for job in jobs:
        counts = [job.sums[kind][:2] for kind in kinds]
        lines.append([job.layout.name, TITLES[job.procedure]] + ["%d/%d" % count if count[1] else "" for count in counts])
    widths = [max(map(len, column)) for column in zip(*lines)]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        print("| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |")
    print()


def verdict(jobs):
    """- Returns: the exit code."""
    code = 0
    total = bad = excused = foreign = 0
    for job in jobs:
        if job.procedure in CONTROLS:
            continue
        for kind, (wrong, everything, why) in job.sums.items():
            total += everything
            if not wrong:
                continue
            reasons = ", ".join("%s: %s" % pair for pair in why.items())
            known = {"T": job.layout.torn, "R": job.layout.unordered}.get(kind, {})
            if set(why) <= set(known):
                excused += wrong
                print("note: %s: %d of %d states %s: %s: %s" % (
                    job, wrong, everything, kind, reasons, "; ".join(sorted({known[word] for word in why}))))
            # With a new name (the first snapshot, another host name) vfat writes an empty file first, if another program
            # calls sync within the milliseconds between the rename and its fsync; what a torn directory leaves beside is
            # for fsck.vfat, where somebody runs it. No order of writes helps against somebody else's, so this is shown and
            # does not fail. What a checker is there for does, and so does all on ext4.
            elif job.procedure == "lbud-sync" and job.layout.family == "fat" and (
                    kind in ("P", "R") and set(why) <= {"torn"} or kind in ("mounted", "bare") and
                    set(why) <= {"the driver found an error"} and not job.sums["fsck"][0]):
                foreign += wrong
                print("known: %s: %d of %d states %s: %s" % (job, wrong, everything, kind, reasons))
            else:
                bad += wrong
                print("crashtest: error: %s: %d of %d states %s are bad: %s" % (job, wrong, everything, kind, reasons))
    for control in CONTROLS:
        mine = [job for job in jobs if job.procedure == control]
        # None is chosen where --only names layouts without them.
        if mine and not any(job.sums[kind][0] for job in mine for kind in ("P", "R")):
            print("crashtest: error: the row '%s' has no bad state: the judge is blind" % TITLES[control])
            code = 1
    if bad:
        code = 1
    print("verdict: %d bad of %d states of lbud%s%s: %s" % (
        bad, total, ", %d more that no order of writes can help" % excused if excused else "",
        ", %d while another program calls sync all the time" % foreign if foreign else "", "FAILED" if code else "passed"))
    return code


def main():
    parser = argparse.ArgumentParser()
    for name in ("--work", "--kernel", "--modules", "--static", "--checkers"):
        parser.add_argument(name, required=True)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    # What contrib/crashtest --help says of them.
    options.samples, options.restarts = (40, 24) if options.long else (12, 12)
    began = time.monotonic()

    all_layouts = layouts.LONG if options.long else layouts.SHORT
    wanted = choosing.chosen("crashtest", "layout", [layout.name for layout in all_layouts], options.only)
    chosen = [layout for layout in all_layouts if layout.name in wanted]
    jobs = []
    for layout in chosen:
        procedures = [LBUD] + (["lbud-sync"] if options.long else []) + list(layout.controls)
        jobs += [Job(len(jobs) + index, layout, procedure, options.work) for index, procedure in enumerate(procedures)]

    programs = {name: os.path.join(options.work, name) for name in ("disk", "judge")}
    programs["busybox"] = shutil.which("busybox")
    programs["lbud-multicall"] = os.path.join(options.static, "lbud-multicall")
    scripts = [os.path.join(HERE, name) for name in ("verbs.sh", "lbud.sh", "record.sh", "restart.sh", "unpack.sh", "check.sh")]
    initial = initramfs.build(scripts, programs, options.modules,
                               [os.path.join(options.checkers, name) for name in ("e2fsck", "fsck.vfat")])
    guest = Guest(options.work, options.kernel, initial, 4 * 3600 if options.long else 900)
    # One boot to record and one to judge for each layout, two at a time.
    groups = [[job for job in jobs if job.layout is layout] for layout in chosen]
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        tasks = [pool.submit(work, guest, group, options, LONG_STEPS if options.long else STEPS) for group in groups]
        try:
            for task in concurrent.futures.as_completed(tasks):
                task.result()
        except Failed as error:
            for task in tasks:
                task.cancel()
            print("crashtest: error: %s" % error, file=sys.stderr)
            return 1
    table(jobs)
    code = verdict(jobs)
    print("%d layouts, seed %d, %d s" % (len(chosen), options.seed, time.monotonic() - began))
    return code


if __name__ == "__main__":
    sys.exit(main())
