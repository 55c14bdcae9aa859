"""One disturbed commit, and what has to be so after it."""
import glob
import os
import re
import resource

import faults
import judge


class Commit:
    """- hits: where the fault came, as strace writes it.
    - killed: whether lbud was.
    - answer: what lbuctl said.
    - state: what was on the media then.
    """

    def __init__(self, box, scenario, disturbance):
        self.box = box
        self.scenario = scenario
        self.disturbance = disturbance
        self.fault = disturbance.fault
        self.trace = []
        self.hits = []
        self.killed = False
        self.answer = None
        self.state = None

    @property
    def was_hit(self):
        return self.killed or bool(self.hits)

    def run(self):
        """Disturbs a commit, judges what is left, and has lbud save again, undisturbed. `judge.Bad`: a wrong state."""
        box = self.box
        self.confirm()
        self.scenario.prepare(box)
        box.change()
        old, new = box.saved, box.aim
        # Where the new one has another name than the old one, or others are to go, there are both for a moment.
        between = {**old, **new}
        self.disturb()
        self.killed = self.fault.kills and box.was_killed(self.answer)
        if self.disturbance.limit:
            self.hits = faults.fell_short(self.trace)
        else:
            # What fails always is no news.
            self.hits = [line for line in faults.injected(self.trace)
                         if not any(call + "(" in line for call in self.scenario.always)]
        self.state = judge.state(box.media, [new] if self.answer.code == 0 else [old, between, new])
        self.judge_answer()
        self.judge_old_copies(old)
        self.judge_announcement(new)
        if self.killed:
            self.start_again()
        elif not box.is_alive():
            raise judge.Bad("lbud has ended with %s" % box.daemon.wait())
        self.save_again()

    # MARK: The disturbance

    def disturb(self):
        for _ in range(5):
            if self.disturbance.follow:
                self.disturb_all_threads()
            else:
                self.disturb_own_thread()
            # Where strace took longer to attach than lbud waits for the lock, once more.
            if "is being written to by another lbud" not in self.answer.errors:
                return
        raise faults.Failed("strace needs more than a second to attach")

    def disturb_own_thread(self):
        """The thread is made for the commit. So that it does nothing before strace is attached, the lock that it needs is
        held; from there on strace counts the calls of this thread alone."""
        box = self.box
        tracer = None
        # That of the commit before may still be about to end.
        box.wait_until("no commit is made", lambda: not box.commit_thread())
        box.lock()
        try:
            client = box.ask(*self.scenario.command)
            thread = box.wait_until("a commit is made", lambda: box.commit_thread() or client.poll() is not None)
            if thread is True:
                raise judge.Bad("no commit is made of what was changed: %s" % box.answer(client))
            try:
                tracer = faults.Strace(box.trace, self.arguments(), thread)
            except ProcessLookupError:
                # It has given up waiting for the lock.
                self.answer = box.answer(client)
                return
            box.unlock()
            if self.disturbance.limit:
                self.cut_short(*self.disturbance.limit)
            self.answer = box.answer(client)
            self.trace = tracer.lines()
        finally:
            box.unlock()
            if self.disturbance.limit:
                self.limit_files(resource.RLIM_INFINITY)
            if tracer:
                tracer.kill()

    def disturb_all_threads(self):
        """Whatever lbud does from the request to the answer. Only calls about files of the root are disturbed: a wakeup that is
        lost, which is a write too, is no fault that a kernel has."""
        box = self.box
        arguments = self.arguments()
        for folder, folders, names in os.walk(box.root):
            if folder == box.root:
                folders.remove("run")
            for path in [folder] + [os.path.join(folder, name) for name in names]:
                arguments += ["-P", path]
        tracer = faults.Strace(box.trace, arguments, box.daemon.pid, follow=True)
        try:
            self.answer = box.lbuctl(*self.scenario.command)
            if not self.answer.is_lost:
                tracer.detach()
            self.trace = tracer.lines()
        finally:
            tracer.kill()

    def arguments(self):
        traced = self.disturbance.traced
        arguments = []
        if traced:
            # What is not traced is not injected either.
            arguments += ["-e", "trace=" + ",".join([*traced, *self.scenario.always])]
        for call, error in self.scenario.always.items():
            arguments += ["-e", "inject=%s:error=%s" % (call, error)]
        return arguments + self.disturbance.arguments

    def cut_short(self, before, part):
        """Limits the size of files while strace holds the write up: not earlier, since lbud looks whether it may write as much
        as it is going to. Then strace holds up the answer of the kernel, for the limit to be gone when lbud writes the rest."""
        pattern = os.path.join(self.box.media, "LBUD", "**", "NEW.*")

        def wait_for(least, most):
            """- Returns: the size of the new snapshot, once it is about that; none where the commit is over."""
            def sizes():
                found = []
                for path in glob.glob(pattern, recursive=True):
                    try:
                        found.append(os.path.getsize(path))
                    except FileNotFoundError:
                        # The commit is over.
                        pass
                return [size for size in found if least <= size <= most]

            self.box.wait_until("%d bytes are written" % least, lambda: sizes() or not self.box.commit_thread())
            return (sizes() or [0])[0]

        # From one commit to the next some bytes are more or less.
        limit = wait_for(before - 64, before + 64) + part
        self.limit_files(limit)
        if self.fault is faults.SHORT:
            wait_for(limit, limit)
            self.limit_files(resource.RLIM_INFINITY)

    def limit_files(self, size):
        if self.box.is_alive():
            resource.prlimit(self.box.daemon.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    # MARK: What has to be so

    def judge_answer(self):
        answer = self.answer
        if self.killed:
            # The answer may have been on its way already.
            if answer.code != 0 and not answer.is_lost:
                raise judge.Bad("lbud was killed, and %s" % answer)
            return
        if answer.code not in (0, 1) or answer.is_lost:
            raise judge.Bad(str(answer))
        if answer.code == 0:
            return
        if not self.was_hit:
            raise judge.Bad("it fails, and nothing was disturbed: %s" % answer)
        if self.fault is faults.SHORT and any(" EFBIG " in line for line in self.trace):
            # The limit was lifted too late, on a busy machine.
            return
        if not re.match("lbuctl: error: .*" + self.fault.words, answer.errors):
            raise judge.Bad("it does not say what failed and why: %s" % answer)

    def judge_old_copies(self, before):
        """All are whole, and what was in force before is among them, or still in force."""
        media = self.box.media
        lost = set(before.values()) - judge.old_copies(media) - set(judge.bootable(media).values()) - {judge.FOREIGN}
        if lost:
            raise judge.Bad("configuration %s, which was in force, is gone" % ", ".join(map(str, lost)))

    def judge_announcement(self, new):
        """Nothing that is to be confirmed is current without the file that says so, and what that says to go back to."""
        if not self.scenario.confirms or self.state != new:
            return
        backs = judge.announced(self.box.media)
        if not backs:
            raise judge.Bad("the new snapshot is current, and nothing says that it is to be confirmed")
        for back in backs:
            judge.number_of(os.path.join(self.box.media, back))

    def confirm(self):
        """Only one can be open; where none is, there is nothing to confirm."""
        if self.scenario.confirms:
            self.box.lbuctl("confirm")

    def start_again(self):
        box = self.box
        box.end()
        box.start()
        pending = box.shows_pending()
        if pending != (self.state.get(box.current) != box.number):
            raise judge.Bad("lbud was started again, the media has %s, and status shows %s" % (
                judge.words(self.state), "a change" if pending else "no change"))

    def save_again(self):
        box = self.box
        self.confirm()
        box.change()
        answer = box.lbuctl(*self.scenario.command)
        if answer.code != 0:
            raise judge.Bad("the commit after it fails: %s" % answer)
        box.saved = judge.state(box.media, [box.aim])
        self.judge_old_copies(self.state)
        left = judge.temporaries(box.media)
        if left:
            raise judge.Bad("after the commit after it there is still %s" % ", ".join(left))
