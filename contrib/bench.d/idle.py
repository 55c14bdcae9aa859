"""Whether lbud does nothing where nothing happens: no system call, and no timer that will be one."""
import collections
import os
import platform
import re
import struct
import time

import daemon
import roots
import spawn
from cleaning import Failure
from machine import find

# Calls that wait, and which argument says how long: a number of milliseconds, or the address of a struct timespec.
WAITS = {
    "x86_64": {
        7: ("poll", 2, "ms"), 232: ("epoll_wait", 3, "ms"), 281: ("epoll_pwait", 3, "ms"), 441: ("epoll_pwait2", 3, "at"),
        271: ("ppoll", 2, "at"), 270: ("pselect6", 4, "at"), 202: ("futex", 3, "at"), 35: ("nanosleep", 0, "at"),
        230: ("clock_nanosleep", 2, "at"), 128: ("rt_sigtimedwait", 2, "at"), 130: ("rt_sigsuspend", None, None),
        0: ("read", None, None), 61: ("wait4", None, None), 47: ("recvmsg", None, None)},
    "aarch64": {
        22: ("epoll_pwait", 3, "ms"), 441: ("epoll_pwait2", 3, "at"), 73: ("ppoll", 2, "at"), 72: ("pselect6", 4, "at"),
        98: ("futex", 3, "at"), 101: ("nanosleep", 0, "at"), 115: ("clock_nanosleep", 2, "at"),
        137: ("rt_sigtimedwait", 2, "at"), 133: ("rt_sigsuspend", None, None), 63: ("read", None, None),
        260: ("wait4", None, None), 212: ("recvmsg", None, None)}}


def waiting(pid):
    """What each thread waits in, and for how many seconds (None: for ever). The kernel tells the arguments of a call that
    has not returned; strace prints them when it does, which is what must not happen."""
    found = []
    calls = WAITS.get(platform.machine(), {})
    for task in sorted(os.listdir("/proc/%d/task" % pid), key=int):
        with open("/proc/%d/task/%s/comm" % (pid, task)) as file:
            thread = file.read().strip()
        with open("/proc/%d/task/%s/syscall" % (pid, task)) as file:
            words = file.read().split()
        if not words[0].isdigit():
            found.append((thread, words[0], None))
            continue
        name, place, kind = calls.get(int(words[0]), ("call %s" % words[0], None, None))
        seconds = None
        if kind == "ms":
            milliseconds = struct.unpack("i", struct.pack("I", int(words[1 + place], 16) & 0xffffffff))[0]
            seconds = None if milliseconds < 0 else milliseconds / 1e3
        elif kind == "at" and int(words[1 + place], 16):
            with open("/proc/%d/mem" % pid, "rb", buffering=0) as file:
                file.seek(int(words[1 + place], 16))
                seconds = sum(part * unit for part, unit in zip(struct.unpack("qq", file.read(16)), (1, 1e-9)))
            FUTEX_WAIT_BITSET, FUTEX_CLOCK_REALTIME = 9, 256
            operation = int(words[2], 16)
            if name == "futex" and operation & 127 == FUTEX_WAIT_BITSET:
                # The one of these that names a moment.
                seconds -= time.time() if operation & FUTEX_CLOCK_REALTIME else time.monotonic()
        found.append((thread, name, seconds))
    return found


def timers(pid):
    """Everything that is armed and will wake it: timerfds, POSIX timers, and waits that end by themselves."""
    armed = []
    for number in os.listdir("/proc/%d/fd" % pid):
        if "timerfd" in os.readlink("/proc/%d/fd/%s" % (pid, number)):
            with open("/proc/%d/fdinfo/%s" % (pid, number)) as file:
                value = re.search(r"it_value: \((\d+), (\d+)\)", file.read())
            if value and (int(value.group(1)) or int(value.group(2))):
                armed.append("timerfd in %.1f s" % (int(value.group(1)) + int(value.group(2)) / 1e9))
    with open("/proc/%d/timers" % pid) as file:
        armed += ["a POSIX timer" for line in file if line.startswith("ID:")]
    armed += ["%s of the thread %s ends after %.0f s" % (name, thread, seconds)
              for thread, name, seconds in waiting(pid) if seconds is not None]
    return armed


