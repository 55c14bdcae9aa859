"""The cases of one machine, one after another. What a case has to see after the next boot is seen in the first boot of the
case behind it, and so no boot serves a look alone."""
import sys
import threading
import time

from guest import Failed

printing = threading.Lock()


class Result:
    def __init__(self):
        self.passed = 0
        self.failures = []
        self.notes = []
        self.boots = 0
        self.began = time.monotonic()
        self.seconds = 0


class Session:
    def __init__(self, machine, verbose):
        self.machine = machine
        self.verbose = verbose
        self.results = {}
        self.deferred = []
        self.case = None
        # For case e: how often and when the machine is killed, and what came of it.
        self.kills = 0
        self.chance = None
        self.summary = None

    def begin(self, case):
        self.case = case
        self.results[case] = Result()

    def result(self):
        return self.results[self.case]

    def boot(self, orders, power="poweroff", **how):
        """Boots the machine, which first looks at what is deferred. - power: how the orders end."""
        looked, before = self.deferred, ""
        self.deferred = []
        for case, words in looked:
            before += "case=%s; %s\n" % (case, words)
        self.result().boots += 1
        told = None
        try:
            told = self.machine.boot("%scase=%s\n%s\n%s\n" % (before, self.case, orders, power), **how)
        except Failed as error:
            for case in {case for case, _ in looked} | {self.case}:
                self.results[case].failures.append(str(error))
        finally:
            if told:
                self.count(told.lines)
            for case, _ in looked:
                self.report(case)
        return told

    def count(self, lines):
        for line in lines:
            word, _, rest = line.partition(" ")
            case, _, rest = rest.partition(" ")
            if word == "pass":
                self.results[case].passed += 1
                self.results[case].notes.append("passed: " + rest)
            elif word == "fail":
                self.results[case].failures.append(rest)
            elif word == "|" and self.results[case].failures:
                self.results[case].failures[-1] += "\n    | " + rest
            elif word == "info":
                self.results[case].notes.append(rest)

    def check(self, words, holds, why=""):
        """What the host sees itself."""
        if holds:
            self.result().passed += 1
            self.result().notes.append("passed: " + words)
        else:
            self.result().failures.append(words + (": " + why if why else ""))

    def console_says(self, words, told, pattern):
        """- pattern: a compiled one, for a line of the console after the shutdown has begun."""
        if told is None:
            return
        lines = [line for line in told.console if not line.startswith("CT ")]
        start = next((index for index, line in enumerate(lines) if "Stopping" in line), 0)
        found = [line for line in lines[start:] if pattern.search(line)]
        self.result().notes += ["console: " + line for line in found]
        self.check(words, found, "it says:\n" + "\n".join("    | " + line for line in lines[start:]))

    def defer(self, words):
        """What the next boot looks at first."""
        self.deferred.append((self.case, words))

    def end(self):
        """No more cases."""
        if self.deferred:
            self.begin("last-look")
            self.boot(":")
            rest = self.results.pop("last-look")
            if rest.failures:
                self.results["last-look"] = rest

    def report(self, case):
        result = self.results[case]
        result.seconds = time.monotonic() - result.began
        with printing:
            print("%s, %s: %d passed, %d failed (%d boots, %d s)" % (
                case, self.machine.filesystem, result.passed, len(result.failures), result.boots, result.seconds))
            for failure in result.failures:
                print("  failed: " + failure)
            for note in result.notes if self.verbose else []:
                print("  " + note)
            sys.stdout.flush()
