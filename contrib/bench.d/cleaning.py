"""What has to be undone, on every way out: the end, an error, SIGINT, SIGTERM, SIGHUP."""
import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile


class Failure(Exception):
    """Something does not work. A time that is too long is never one."""

    def __init__(self, text, hint=None):
        super().__init__(text)
        self.hint = hint


LIBC = ctypes.CDLL(None, use_errno=True)
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Cleaner:
    """The folder that everything is in, and what else goes at the end, the last first."""

    def __init__(self, where, keep):
        self.stack = contextlib.ExitStack()
        self.keep = keep
        self.has_mounts = False
        try:
            self.work = tempfile.mkdtemp(prefix="lbud-bench-", dir=where)
        except OSError as error:
            raise Failure(
                "no folder can be made in %s: %s" % (where, error.strerror), "give another one: --where DIR") from None
        self.stack.callback(self._remove_work)
        for number in ENDING:
            signal.signal(number, self._end)
        signal.signal(signal.SIGALRM, self._alarm)

    @staticmethod
    def _end(number, _frame):
        # The default of the shell for what a signal has ended; the stack is closed on the way.
        sys.exit(128 + number)

    @staticmethod
    def _alarm(_number, _frame):
        raise Failure("what was waited for has not come")

    def _remove_work(self):
        if self.keep:
            print("bench: kept: %s" % self.work, file=sys.stderr)
        else:
            shutil.rmtree(self.work, ignore_errors=True)

    def own_mounts(self):
        """From now on mounts are this process's own: should it be killed, the kernel undoes them, and the loop devices of
        `mount -o loop` go with the mounts."""
        if self.has_mounts:
            return
        CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 1 << 18
        if LIBC.unshare(CLONE_NEWNS) != 0 or LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self.has_mounts = True

    @contextlib.contextmanager
    def group(self):
        """What one group has started ends with it, the more so where it has failed: the next one is measured without it."""
        outer = self.stack
        try:
            with contextlib.ExitStack() as self.stack:
                yield
        finally:
            self.stack = outer

    def close(self):
        # A second Ctrl-C must not leave half of it.
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        signal.alarm(0)
        self.stack.close()


@contextlib.contextmanager
def within(seconds, what):
    """An error where something takes that long: it hangs. The limit is far from any time that is measured."""
    signal.alarm(seconds)
    try:
        yield
    except Failure as failure:
        if str(failure) == "what was waited for has not come":
            raise Failure("%s has not ended within %d s" % (what, seconds)) from None
        raise
    finally:
        signal.alarm(0)