class Trace:
    """strace on a daemon. Its coming disturbs what waits, so calls count from a moment after that."""

    def __init__(self, bench, each, name):
        self.path = os.path.join(bench.cleaner.work, "strace-" + name)
        # -ttt is the wall clock, as is time.time() below; --seccomp-bpf and the like would hide calls.
        self.strace = spawn.Background(
            bench.cleaner, [find("strace"), "-f", "-q", "-ttt", "-o", self.path, "-p", str(each.pid)],
            err=self.path + ".err")
        deadline = time.monotonic() + 10
        while not self._traced(each.pid):
            if self.strace.poll() is not None or time.monotonic() > deadline:
                with open(self.path + ".err") as file:
                    raise Failure("strace cannot attach: %s" % (file.read().splitlines() or ["it says nothing"])[-1])
            time.sleep(0.01)

    def _traced(self, pid):
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/status" % (pid, task)) as file:
                if "TracerPid:\t0\n" in file.read():
                    return False
        return True

    def calls(self, begin, end):
        """The calls that were made in between; whoever was in one before is not."""
        self.strace.stop(limit=20)
        found = []
        with open(self.path, errors="replace") as file:
            for line in file:
                # `PID TIME CALL`; what an earlier call returns, and that strace leaves, is no call.
                words = line.split(None, 2)
                if len(words) == 3 and begin <= float(words[1]) <= end and not words[2].startswith(("<", "+++", "---")):
                    found.append(words[2].strip())
        return found


def names(calls):
    """Which calls they were, and how often."""
    counts = collections.Counter(call.split("(")[0] for call in calls)
    return ", ".join("%s %d" % pair for pair in counts.most_common())


def woken(before, after):
    """How often threads that were there all along went to sleep."""
    return sum(after[task] - count for task, count in before.items() if task in after)


def run(bench):
    seconds = bench.rounds(60, 5)
    can_trace = find("strace") is not None
    if not can_trace:
        bench.report.leave_out("idle", "system calls", "there is no strace; the times that threads wait are counted instead")
    cases = []
    for label, settings in (("LBUD_RESCAN as it is by default", ""), ("LBUD_RESCAN=0", "LBUD_RESCAN=0\n")):
        # A daemon as on a box: it commits by itself, and there is nothing to.
        base = bench.roots.get(
            bench.sizes[0], use="idle%d" % len(cases), settings="LBU_BACKUPDIR=/backup\n" + settings)
        cases.append((label, daemon.saved(bench, base)))
    # What a commit leaves behind (LBUD_MIN_INTERVAL, a connection that ends) is not what is asked about: both are started
    # anew, on what is saved, and left alone until the threads that the start has taken are gone: a timeout of 10 s that nobody waits for any
    # more wakes some, which stay for 5 s.
    for _, each in cases:
        each.stop()
    cases = [(label, daemon.Daemon(bench, each.base, saved=True)) for label, each in cases]
    time.sleep(bench.rounds(20, 4))
    # Before strace comes: it makes a wait that it has interrupted a restart_syscall, which tells nothing.
    armed = [look(bench, each) for _, each in cases]
    traces = [Trace(bench, each, str(place)) for place, (_, each) in enumerate(cases)] if can_trace else []
    time.sleep(2)
    begin = time.time()
    before = [(each.wakeups(), each.processor()) for _, each in cases]
    time.sleep(seconds)
    after = [(each.wakeups(), each.processor()) for _, each in cases]
    end = time.time()
    for place, (label, each) in enumerate(cases):
        slept = woken(before[place][0], after[place][0])
        used = after[place][1] - before[place][1]
        calls = traces[place].calls(begin, end) if can_trace else []
        count = len(calls) if can_trace else slept
        what = "system calls" if can_trace else "waits"
        bench.report.line(
            "idle", "%s in %d s of nothing to do, %s" % (what, seconds, label), count, "", 0,
            ratios={"the seconds": count / seconds}, note=names(calls),
            more={"calls": calls[:200], "threads went to sleep": slept, "processor time (ms)": used * 1e3})
        if armed[place]:
            timers_armed, waits = armed[place]
            bench.report.line(
                "idle", "timers armed then, %s" % label, len(timers_armed), "", 0,
                ratios={"itself": len(timers_armed)}, note="; ".join(timers_armed),
                more={"armed": timers_armed, "threads wait in": ["%s: %s" % (thread, name) for thread, name, _ in waits]})
        each.stop()


def look(bench, each):
    """The timers and the waits of a daemon; None where the kernel does not show them."""
    try:
        return timers(each.pid), waiting(each.pid)
    except PermissionError:
        bench.report.leave_out("idle", "timers", "the kernel shows them to root alone here")
        return None
