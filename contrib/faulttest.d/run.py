"""Runs contrib/faulttest once all it needs is there: disturbs commits, judges what is left, prints the table."""
import argparse
import collections
import os
import queue
import random
import shutil
import signal
import sys
import threading
import time

import faults
import judge
import scenarios
from box import Box
from commit import Commit

printing = threading.Lock()
# So many wrong states are enough to begin with.
ENOUGH = 10
UNDISTURBED = faults.Fault("nothing", None, ())


def say(text):
    with printing:
        print(text, flush=True)


def plan(box, scenario):
    """- Returns: all series of disturbances for a scenario, the longest first."""
    def record(follow):
        commit = Commit(box, scenario, faults.Disturbance(UNDISTURBED, "never", follow=follow))
        commit.run()
        return faults.calls(commit.trace)

    recorded = record(follow=False)
    counts = collections.Counter(call for call, line in recorded if faults.is_about_files(line))
    say("%s: %s\n  calls: %s" % (scenario.name, scenario.text, ", ".join(
        "%d %s" % (count, call) for call, count in sorted(counts.items()))))
    series = [faults.at_each_call(fault, call, count) for fault in faults.EACH for call, count in counts.items()
              if fault.suits(call) and call not in scenario.always]
    for fault in (faults.DEAD, faults.READ_ONLY):
        series.append(faults.from_each_call(fault, [call for call, _ in recorded], scenario.always))
    for fault in (faults.SHORT, faults.SHORT_THEN_ERROR):
        series.append(faults.within_each_write(fault, [line for _, line in recorded]))
    if scenario.on_the_way:
        counts = collections.Counter(call for call, _ in record(follow=True))
        series += [faults.at_each_call(fault, call, count, follow=True)
                   for fault in faults.ON_THE_WAY for call, count in counts.items() if fault.suits(call)]
    return sorted(series, key=lambda one: -one.length)


class Tally:
    """What came of the disturbances of one kind."""

    def __init__(self):
        self.hits = self.saved = self.failed = self.killed = self.bad = 0

    def add(self, commit):
        self.hits += commit.was_hit
        if commit.killed:
            self.killed += 1
        elif commit.was_hit and commit.answer.code == 0:
            self.saved += 1
        elif commit.was_hit:
            self.failed += 1


class Test:
    """All scenarios, and what came of them."""

    def __init__(self, options):
        self.options = options
        self.chance = random.Random(options.seed)
        self.programs = {name: os.path.join(options.bin, name) for name in ("lbud", "lbuctl")}
        self.tallies = {}
        self.commits = 0
        # Calls that lbud does not repeat though they were only interrupted.
        self.interrupted = collections.Counter()
        self.error = None
        self.boxes = 0

    # MARK: Boxes

    def new_box(self, settings):
        """- Returns: a box that has saved twice, so that it has an old snapshot."""
        with printing:
            self.boxes += 1
            folder = os.path.join(self.options.work, "box%d" % self.boxes)
        os.makedirs(folder)
        box = Box(folder, self.programs, settings)
        for _ in range(2):
            box.change()
            answer = box.lbuctl("commit")
            if answer.code:
                raise faults.Failed("a commit fails that nothing disturbs: %s" % answer)
        box.saved = judge.state(box.media, [box.aim])
        return box

    def close(self, box):
        box.close()
        if not self.options.keep:
            shutil.rmtree(box.folder)

    # MARK: Controls

    def control(self):
        """Whether wrong states are seen: those that somebody makes, and one that lbud does not prevent."""
        count = judge.controls(self.options.work)
        box = self.new_box(["LBUD_VERIFY=no"])
        try:
            lie = next(fault for fault in faults.EACH if fault.name == "written wrong")
            Commit(box, scenarios.SCENARIOS[0], faults.Disturbance(lie, "write 1", ["write"], lie.at("write", 1))).run()
        except judge.Bad as error:
            say("control: of %d wrong states the judge sees all, and where LBUD_VERIFY=no lets a medium lie: %s" % (count, error))
        else:
            raise faults.Failed("the judge is blind: it does not see a medium that lies, with LBUD_VERIFY=no")
        finally:
            self.close(box)

    # MARK: One scenario

    def run(self, scenario):
        """With a box for each worker, until all series are done."""
        box = self.new_box(scenario.settings)
        todo = queue.SimpleQueue()
        try:
            for series in plan(box, scenario):
                if self.options.one_of > 1:
                    series = series.share(self.options.one_of, self.chance)
                # In this order in the table too.
                self.tallies.setdefault((scenario.name, series.fault.name), Tally())
                todo.put(series)
        finally:
            self.close(box)
        workers = [threading.Thread(target=self.work, args=(scenario, todo)) for _ in range(self.options.workers)]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                worker.join()
        except BaseException as error:
            self.error = self.error or error
            for worker in workers:
                worker.join()
        if self.error:
            raise self.error
        if not any(tally.hits for (name, _), tally in self.tallies.items() if name == scenario.name):
            raise faults.Failed("%s: no commit was disturbed" % scenario.name)
        for (name, fault), tally in self.tallies.items():
            # Of a few calls the one that was chosen need not be made each time.
            if name == scenario.name and not tally.hits and self.options.one_of > 1:
                say("%s: %s: this time no commit was disturbed" % (name, fault))
            elif name == scenario.name and not tally.hits:
                raise faults.Failed("%s: %s: no commit was disturbed" % (name, fault))

    def work(self, scenario, todo):
        box = None
        try:
            while not self.error:
                try:
                    series = todo.get_nowait()
                except queue.Empty:
                    return
                for disturbance in series.disturbances:
                    box = box or self.new_box(scenario.settings)
                    is_well, was_hit = self.try_one(box, scenario, disturbance)
                    if not is_well:
                        self.close(box)
                        box = None
                    if self.error or (series.is_open and not was_hit):
                        break
        except BaseException as error:
            self.error = self.error or error
        finally:
            if box:
                self.close(box)

    def try_one(self, box, scenario, disturbance):
        """- Returns: whether all is well, and whether there was something to disturb."""
        began = time.monotonic()
        commit = Commit(box, scenario, disturbance)
        wrong = None
        try:
            commit.run()
        except judge.Bad as error:
            wrong = error
            say(report(commit, error))
        with printing:
            self.commits += 1
            tally = self.tallies[scenario.name, disturbance.fault.name]
            tally.add(commit)
            if wrong:
                tally.bad += 1
                if sum(tally.bad for tally in self.tallies.values()) >= ENOUGH:
                    self.error = self.error or faults.Failed("%d wrong states: that is enough" % ENOUGH)
            elif commit.was_hit and commit.answer.code == 1 and disturbance.fault.name == "EINTR":
                self.interrupted[disturbance.where.split()[0]] += 1
        if self.options.verbose:
            said = commit.answer.errors.split("\n")[0] or "saved" if commit.answer else "no answer"
            say("%s: %s: %s (%d ms)" % (
                scenario.name, disturbance, said if commit.was_hit else "not met", (time.monotonic() - began) * 1000))
        return not wrong, commit.was_hit


