"""10,000 file events a second: how long until lbud has one, and what each costs, beside watchman and inotifywait.

Which measure of the first is honest? The journal's own time of a change (`first`) is not: it is taken when lbud begins to
empty the kernel's queue, so what comes in meanwhile is dated before it was written. Monitor puts events together, ten times a
second. So a marker file is written, and Status is asked at once: its answer has to hold all writes that had returned.
The time is that from the return of write(2) to the answer that names the marker, read by this process: it has the way over
the socket, the queue that was before it, and the answer's making. It is more than the journal takes, never less. The
same without a storm is told beside it.
"""
import json
import os
import subprocess
import sys
import time

import daemon
import roots
import spawn
from cleaning import Failure
from machine import find

AIM = 2
FILES = 1000
RATE = 10000


def root(bench, name, markers=0):
    base = bench.roots.bare(name)
    for folder, prefix, count in (("etc/storm", "file", FILES), ("etc/!marker", "", markers)):
        os.makedirs(os.path.join(base, folder))
        for number in range(count):
            path = "%s%d" % (prefix, number) if prefix else "%06d" % number
            with open(os.path.join(base, folder, path), "wb") as file:
                file.write(roots.text(number))
    return base


class Storm:
    """A process of its own, so that python's lock does not hold up who measures."""

    def __init__(self, bench, base, seconds, rate=RATE):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "writer.py")
        self.process = subprocess.Popen(
            [sys.executable, script, os.path.join(base, "etc/storm"), str(FILES), str(rate), str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        bench.cleaner.stack.callback(self.end)
        self.process.stdout.readline()

    def begin(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def finish(self):
        """How many were written, and how many a second that was."""
        words = self.process.stdout.readline().split()
        self.process.wait(30)
        if len(words) != 2:
            raise Failure("the writer of the storm has ended")
        return int(words[0]), int(words[0]) / float(words[1])

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Markers:
    """Files that are written once each, from the last to the first: the newest is always the first path of all that differ,
    so one path is enough of an answer."""

    def __init__(self, each, count):
        self.each = each
        self.left = count
        self.asked_again = 0
        self.early = 0

    def measure(self, seconds):
        times, client = [], daemon.Client(self.each.path)
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.left:
            self.left -= 1
            name = "etc/!marker/%06d" % self.left
            descriptor = os.open(os.path.join(self.each.base, name), os.O_WRONLY)
            os.pwrite(descriptor, b"changed", 0)
            written, wall = time.monotonic(), time.time()
            while True:
                reply = client.call(b'{"method":"io.lbud.Status","parameters":{"limit":1}}\0')
                read = time.monotonic()
                pending = json.loads(reply[:-1])["parameters"]["pending"]
                if pending and pending[0]["path"]["text"] == name:
                    break
                self.asked_again += 1
                if read - written > 10:
                    raise Failure("lbud does not see that %s was written" % name)
            times.append(read - written)
            self.early += pending[0]["first"] < wall - 1e-5
            os.close(descriptor)
            # Not in step with anything.
            time.sleep(0.003 + 0.004 * ((self.left * 7919) % 97) / 97)
        client.close()
        return times


def latency(bench):
    rounds, seconds = bench.rounds(5, 2), bench.rounds(3.0, 0.7)
    most = int(rounds * seconds * 2 / 0.003)
    base = root(bench, "storm-latency", most)
    each = daemon.saved(bench, base)
    markers = Markers(each, most)
    quiet, stormy, rates = [], [], []
    for _ in range(rounds):
        quiet.append(markers.measure(seconds))
        storm = Storm(bench, base, seconds + 0.5)
        storm.begin()
        time.sleep(0.25)
        stormy.append(markers.measure(seconds))
        rates.append(storm.finish()[1])
        time.sleep(0.2)
    each.stop()

    def far(values):
        return [bench.percentile(part, 0.99) for part in values]

    everything = [value for part in stormy for value in part]
    calm = [value for part in quiet for value in part]
    bench.report.times(
        "storm", "event to journal, 99th percentile, %d events/s" % RATE, far(stormy), AIM,
        {"the median without a storm": bench.median(far(stormy)) / bench.median(calm)},
        note="all %d: median %.2f ms, 99th %.2f ms, longest %.2f ms; writer reached %d/s; %d answers without the marker" % (
            len(everything), bench.median(everything) * 1e3, bench.percentile(everything, 0.99) * 1e3,
            max(everything) * 1e3, bench.median(rates), markers.asked_again),
        more={"rates": rates, "answers without the marker": markers.asked_again,
              "dated by the journal before they were written": markers.early, "markers": len(everything) + len(calm)})
    bench.report.times(
        "storm", "event to journal, median, %d events/s" % RATE, everything, None,
        {"without a storm": bench.median(everything) / bench.median(calm)})
    bench.report.times(
        "storm", "event to journal, 99th percentile, without a storm", far(quiet), None,
        {"its median": bench.median(far(quiet)) / bench.median(calm)}, note="median %.2f ms" % (bench.median(calm) * 1e3))


def watchman(bench, base):
    work = os.path.join(bench.cleaner.work, "watchman")
    os.makedirs(work)
    path = os.path.join(work, "sock")
    # Options of its own, nothing of the user's: it refuses a folder that others may write to.
    os.chmod(work, 0o700)
    words = ["--sockname", path, "--statefile", os.path.join(work, "state"), "--logfile", os.path.join(work, "log")]
    program = spawn.Background(
        bench.cleaner, [find("watchman"), "--foreground", "--pidfile", os.path.join(work, "pid")] + words,
        err=os.path.join(work, "err"))
    deadline = time.monotonic() + 20
    while not os.path.exists(path):
        if program.poll() is not None or time.monotonic() > deadline:
            raise Failure("watchman does not start", "see %s" % os.path.join(work, "log"))
        time.sleep(0.05)
    spawn.timed([find("watchman"), "--no-spawn"] + words + ["watch", base])
    return program


def inotifywait(bench, base):
    log = os.path.join(bench.cleaner.work, "inotifywait")
    program = spawn.Background(
        bench.cleaner,
        [find("inotifywait"), "-m", "-r", "-e", "modify,close_write,attrib,create,delete,move", os.path.join(base, "etc")],
        err=log)
    deadline = time.monotonic() + 20
    while True:
        with open(log, errors="replace") as file:
            if "Watches established" in file.read():
                return program
        if program.poll() is not None or time.monotonic() > deadline:
            raise Failure("inotifywait does not start", "see %s" % log)
        time.sleep(0.05)


def settled(program):
    """Its processor time once it has no more to do."""
    before = program.processor()
    while True:
        time.sleep(0.3)
        now = program.processor()
        if now - before < 0.002:
            return now
        before = now


def processor(bench):
    watchers = [("lbud", daemon.saved(bench, root(bench, "storm-lbud")))]
    for name, start in (("watchman", watchman), ("inotifywait", inotifywait)):
        if find(name):
            base = root(bench, "storm-" + name)
            program = start(bench, base)
            program.base = base
            watchers.append((name, program))
        else:
            bench.report.leave_out("storm", "processor time of %s" % name, "it is not installed")
    costs = {name: [] for name, _ in watchers}
    rates = []
    # Each watches a root of its own, and there is one storm at a time, round and round.
    for _ in range(bench.rounds(5, 1)):
        for name, program in watchers:
            storm = Storm(bench, program.base, bench.rounds(3, 1))
            before = settled(program)
            storm.begin()
            count, rate = storm.finish()
            costs[name].append((settled(program) - before) / count)
            rates.append(rate)
    for name, program in watchers:
        values = [value * 1e6 for value in costs[name]]
        ratios = {
            "that of %s" % other: bench.median(costs[name]) / bench.median(costs[other]) for other in costs if other != name}
        if len(watchers) == 1:
            ratios = {"one processor, at that rate": bench.median(values) * bench.median(rates) / 1e6}
        if name == "lbud" or len(watchers) > 1:
            bench.report.line(
                "storm", "processor time an event, %s" % name, bench.median(values), "us", None, values, ratios,
                note="%d events/s" % bench.median(rates))
        program.stop()


def run(bench):
    latency(bench)
    processor(bench)
