"""What contrib/faulttest does to system calls, and strace, which does it."""
import itertools
import re
import subprocess

# strace leaves out the call that it fails. For a close that would keep the descriptor open, and the lock on the media with
# it, which no kernel does. To be killed there is another matter.
ONLY_KILLED = {"close"}
# What has errors for a medium that dies, and for one that turns read-only.
OF_THE_MEDIUM = (
    "copy_file_range", "fsync", "ftruncate", "linkat", "mkdirat", "pread64", "renameat", "unlinkat", "utimensat", "write")
WRITING = tuple(call for call in OF_THE_MEDIUM if call not in ("fsync", "pread64"))
WORDS = {
    "EINTR": "interrupted system call",
    "EIO": "input/output error",
    "ENOSPC": "no space left on device",
    "EROFS": "read-only file system",
}


class Failed(Exception):
    """The test itself does not work."""


# MARK: Kinds of faults


class Fault:
    """One kind of fault.

    - effect: as strace's inject= takes it.
    - calls: those that it is for; None is for all.
    - lasts: whether it stays, from the call on.
    - words: a pattern for what lbuctl says where the commit fails for it.
    """

    def __init__(self, name, effect, calls=None, lasts=False, words=None):
        self.name = name
        self.effect = effect
        self.calls = calls
        self.lasts = lasts
        self.words = words

    @classmethod
    def error(cls, name, lasts=False):
        # A path and the errno's words: "cannot fsync /backup: input/output error", "/etc/motd: cannot be read: ...".
        words = r"(cannot [^:]* )?/[^:]*: (cannot be read: )?" + WORDS[name]
        return cls(name + "+" if lasts else name, "error=" + name, lasts=lasts, words=words)

    @property
    def kills(self):
        return self.effect == "signal=KILL"

    def suits(self, call):
        if self.calls is not None:
            return call in self.calls
        return self.kills or call not in ONLY_KILLED

    def at(self, call, number):
        """- Returns: arguments for the call of that number."""
        return ["-e", "inject=%s:%s:when=%d%s" % (call, self.effect, number, "+" if self.lasts else "")]


OTHER_BYTES = "@arg2=5aa55aa55aa55aa5"
NOT_READ_BACK = "/backup/[^ ]*(?:: what was written cannot be read back| could not be gone back to, so nothing is saved): "
EACH = [
    Fault.error("ENOSPC"), Fault.error("EIO"), Fault.error("EROFS"), Fault.error("EINTR"), Fault("KILL", "signal=KILL"),
    Fault.error("ENOSPC", lasts=True), Fault.error("EIO", lasts=True), Fault.error("EROFS", lasts=True),
    # A medium that lies: it takes eight bytes and does not write them; it writes others; it reads others.
    Fault("not written", "retval=8", ("write",), words=NOT_READ_BACK),
    Fault("not copied", "retval=4096", ("copy_file_range",), words=NOT_READ_BACK),
    Fault("written wrong", "poke_enter=" + OTHER_BYTES, ("write",), words=NOT_READ_BACK),
    Fault("read wrong", "poke_exit=" + OTHER_BYTES, ("pread64",), words=NOT_READ_BACK),
]
# For what the daemon does before and after a commit, which is to look and to read.
ON_THE_WAY = [fault for fault in EACH if fault.name in ("EIO", "EINTR", "KILL", "EIO+")]
DEAD = Fault("dead from there", "error=EIO", OF_THE_MEDIUM, lasts=True, words=WORDS["EIO"])
READ_ONLY = Fault("read-only from there", "error=EROFS", WRITING, lasts=True, words=WORDS["EROFS"])
# Real short writes. strace can only say that less was written, and then nothing was; a limit on the size of files makes
# the kernel write a part. A small file system would do it too, but needs to be mounted, and cannot be made larger in the
# middle of a write for it to go on.
SHORT = Fault("short write", "delay_enter=200000:delay_exit=200000", ("write",), words="never")
SHORT_THEN_ERROR = Fault("short, then EFBIG", "delay_enter=200000", ("write",),
                         words="cannot write /backup/[^:]*: file too large")


# MARK: When they come


class Disturbance:
    """One fault at one moment of one commit.

    - where: the moment, in words.
    - traced: the calls that strace looks at; none for all.
    - follow: whether all of lbud's threads are disturbed, or the commit's own alone.
    - limit: the size that the new snapshot has before a write, and how much of that may be written.
    """

    def __init__(self, fault, where, traced=(), arguments=(), follow=False, limit=None):
        self.fault = fault
        self.where = where
        self.traced = tuple(traced)
        self.arguments = list(arguments)
        self.follow = follow
        self.limit = limit

    def __str__(self):
        return "%s, %s" % (self.fault.name, self.where)


