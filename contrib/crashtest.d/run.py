"""Runs contrib/crashtest once all it needs is there: records, judges, and prints the table."""
import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import threading
import time

import initramfs
import layouts

HERE = os.path.dirname(os.path.abspath(__file__))
LBUD = "lbud"
CONTROLS = ("recipe", "lbu")
TITLES = {
    "lbud": "lbud",
    "lbud-sync": "lbud, while another program calls sync",
    "recipe": "control: temp, fsync, rename, fsync directory",
    "lbu": "control: lbu's sequence",
}
STEPS = "first replace pause prune"
LONG_STEPS = "first replace pause prune prune pause prune prune"
MEMORY = 512
SHORT_NAMES = [layout.name for layout in layouts.SHORT]
KINDS = ("P", "R", "T", "restart", "fsck")
printing = threading.Lock()


class Failed(Exception):
    """The test itself does not work."""


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


class Guest:
    """Boots machines one after another, from one kernel and one initramfs."""

    def __init__(self, folder, kernel, initial, timeout):
        self.folder = folder
        self.kernel = kernel
        self.initial = initial
        self.timeout = timeout
        self.count = 0
        self.lock = threading.Lock()

    def boot(self, orders, drives):
        with self.lock:
            self.count += 1
            number = self.count
        image = os.path.join(self.folder, "boot%d.img" % number)
        with open(image, "wb") as file:
            file.write(self.initial + initramfs.orders(orders))
        command = [
            "nice", "qemu-system-x86_64", "-accel", "tcg", "-smp", "1", "-m", str(MEMORY), "-nodefaults", "-display",
            "none", "-no-reboot", "-serial", "stdio", "-kernel", self.kernel, "-initrd", image, "-append",
            # Expedited: without, each unmount waits for a timer tick or two.
            # No timer check: on a busy host it finds the emulated timer too slow, and the kernel panics.
            "console=ttyS0 quiet loglevel=0 panic=-1 mitigations=off no_timer_check rcupdate.rcu_expedited=1"] + drives
        with open(os.path.join(self.folder, "console%d" % number), "wb") as console:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)
            try:
                code = process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                code = "no end after %s s" % self.timeout
            finally:
                process.kill()
                process.wait()
        os.remove(image)
        with open(console.name, "rb") as console:
            text = console.read().decode(errors="replace")
        lines = [line.strip()[3:] for line in text.splitlines() if line.startswith("CT ")]
        errors = [line for line in lines if line.startswith("error")]
        if code != 0 or errors or "end" not in lines:
            raise Failed("the guest %s: %s\n%s" % (
                "ends with %s" % code if code else "fails", "; ".join(errors) or "no word of it", text[-2000:]))
        return lines


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
        orders += 'record %s %s %d %s "%s"\n' % (job.name, job.layout.type, job.layout.sectors, job.procedure, steps)
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
        for line in lines:
            words = line.split(" ", 2)
            if len(words) < 3 or words[1] != job.name:
                continue
            if words[0] == "sum":
                kind, bad, everything, why = re.fullmatch(r"(\w+) (\d+) (\d+)(.*)", words[2]).groups()
                job.sums[kind] = (int(bad), int(everything), dict(re.findall(r"; ([^:]+): (\d+)", why)))
            elif words[0] == "bad":
                job.bad.append(words[2])
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


def table(jobs, chosen):
    print("""
Bad states of all states, by kind:
  P        after every block in the order of the writes (on FAT a block is a sector of 512 bytes)
  R        after subsets of the writes since the last flush, some torn between blocks
  T        both, with blocks of ext4 torn between their sectors
  restart  lbud is started on such a disk, and saves three times more
  fsck     the same after fsck.vfat -a, where the driver found an error at the restart
""")
    sums = {(TITLES[job.procedure], job.layout.name): job.sums for job in jobs}
    rows = [title for title in TITLES.values() if any(key[0] == title for key in sums)]
    columns = [layout.name for layout in chosen]
    by_layout = not set(columns) <= set(SHORT_NAMES)
    if by_layout:
        sums = {(name, title): value for (title, name), value in sums.items()}
        rows, columns = columns, rows
    cells = [["layout" if by_layout else "procedure"] + rows]
    for column in columns:
        for kind in KINDS:
            counts = [sums.get((row, column), {}).get(kind, (0, 0)) for row in rows]
            if any(count[1] for count in counts):
                cells.append(["%s %s" % (column, kind)] + ["%d/%d" % count[:2] if count[1] else "" for count in counts])
    widths = [max(len(text) for text in column) for column in cells]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in zip(*cells)]
    print("\n".join([lines[0], re.sub(r"[^|]", "-", lines[0])] + lines[1:]), end="\n\n")


def verdict(jobs):
    """- Returns: the exit code."""
    code = 0
    total = bad = excused = 0
    for job in jobs:
        if job.procedure in CONTROLS:
            continue
        for kind, (wrong, everything, why) in job.sums.items():
            total += everything
            if not wrong:
                continue
            reasons = ", ".join("%s: %s" % pair for pair in why.items())
            # A block of a directory has one checksum. Torn, the whole directory cannot be read, whoever wrote to it.
            if kind == "T" and job.layout.loses_torn_blocks and set(why) <= {"cannot be read", "does not mount"}:
                excused += wrong
                print("note: %s: %d of %d states T: %s: no order of writes can help where the disk tears the directory's "
                      "block and nothing but its checksum is there to tell" % (job, wrong, everything, reasons))
            # Another program's sync can write a directory in the middle of a commit, and vfat has no order that helps: what
            # is left may be an error at a restart, which turns the file system read-only. fsck.vfat mends it.
            elif kind == "restart" and job.procedure == "lbud-sync" and set(why) <= {"the driver found an error"} \
                    and job.sums["fsck"][:2] == (0, wrong):
                excused += wrong
                print("note: %s: %d of %d states %s: %s; after fsck.vfat -a all is well" % (
                    job, wrong, everything, kind, reasons))
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
    print("\nverdict: %d bad of %d states of lbud%s: %s" % (
        bad, total, ", %d more that no order of writes can help" % excused if excused else "", "FAILED" if code else "passed"))
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
    options.samples = 60 if options.long else 12
    options.restarts = 60 if options.long else 12
    began = time.monotonic()

    chosen = [layout for layout in (layouts.LONG if options.long else layouts.SHORT) if options.only in layout.name]
    jobs = []
    for layout in chosen:
        procedures = [LBUD] + (["lbud-sync"] if options.long else []) + list(layout.controls)
        jobs += [Job(len(jobs) + index, layout, procedure, options.work) for index, procedure in enumerate(procedures)]

    programs = {name: os.path.join(options.work, name) for name in ("disk", "judge")}
    programs["busybox"] = shutil.which("busybox")
    programs["lbud-multicall"] = os.path.join(options.static, "lbud-multicall")
    scripts = [os.path.join(HERE, name) for name in ("init", "lbud.sh", "record.sh", "restart.sh", "unpack.sh")]
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
    table(jobs, chosen)
    code = verdict(jobs)
    print("%d layouts, seed %d, %d s" % (len(chosen), options.seed, time.monotonic() - began))
    return code


if __name__ == "__main__":
    sys.exit(main())
