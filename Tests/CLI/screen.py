"""usage: screen.py [ROWS COLUMNS] <SCRIPT -- COMMAND...

Runs a command on a terminal of its own, as the foreground job of a shell, and does what the lines of the script say:

    until TEXT       waits until the screen shows it
    gone TEXT        waits until the screen does not show it
    row N TEXT       waits until this row (from 1) is so, without what is blank at its end
    run COMMAND      runs it with sh
    type KEYS        "^C" and "^Z" are those keys
    signal NAME      sends it to the command
    resize ROWS COLUMNS
    stopped          waits until the command is stopped, and sees that the terminal is as it was before
    frozen           waits until it is stopped, by what it cannot know of
    continue         has it go on, in the foreground
    hang up          closes the terminal
    show             prints the screen
    bytes NUMBER     sees that no more bytes than that have come since the line before
    idle SECONDS     sees that the command does nothing at all for so long
    ended CODE       waits for its end, and sees that the terminal is as it was before; a signal is 128 + its number

All that came stands in $SCREEN_LOG, where that is set. What is not as expected ends it with 1 and the screen."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unicodedata

PATIENCE = 30


class Screen:
    """What a terminal shows of what is written to it; it knows what lbuctl writes, and nothing else."""

    def __init__(self, rows, columns):
        self.main, self.alternate = [[]], None
        self.resize(rows, columns)
        self.modes = {25: True, 7: True, 1049: False}
        self.rest = ""

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0

    def feed(self, text):
        text = self.rest + text
        position = 0
        while position < len(text):
            if text[position] != "\x1b":
                self.put(text[position])
                position += 1
                continue
            found = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])").match(text, position)
            if not found:
                if len(text) - position > 20:
                    raise SystemExit(f"FAILED: no escape sequence that is known: {text[position:position + 20]!r}")
                break
            self.control(*found.groups())
            position = found.end()
        self.rest = text[position:]

    def control(self, private, numbers, letter):
        numbers = [int(number) for number in numbers.split(";") if number]
        if private:
            self.modes[numbers[0]] = letter == "h"
            if numbers == [1049]:
                self.clear()
        elif not self.modes[1049]:
            pass
        elif letter == "H":
            self.row, self.column = numbers[0] - 1, numbers[1] - 1
        elif letter == "J":
            self.clear()
        elif letter == "K":
            for column in range(self.column, self.columns):
                self.cells[self.row][column] = " "
        elif letter != "m":
            raise SystemExit(f"FAILED: an escape sequence that is not known: {letter}")

    def put(self, letter):
        if not self.modes[1049]:
            if letter == "\n":
                self.main.append([])
            elif letter != "\r":
                self.main[-1].append(letter)
            return
        if letter in "\r\n":
            return
        if ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0:
            raise SystemExit(f"FAILED: a control character came through: {letter!r}")
        if unicodedata.combining(letter):
            return
        if self.row >= self.rows:
            raise SystemExit(f"FAILED: row {self.row + 1} of {self.rows}")
        # Without wrapping what is too long is written over the last column: nothing may count on that.
        if self.column >= self.columns:
            raise SystemExit(f"FAILED: {letter!r} behind the last column of row {self.row + 1}: {self.text()}")
        self.cells[self.row][self.column] = letter
        self.column += 1

    def text(self):
        if not self.modes[1049]:
            return "\n".join("".join(line) for line in self.main)
        return "\n".join("".join(line).rstrip() for line in self.cells)


def own_job(command, reports, orders):
    """In the child: a shell's part. Tells of each stop and of the end; continues on a word."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    shell_mode = termios.tcgetattr(0)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        # As an interactive shell does: what has started the tests may ignore some of them (nohup, a job in the background).
        for number in (signal.SIGTTOU, signal.SIGHUP, signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP):
            signal.signal(number, signal.SIG_DFL)
        os.execvp(command[0], command)
    os.write(reports, f"job {job}\n".encode())
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            code = os.waitstatus_to_exitcode(status)
            os.write(reports, f"ended {code if code >= 0 else 128 - code}\n".encode())
            os._exit(0)
        os.tcsetpgrp(0, os.getpid())
        os.write(reports, b"stopped\n")
        os.read(orders, 1)
        # As a shell does that keeps a mode for itself.
        termios.tcsetattr(0, termios.TCSADRAIN, shell_mode)
        os.tcsetpgrp(0, job)
        os.kill(job, signal.SIGCONT)


