"""5,000 files at once with automatic commits on: how many commits, and how many bytes the media gets."""
import ctypes
import io
import os
import subprocess
import tarfile
import time

import daemon
import roots
import spawn
from cleaning import LIBC, Failure
from machine import find

# One second without a change, instead of thirty, so that the bench does not take long. Old snapshots stay, to be counted.
SETTINGS = "LBU_BACKUPDIR=/backup\nLBUD_IDLE=1\nLBUD_MIN_INTERVAL=0\nLBUD_ON_SHUTDOWN=no\nBACKUP_LIMIT=1000\n"


class Medium:
    """Where snapshots go: as root a file system of its own on a loop device, whose kernel counts what is written to it."""

    def __init__(self, bench, folder):
        self.folder = folder
        self.counts = None
        if os.geteuid() != 0 or not find("mkfs.ext4"):
            bench.report.leave_out("burst", "bytes counted by a block device", "%s; those that lbud writes are counted" % (
                "it takes root" if os.geteuid() != 0 else "there is no mkfs.ext4"))
            return
        image = os.path.join(bench.cleaner.work, "medium")
        with open(image, "wb") as file:
            file.truncate(256 << 20)
        # All of it is initialized now: the kernel would do it while bytes are counted.
        spawn.timed([find("mkfs.ext4"), "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image])
        try:
            bench.cleaner.own_mounts()
            spawn.timed(["mount", "-o", "loop", image, folder])
        except (OSError, Failure) as error:
            bench.report.leave_out("burst", "bytes counted by a block device", "no loop device can be mounted: %s" % error)
            return
        bench.cleaner.stack.callback(self.close)
        device = os.stat(folder).st_dev
        self.counts = "/sys/dev/block/%d:%d/stat" % (os.major(device), os.minor(device))

    def written(self):
        """The bytes that have come to the device by now, all that is still in memory included; None where none counts."""
        if not self.counts:
            return None
        descriptor = os.open(self.folder, os.O_RDONLY)
        LIBC.syncfs(ctypes.c_int(descriptor))
        os.close(descriptor)
        with open(self.counts) as file:
            return int(file.read().split()[6]) * 512

    def close(self):
        if self.counts:
            self.counts = None
            # The loop device goes with the mount. The daemon may still hold it: then it goes with the mount namespace.
            subprocess.run(["umount", "-l", self.folder], stderr=subprocess.DEVNULL)


def archive(count):
    """What a package or a backup would bring: files of 1.7 kB, which do not compress, so that all else is small beside."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for number in range(count):
            entry = tarfile.TarInfo("burst/d%d/file%d" % (number // 40, number))
            entry.size, entry.mtime = 1700, 1700000000
            tar.addfile(entry, io.BytesIO(os.urandom(1700)))
    return buffer.getvalue()


def unpack(content, base, seconds):
    """`tar x` in etc, fed so that it takes that long."""
    tar = subprocess.Popen(["tar", "-x", "-C", os.path.join(base, "etc")], stdin=subprocess.PIPE)
    try:
        begin, parts = time.monotonic(), 100
        step = -(-len(content) // parts)
        for part in range(parts):
            tar.stdin.write(content[part * step:(part + 1) * step])
            tar.stdin.flush()
            time.sleep(max(0.0, begin + (part + 1) * seconds / parts - time.monotonic()))
        tar.stdin.close()
        if tar.wait(60) != 0:
            raise Failure("tar ends with %d" % tar.returncode)
    finally:
        if tar.poll() is None:
            tar.kill()
            tar.wait()


def rewrite(content, base, seconds):
    """The same bytes into the files that are there, as an editor or a program that writes its state would."""
    begin = time.monotonic()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        entries = tar.getmembers()
        for place, entry in enumerate(entries):
            with open(os.path.join(base, "etc", entry.name), "r+b") as file:
                file.write(tar.extractfile(entry).read())
            time.sleep(max(0.0, begin + place * seconds / len(entries) - time.monotonic()))


class Measure:
    """What comes to be while something is done: commits, bytes that lbud writes, bytes that the media gets."""

    def __init__(self, bench, each, medium):
        self.quick = bench.options.quick
        self.each = each
        self.medium = medium
        self.names = self._snapshots()
        self.wrote = self._wchar()
        self.before = medium.written()

    def _snapshots(self):
        """Every snapshot by what it is, whatever it is called; old ones all stay."""
        found = set()
        for folder in (self.medium.folder, os.path.join(self.medium.folder, "LBUD")):
            if os.path.isdir(folder):
                for entry in os.scandir(folder):
                    if entry.name.endswith(".tar.gz"):
                        found.add(entry.inode())
        return found

    def _wchar(self):
        with open("/proc/%d/io" % self.each.pid) as file:
            return dict(line.split(": ") for line in file.read().splitlines())

    def wait(self, limit, least):
        """Until so many commits were made, and then for as long as another one would take to come."""
        end = time.monotonic() + limit
        while len(self._snapshots() - self.names) < least:
            if time.monotonic() > end:
                raise Failure("no commit has come within %d s" % limit, "--keep leaves the root and lbud's log")
            time.sleep(0.02)
        # LBUD_IDLE is 1 s, and the commit before it tells how long one takes.
        time.sleep(2.5 if self.quick else 4)
        return self

    def results(self):
        now = self._wchar()
        written = self.medium.written()
        return {
            "commits": len(self._snapshots() - self.names),
            "media": None if written is None else written - self.before,
            "wchar": int(now["wchar"]) - int(self.wrote["wchar"]),
            "write_bytes": int(now["write_bytes"]) - int(self.wrote["write_bytes"])}


def copying(bench, medium, base):
    """The yardstick: the same archive, copied to the same file system and synchronized."""
    source = os.path.join(bench.cleaner.work, "archive")
    spawn.timed(["cp", os.path.join(base, roots.SNAPSHOT), source])
    target = os.path.join(medium.folder, "yardstick")
    before = medium.written()
    spawn.timed(["cp", source, target])
    size = medium.written() - before
    os.unlink(target)
    os.unlink(source)
    return size


def run(bench):
    count, seconds = bench.rounds(5000, 500), bench.rounds(2.0, 0.5)
    base = bench.roots.bare("burst", SETTINGS)
    medium = Medium(bench, os.path.join(base, "backup"))
    each = daemon.saved(bench, base)
    time.sleep(1.5)
    # What the file system writes by itself in such a time is nobody's.
    nothing = Measure(bench, each, medium).wait(0, 0).results()
    results, sizes, copies = [], [], []
    for _ in range(bench.rounds(3, 1)):
        content = archive(count)
        measure = Measure(bench, each, medium)
        unpack(content, base, seconds)
        results.append(measure.wait(60, 1).results())
        sizes.append(roots.snapshot(base)[0])
        if medium.counts:
            copies.append(copying(bench, medium, base))
    name = "%d files by tar x in %g s" % (count, seconds)
    commits = [result["commits"] for result in results]
    bench.report.line(
        "burst", "%s: commits" % name, max(commits), "", 1, commits, {"the tars": sum(commits) / len(commits)},
        note="archive of %.1f MB" % (sizes[-1] / 1e6))
    key, who = ("media", "the media gets") if medium.counts else ("wchar", "lbud writes")
    shares = [result[key] / size for result, size in zip(results, sizes)]
    ratios = {"the archive": bench.median(shares)}
    if copies:
        ratios["cp of it"] = bench.median([result[key] / copy for result, copy in zip(results, copies)])
    # 1.0 times, to one digit: what the file system keeps of a file is written too, by cp as well.
    bench.report.line(
        "burst", "%s: bytes that %s, against the archive's" % (name, who),
        round(bench.median(shares), 3), "times", 1.05, shares, ratios,
        note="cp of it and sync: %.3f times" % (copies[-1] / sizes[-1]) if copies else "",
        more={"results": results, "archives": sizes, "copies": copies})
    bench.report.line(
        "burst", "%s: bytes that lbud writes, sockets and eventfds included" % name, results[-1]["wchar"], "bytes",
        ratios={"the archive": bench.median([result["wchar"] / size for result, size in zip(results, sizes)])})
    for what, write in (("by tar x", unpack), ("in place", rewrite)):
        measure = Measure(bench, each, medium)
        write(content, base, seconds)
        result = measure.wait(0, 0).results()
        bench.report.line(
            "burst", "the same content again, %s: commits" % what, result["commits"], "", 0,
            ratios={"those of new content": result["commits"] / max(commits)})
        size = result[key]
        bench.report.line(
            "burst", "the same content again, %s: bytes that %s" % (what, who), size, "bytes", nothing[key],
            ratios={"the archive": size / sizes[-1]},
            note="%d in as long a time of nothing; lbud wrote %d bytes in all" % (nothing[key], result["wchar"]),
            more={"result": result, "nothing": nothing})
    each.stop()
    medium.close()