class Series:
    """Disturbances of one kind, one after another.

    - length: about how many.
    - is_open: whether they go on until one finds nothing to disturb.
    """

    def __init__(self, fault, disturbances, length, is_open=False):
        self.fault = fault
        self.disturbances = disturbances
        self.length = length
        self.is_open = is_open

    def share(self, one_of, chance):
        """- Returns: every so manieth of them, from one of the first on that is there; of a short series at least one."""
        disturbances, count = self.disturbances, self.length
        if not self.is_open:
            # Their length is an estimate of the time.
            disturbances = list(disturbances)
            count = len(disturbances)
        first = chance.randrange(min(one_of, max(1, count)))
        return Series(self.fault, itertools.islice(disturbances, first, None, one_of), self.length / one_of, self.is_open)


def at_each_call(fault, call, length, follow=False):
    """The first call of that name, the second, and so on."""
    def disturbances():
        for number in itertools.count(1):
            where = "%s %d%s" % (call, number, " of any thread" if follow else "")
            yield Disturbance(fault, where, [call], fault.at(call, number), follow)

    return Series(fault, disturbances(), length, is_open=True)


def from_each_call(fault, recorded, always):
    """All calls that the fault is for, from each one of them on, as they were recorded."""
    done = dict.fromkeys((call for call in fault.calls if call not in always), 0)
    disturbances = []
    for call in recorded:
        if call in done:
            arguments = [word for other, count in done.items() for word in fault.at(other, count + 1)]
            done[call] += 1
            disturbances.append(Disturbance(fault, "from %s %d on" % (call, done[call]), done, arguments))
    return Series(fault, disturbances, 2 * len(disturbances))


def within_each_write(fault, lines):
    """Has a limit fall into the middle of each write to the new snapshot, as they were recorded."""
    disturbances = []
    written = number = 0
    path = None
    for line in lines:
        # What the kernel copies is part of it too, but is cut short in no other way.
        copied = re.match(r"copy_file_range\(\d+<.*?>, .*?, (\d+<.*>), NULL, \d+, 0\) += (\d+)$", line)
        if copied:
            path = path or copied[1]
            written += int(copied[2])
        match = re.match(r"write\((\d+<.*>), .*, \d+\) += (\d+)$", line)
        if not match:
            continue
        number += 1
        path = path or match[1]
        # The copy of an old one is written in the same way.
        if match[1] == path:
            limit = (written, int(match[2]) // 2)
            disturbances.append(
                Disturbance(fault, "write %d" % number, ["write"], fault.at("write", number), limit=limit))
            written += int(match[2])
    return Series(fault, disturbances, 2 * len(disturbances))


# MARK: strace


class Strace:
    """strace, attached to a thread, or to all threads of a process. `ProcessLookupError`: that has ended."""

    def __init__(self, output, arguments, thread, follow=False):
        self.output = output
        self.process = subprocess.Popen(
            ["strace", "-y", "-s", "0", "-o", output, *(["-f"] if follow else []), "-p", str(thread), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, close_fds=False)
        said = ""
        for line in self.process.stderr:
            said += line
            if " attached" in line:
                return
        self.process.wait()
        if "No such process" in said:
            raise ProcessLookupError
        raise Failed("strace does not attach: " + said.strip())

    def detach(self):
        self.process.terminate()

    def lines(self):
        """- Returns: what it has seen, once it has ended: for `detach`, or because what it traced has."""
        try:
            self.process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            # To detach from a process that is just being killed, or one that waits for a child of vfork, strace 6.1 waits
            # for ever. What it has seen is in the file; the kernel detaches what it leaves.
            self.kill()
        with open(self.output, errors="replace") as file:
            return file.read().splitlines()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


CALL = re.compile(r"(?:\d+ +)?([a-z]\w*)\(")
SHORT_RESULT = re.compile(r", (\d+)\) += (\d+)\b")


def calls(lines):
    """- Returns: the names of the calls in their order, each with its line."""
    return [(match[1], line) for line in lines if (match := CALL.match(line))]


def is_about_files(line):
    """Whether a descriptor is a file's, as -y tells: other calls fail in other ways, or not at all."""
    return "</" in line


def injected(lines):
    return [line for line in lines if "(INJECTED" in line]


def fell_short(lines):
    """- Returns: writes that wrote less than they were to."""
    return [line for line in lines if (match := SHORT_RESULT.search(line)) and int(match[2]) < int(match[1])]