def report(commit, error):
    """A wrong state, with what leads to it."""
    box = commit.box
    lines = ["BAD: %s: %s: %s" % (commit.scenario.name, commit.disturbance, error)]
    lines += ["  injected: " + line for line in commit.hits[:5]]
    if commit.answer:
        lines.append("  answer: %s" % commit.answer)
    for folder, _, names in sorted(os.walk(box.media)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            lines.append("  media: %s, %d bytes" % (os.path.relpath(path, box.media), os.path.getsize(path)))
    with open(box.log, errors="replace") as log:
        lines += ["  log: " + line.rstrip() for line in log.readlines()[-5:]]
    return "\n".join(lines)


# MARK: The result


def table(tallies):
    print("""
Disturbed commits, by kind of fault:
  EIO                  once, at the first call of each name, the second, and so on; EIO+: at it and all of that name after it
  dead from there      EIO at all calls to the medium from one of them on; read-only from there: EROFS at those that write
  short write          a part is written, and the rest at once; short, then EFBIG: the rest cannot be written
  not written, written wrong, read wrong: the medium lies, and lbud must notice
""")
    rows = [["scenario", "fault", "disturbed", "saved", "failed", "killed", "bad"]]
    rows += [[scenario, fault] + [str(count) for count in (tally.hits, tally.saved, tally.failed, tally.killed, tally.bad)]
             for (scenario, fault), tally in tallies.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [text.ljust(width) if column < 2 else text.rjust(width)
                 for column, (text, width) in enumerate(zip(row, widths))]
        print("| %s |" % " | ".join(cells))
        if row is rows[0]:
            print("|%s|" % "|".join("-" * (width + 2) for width in widths))
    print()


def main():
    parser = argparse.ArgumentParser()
    for name in ("--work", "--bin"):
        parser.add_argument(name, required=True)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--one-of", type=int, default=1)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    options = parser.parse_args()
    if options.one_of < 1:
        parser.error("--one-of takes 1 or more")
    # Half of a commit is waiting for the disk.
    options.workers = min(8, 2 * (os.cpu_count() or 1))
    chosen = [scenario for scenario in scenarios.SCENARIOS if options.only in scenario.name]
    if not chosen:
        print("faulttest: error: no scenario has %s in its name: %s" % (
            options.only, ", ".join(scenario.name for scenario in scenarios.SCENARIOS)), file=sys.stderr)
        return 2
    # For every lbud to be ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    if options.one_of > 1:
        say("one of %d, seed %d" % (options.one_of, options.seed))
    test = Test(options)
    try:
        test.control()
        for scenario in chosen:
            test.run(scenario)
    except (judge.Bad, faults.Failed) as error:
        print("faulttest: error: %s" % error, file=sys.stderr)
        test.error = error
    table(test.tallies)
    if test.interrupted:
        print("note: not repeated when interrupted (EINTR), so that the commit fails: %s" % ", ".join(
            "%d %s" % (count, call) for call, count in sorted(test.interrupted.items())))
    hits = sum(tally.hits for tally in test.tallies.values())
    bad = sum(tally.bad for tally in test.tallies.values())
    failed = bool(bad or test.error)
    print("verdict: %d bad of %d disturbed commits: %s (%d commits, each with one after it; %d s)" % (
        bad, hits, "FAILED" if failed else "passed", test.commits, time.monotonic() - began))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
