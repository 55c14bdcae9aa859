"""How far memory rises in a commit of 1 GB, above what is resident when idle."""
import os
import threading
import time

import daemon
import roots

AIM = 8
# Text and noise by turns, so that gzip makes half of it: as slow and as large as neither alone.
PIECE = 64 << 10


def content(size):
    line = b"".join(b"option_%d = %d\n" % (number, number * number) for number in range(5000))
    text = (line * (PIECE // len(line) + 1))[:PIECE]
    # Noise that comes again after 1 MiB: gzip looks back 32 KiB only.
    noise = os.urandom(1 << 20)
    for piece in range(size // PIECE):
        start = piece // 2 * PIECE % len(noise)
        yield text if piece % 2 else noise[start:start + PIECE]


def huge(base, size):
    for number in range(4):
        with open(os.path.join(base, "etc", "huge%d" % number), "wb") as file:
            file.writelines(content(size // 4))
    return "4 files"


def small(base, size):
    # Of 16 kB: four of them are a piece.
    count = 0
    for piece in content(size):
        for part in range(0, PIECE, PIECE // 4):
            if count % 40 == 0:
                folder = os.path.join(base, "etc", "d%d" % (count // 1600), "e%d" % (count // 40))
                os.makedirs(folder)
            with open(os.path.join(folder, "file%d.conf" % count), "wb") as file:
                file.write(piece[part:part + PIECE // 4])
            count += 1
    return "%d files" % count


class Watch(threading.Thread):
    """The highest of each part, looked at every 5 ms: the kernel keeps the highest of their sum alone."""

    def __init__(self, each):
        super().__init__(daemon=True)
        self.each = each
        self.ended = threading.Event()
        self.highest = {}

    def run(self):
        while not self.ended.wait(0.005):
            for key, value in self.each.memory().items():
                self.highest[key] = max(value, self.highest.get(key, 0))


def rise(each):
    """Of one commit: how far it rose, from what, what part of it, and how long it took."""
    time.sleep(1)
    idle = each.memory()
    with open("/proc/%d/clear_refs" % each.pid, "w") as file:
        file.write("5")
    watch = Watch(each)
    watch.start()
    seconds = each.commit().seconds
    peak = each.memory()["VmHWM"]
    watch.ended.set()
    watch.join()
    parts = {key: watch.highest.get(key, 0) - idle[key] for key in ("RssAnon", "RssFile", "RssShmem")}
    return peak - idle["VmRSS"], idle["VmRSS"], parts, seconds


def run(bench):
    size = bench.rounds(1 << 30, 8 << 20)
    for make, what in ((huge, "few huge files"), (small, "many small files")):
        # The content, and as the archive: the one before, the current one and the new one.
        if not bench.roots.room(size * 3):
            bench.report.leave_out("memory", what, "there is no room for %d MiB in %s" % (size * 3 >> 20, bench.where))
            continue
        base = bench.roots.bare("memory")
        made = make(base, size)
        with open(os.path.join(base, "etc/small.conf"), "w") as file:
            file.write("changed = 0\n")
        each = daemon.Daemon(bench, base)
        for when in ("first commit", "commit after a small change"):
            risen, idle, parts, seconds = rise(each)
            bench.report.line(
                "memory", "memory peak above idle, %s of %d MiB in %s" % (when, size >> 20, what), risen / 2**20, "MiB", AIM,
                ratios={"idle, the peak": 1 + risen / idle},
                note="%s, half text and half noise, archive of %d MB, took %.1f s; at most %s" % (
                    made, roots.snapshot(base)[0] / 1e6, seconds,
                    ", ".join("%s %+.1f" % (key[3:].lower(), value / 2**20) for key, value in parts.items())),
                more={"idle (bytes)": idle, "parts (bytes)": parts, "seconds": seconds})
            roots.change(base, 1)
        each.stop()
        bench.roots.drop(base)
