"""Programs: started with little overhead, timed as whole processes."""
import collections
import os
import signal
import time

from cleaning import Failure, within

Run = collections.namedtuple("Run", "seconds processor")
# Python ignores these, and a program that it starts would too.
DEFAULTS = [number for number in (signal.SIGPIPE, getattr(signal, "SIGXFSZ", None)) if number]


def start(argv, out=os.devnull, err=None, env=None):
    """The process, by posix_spawn: glibc makes it without copying this one's page tables. It gets a process group of its
    own, so that a Ctrl-C on the terminal ends this process, which then ends that one, in that order."""
    write = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, out, write, 0o644)]
    if err:
        actions.append((os.POSIX_SPAWN_OPEN, 2, err, write, 0o644))
    return os.posix_spawnp(
        argv[0], argv, os.environ if env is None else env, file_actions=actions, setpgroup=0, setsigdef=DEFAULTS)


def timed(argv, out=os.devnull, env=None, limit=900):
    """Runs a program and waits for it: the time from before its start until it is reaped, and its processor time (of what
    it has started and waited for too)."""
    with within(limit, " ".join(argv[:3])):
        begin = time.monotonic()
        pid = start(argv, out=out, env=env)
        try:
            _, status, usage = os.wait4(pid, 0)
        except BaseException:
            end_group(pid)
            raise
        seconds = time.monotonic() - begin
    if status != 0:
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        raise Failure("%s ends with %d" % (" ".join(argv), code), "run it by hand; --keep leaves the roots")
    return Run(seconds, usage.ru_utime + usage.ru_stime)


def end_group(pid):
    """Ends a process that `start` has made, and all that it has started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        pass


class Background:
    """A program that runs until it is told to end."""

    def __init__(self, cleaner, argv, out=os.devnull, err=None, env=None):
        self.pid = start(argv, out=out, err=err, env=env)
        self.code = None
        cleaner.stack.callback(self.kill)

    def poll(self):
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = status
        return self.code

    def stop(self, number=signal.SIGTERM, limit=120):
        if self.poll() is None:
            os.kill(self.pid, number)
            with within(limit, "process %d" % self.pid):
                self.code = os.waitpid(self.pid, 0)[1]

    def kill(self):
        if self.code is None:
            end_group(self.pid)
            self.code = -1

    def processor(self):
        """Its processor time, to the nanosecond: the clock that the kernel keeps for each process, threads that have ended
        included. What its children took that it has waited for is known in ticks only."""
        CPUCLOCK_SCHED = 2
        own = time.clock_gettime((~self.pid << 3) | CPUCLOCK_SCHED)
        with open("/proc/%d/stat" % self.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return own + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """The figures of /proc/PID/status in bytes, by name."""
        figures = {}
        with open("/proc/%d/status" % self.pid) as file:
            for line in file:
                name, value = line.split(":", 1)
                if value.endswith(" kB\n"):
                    figures[name] = int(value.split()[0]) * 1024
        return figures

    def wakeups(self):
        """How often each of its threads has gone to sleep by itself: each system call that waits is one."""
        counts = {}
        for task in os.listdir("/proc/%d/task" % self.pid):
            with open("/proc/%d/task/%s/status" % (self.pid, task)) as file:
                counts[task] = sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))
        return counts
