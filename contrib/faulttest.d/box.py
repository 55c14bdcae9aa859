"""A root of a box, with an lbud on it."""
import fcntl
import glob
import os
import shutil
import signal
import socket
import subprocess
import time

import judge

# Seconds. Only what has no end reaches it.
LIMIT = 60


class Answer:
    """What lbuctl said."""

    def __init__(self, code, output, errors):
        self.code = code
        self.output = output
        self.errors = errors

    @property
    def is_lost(self):
        """Whether lbud ended before it answered."""
        return "lost the connection" in self.errors or "cannot connect" in self.errors

    def __str__(self):
        return "lbuctl ends with %s: %s" % (self.code, " / ".join((self.errors or self.output).split("\n")).strip(" /"))


class Box:
    """Saves to /backup, and only when asked.

    - number: the configuration that it has.
    - saved: what its media has, as `judge.bootable` tells it.
    """

    def __init__(self, folder, programs, settings):
        self.programs = programs
        self.folder = folder
        self.root = os.path.join(folder, "root")
        self.media = os.path.join(self.root, "backup")
        self.log = os.path.join(folder, "log")
        self.trace = os.path.join(folder, "trace")
        self.daemon = None
        self.number = 0
        self.saved = {}
        self.host = "box"
        for name in ("etc/lbu", "etc/apk/protected_paths.d", "lib/apk/db", "var/lib", "backup"):
            os.makedirs(os.path.join(self.root, name))
        lines = ["LBU_BACKUPDIR=/backup", "LBUD_AUTO=no", "LBUD_ON_SHUTDOWN=no", *settings]
        self.write("lib/apk/db/installed", b"")
        self.write("etc/hostname", self.host.encode() + b"\n")
        self.write("etc/lbu/lbu.conf", "".join(line + "\n" for line in lines).encode())
        # Without what every root has: a snapshot is to hold what the test has put there.
        self.write("etc/apk/protected_paths.d/lbu.list", b"-etc/lbu\n-etc/apk\n-etc/hostname\n+var/lib/mark\n")
        self.top = os.open(self.media, os.O_RDONLY | os.O_DIRECTORY)
        self.change()
        self.start()

    @property
    def current(self):
        return self.host + ".apkovl.tar.gz"

    @property
    def aim(self):
        """What the media is to have after a commit."""
        return {self.current: self.number}

    def write(self, path, content):
        with open(os.path.join(self.root, path), "wb") as file:
            file.write(content)

    def change(self):
        """Gives the box another configuration."""
        self.number += 1
        for path, content in judge.configuration(self.number).items():
            # A file that is touched is no longer copied.
            if self.content(path) != content:
                self.write(path, content)

    def content(self, path):
        try:
            with open(os.path.join(self.root, path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    # MARK: lbud

    def start(self):
        # Through a pipe: a limit on the size of files must not reach the log.
        with open(self.log, "ab") as log:
            self.keeper = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log)
        self.daemon = subprocess.Popen(
            [self.programs["lbud"], "--root", self.root], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.keeper.stdin)
        self.keeper.stdin.close()
        self.wait_until("lbud answers", self.answers)

    def answers(self):
        if not self.is_alive():
            raise judge.Bad("lbud does not start: it ends with %s" % self.daemon.returncode)
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(os.path.join(self.root, "run/lbud/lbud.sock"))
            return True
        except OSError:
            return False

    def is_alive(self):
        return self.daemon.poll() is None

    def was_killed(self, answer):
        """After an answer that was lost, the end of lbud is waited for."""
        if answer.is_lost:
            self.wait_until("lbud has ended", lambda: not self.is_alive())
        return self.daemon.poll() == -signal.SIGKILL

    def end(self):
        if self.daemon:
            self.daemon.kill()
            self.daemon.wait()
            self.keeper.wait()
            self.daemon = None

    def close(self):
        self.end()
        os.close(self.top)

    @staticmethod
    def wait_until(what, ready):
        """- Returns: what `ready` returns, once that is true."""
        end = time.monotonic() + LIMIT
        while not (result := ready()):
            if time.monotonic() > end:
                raise judge.Bad("waited %d s in vain until %s" % (LIMIT, what))
            time.sleep(0.001)
        return result

    # MARK: lbuctl

    def ask(self, *words):
        """Starts lbuctl; `answer` waits for it."""
        return subprocess.Popen(
            [self.programs["lbuctl"], "--root", self.root, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, close_fds=False)

    @staticmethod
    def answer(client):
        try:
            output, errors = client.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            client.kill()
            client.communicate()
            raise judge.Bad("lbud does not answer within %d s" % LIMIT) from None
        return Answer(client.returncode, output, errors)

    def lbuctl(self, *words):
        return self.answer(self.ask(*words))

    def shows_pending(self):
        """- Returns: whether `lbuctl status` shows that something is unsaved."""
        answer = self.lbuctl("status", "--all")
        if answer.code:
            raise judge.Bad("status fails: %s" % answer)
        shown = {line[4:] for line in answer.output.partition("\nsaved:")[0].splitlines() if line.startswith("  ")}
        if shown and not shown >= set(judge.configuration(self.number)) - {judge.CONSTANT}:
            raise judge.Bad("status shows a part of the change: %s" % answer)
        return bool(shown)

    # MARK: Media

    def keep_old_copies(self, count):
        """Has so many old snapshots on the media, of a time long ago, and none of what is in force.

        Those of the commits before this one go: dated by the second, hundreds of commits would soon lie ahead of the clock.
        """
        folder = os.path.join(self.media, "LBUD")
        dated = sorted(filter(judge.DATED.fullmatch, os.listdir(folder)), key=lambda name: name.split(".")[-3])
        with open(os.path.join(folder, dated[-1]), "rb") as file:
            content = file.read()
        for name in dated:
            os.remove(os.path.join(folder, name))
        for second in range(count):
            self.write("backup/LBUD/%s.202001010000%02d.tar.gz" % (self.host, second), content)

    def empty_media(self):
        for entry in os.scandir(self.media):
            shutil.rmtree(entry.path) if entry.is_dir() else os.remove(entry.path)
        self.saved = {}
        # lbud shall have noticed before it is asked to commit.
        self.lbuctl("status")

    def add_foreign(self):
        """Another box's overlay is put there."""
        name = "other.apkovl.tar.gz"
        judge.write_snapshot(os.path.join(self.media, name), judge.configuration(judge.FOREIGN))
        self.saved[name] = judge.FOREIGN

    def rename(self):
        """Gives the box another name, for the media to have its snapshot under the former one."""
        self.host = "gate" if self.host == "box" else "box"
        self.write("etc/hostname", self.host.encode() + b"\n")

    # MARK: The commit's own thread

    def lock(self):
        """Has a commit wait before it looks at the media; see `Publisher.lock`."""
        fcntl.flock(self.top, fcntl.LOCK_EX)

    def unlock(self):
        fcntl.flock(self.top, fcntl.LOCK_UN)

    def commit_thread(self):
        """- Returns: its number as text, or None."""
        for path in glob.glob("/proc/%d/task/*/comm" % self.daemon.pid):
            try:
                with open(path) as file:
                    if file.read() == "lbud-commit\n":
                        return path.split("/")[4]
            except OSError:
                # It has ended meanwhile.
                pass
        return None