class Session:
    def __init__(self, rows, columns, command):
        self.screen = Screen(rows, columns)
        self.log = open(os.environ.get("SCREEN_LOG", os.devnull), "wb")
        report, order = os.pipe(), os.pipe()
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        if os.fork() == 0:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(slave, descriptor)
            for descriptor in (slave, master, report[0], order[1]):
                os.close(descriptor)
            own_job(command, report[1], order[0])
        os.close(report[1])
        # Kept open: its mode can be asked for after the command's end.
        self.master, self.slave = master, slave
        self.reports, self.orders = report[0], order[1]
        self.told, self.count, self.decoder = [], 0, codecs.getincrementaldecoder("utf-8")()

    def pump(self, seconds):
        sources = [source for source in (self.reports, self.master) if source is not None]
        ready = select.select(sources, [], [], seconds)[0]
        if self.master in ready:
            part = os.read(self.master, 65536)
            self.log.write(part)
            self.log.flush()
            self.count += len(part)
            self.screen.feed(self.decoder.decode(part))
        # What was shown before the end comes before the end.
        elif self.reports in ready:
            part = os.read(self.reports, 4096)
            if not part:
                self.reports = None
            self.told += part.decode().splitlines()
        return bool(ready)

    def wait(self, what, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                self.fail(f"waited in vain: {what}")
            has_ended = any(word.startswith("ended") for word in self.told) and not what.startswith("ended")
            if not self.pump(0.2) and has_ended:
                self.fail(f"it has ended ({self.told[-1]}) before: {what}")

    def fail(self, why):
        print(f"FAILED: {why}; the screen shows:\n{self.screen.text()}")
        sys.exit(1)

    @property
    def job(self):
        self.wait("the job's number", lambda: self.told)
        return int(self.told[0].split()[1])

    def wakeups(self):
        with open(f"/proc/{self.job}/status") as status:
            return re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status.read(), re.M)[1]

    def is_given_back(self, why):
        while self.pump(0):
            pass
        mode = self.before if self.slave is None else termios.tcgetattr(self.slave)
        if mode != self.before:
            self.fail(f"{why}: the terminal has another mode than before: {mode}, {self.before}")
        if self.screen.modes != {25: True, 7: True, 1049: False}:
            self.fail(f"{why}: the terminal was not given back: {self.screen.modes}")

    def do(self, line):
        verb, _, rest = line.partition(" ")
        screen = self.screen
        if verb == "until":
            self.wait(line, lambda: rest in screen.text())
        elif verb == "gone":
            self.wait(line, lambda: rest not in screen.text())
        elif verb == "row":
            number, _, text = rest.partition(" ")
            self.wait(line, lambda: screen.text().split("\n")[int(number) - 1 :][:1] == [text])
        elif verb == "run":
            if subprocess.run(["sh", "-c", rest], stdin=subprocess.DEVNULL).returncode:
                self.fail(line)
        elif verb == "type":
            os.write(self.master, re.sub(r"\^([A-Z])", lambda key: chr(ord(key[1]) - 64), rest).encode())
        elif verb == "signal":
            os.kill(self.job, signal.Signals[f"SIG{rest}"])
        elif verb == "resize":
            rows, columns = map(int, rest.split())
            screen.resize(rows, columns)
            fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        elif verb in ("stopped", "frozen"):
            self.wait(line, lambda: "stopped" in self.told)
            self.told.remove("stopped")
            if verb == "stopped":
                self.is_given_back(line)
        elif verb == "continue":
            os.write(self.orders, b"c")
        elif line == "hang up":
            os.close(self.slave)
            os.close(self.master)
            self.slave = self.master = None
            screen.modes = {25: True, 7: True, 1049: False}
        elif verb == "show":
            print(screen.text())
        elif verb == "bytes":
            while self.pump(0.3):
                pass
            if self.count > int(rest):
                self.fail(f"{self.count} bytes have come")
        elif verb == "idle":
            before = self.wakeups()
            end = time.monotonic() + float(rest)
            while time.monotonic() < end:
                self.pump(0.1)
            if self.wakeups() != before:
                self.fail(f"it woke up: {before}, {self.wakeups()}")
        elif verb == "ended":
            self.wait(line, lambda: self.told and self.told[-1].startswith("ended"))
            self.is_given_back(line)
            if self.told[-1] != line:
                self.fail(f"expected that it {line}, it {self.told[-1]}")
        else:
            self.fail(f"no word of a script: {line}")
        if verb != "bytes":
            self.count = 0


separator = sys.argv.index("--")
size = [int(word) for word in sys.argv[1:separator]] or [24, 80]
session = Session(*size, sys.argv[separator + 1 :])
for line in sys.stdin.read().splitlines():
    if line.strip():
        session.do(line.strip())
sys.exit(0)
