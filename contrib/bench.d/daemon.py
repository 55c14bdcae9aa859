"""lbud, started on a root and asked over its socket."""
import json
import os
import socket
import time

import roots
import spawn
from cleaning import Failure, within


class Client:
    """One connection."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise

    def call(self, message):
        """The reply to a message that is encoded already."""
        self.socket.sendall(message)
        reply = self.socket.recv(1 << 20)
        while not reply.endswith(b"\0"):
            part = self.socket.recv(1 << 20)
            if not part:
                raise ConnectionError("no answer")
            reply += part
        return reply

    def status(self, limit):
        reply = json.loads(self.call(b'{"method":"io.lbud.Status","parameters":{"limit":%d}}\0' % limit)[:-1])
        if "error" in reply:
            raise Failure("Status is answered with %s" % reply["error"])
        return reply["parameters"]

    def close(self):
        self.socket.close()


class Daemon(spawn.Background):
    """`saved`: whether ready means that the snapshot is known and nothing is unsaved; else the first answer counts."""

    def __init__(self, bench, base, saved=False):
        self.bench = bench
        self.base = base
        self.path = os.path.join(base, "run/lbud/lbud.sock")
        if os.path.exists(self.path):
            os.unlink(self.path)
        begin = time.monotonic()
        super().__init__(
            bench.cleaner, [bench.program("lbud"), "--root", base], err=os.path.join(base, "log"))
        self.answered = None
        with within(300, "the start of lbud on %s" % base):
            while not self._is_ready(saved, begin):
                if self.poll() is not None:
                    raise Failure("lbud ended: %s" % self._last_words())
                # Far below what is measured, and it leaves the processor to lbud.
                time.sleep(0.0005)
        self.ready = time.monotonic() - begin

    def _is_ready(self, saved, begin):
        try:
            client = Client(self.path)
            status = client.status(1)
            client.close()
        except OSError:
            return False
        self.answered = self.answered or time.monotonic() - begin
        return not saved or (status.get("snapshot") is not None and not any(status["counts"].values()))

    def _last_words(self):
        with open(os.path.join(self.base, "log"), errors="replace") as file:
            return (file.read().splitlines() or ["it said nothing"])[-1]

    def lbuctl(self, *words):
        return spawn.timed([self.bench.program("lbuctl"), "--root", self.base, *words])

    def commit(self):
        """What `lbuctl commit` takes: as a whole process, and in processor time of both sides. That a new snapshot is there
        is looked up, since nothing else would tell that something was measured."""
        before = roots.snapshot(self.base)[1] if os.path.exists(os.path.join(self.base, roots.SNAPSHOT)) else None
        processor = self.processor()
        run = self.lbuctl("commit")
        both = self.processor() - processor + run.processor
        if roots.snapshot(self.base)[1] == before:
            raise Failure("lbuctl commit has made no snapshot in %s" % self.base)
        return spawn.Run(run.seconds, both)

    def is_clean(self):
        client = Client(self.path)
        try:
            return not any(client.status(1)["counts"].values())
        finally:
            client.close()


def saved(bench, base):
    """A daemon on a root of which everything is saved."""
    daemon = Daemon(bench, base)
    if not daemon.is_clean() or not os.path.exists(os.path.join(base, roots.SNAPSHOT)):
        daemon.commit()
    return daemon
