"""Case e: the machine is killed at moments around a commit."""
import random
import threading
import time

# Bytes a second that the disk takes, so that a commit of 100 kB lasts a while.
SPEED = 300000


class Kill:
    """One commit and the moment at which the machine goes.

    - part: of the time from the change to the answer; 1.2 is a fifth of it after the answer.
    - duration: how long that is likely to be.
    """

    def __init__(self, part, duration):
        self.part = part
        self.duration = duration
        self.heard = {}

    def serve(self, words, kill, _):
        self.heard[words[0]] = time.monotonic()
        if words[0] == "changed" and self.part <= 1:
            threading.Timer(self.part * self.duration, kill).start()
        elif words[0] == "acknowledged" and self.part > 1:
            threading.Timer((self.part - 1) * self.duration, kill).start()

    def phase(self):
        return "after" if "acknowledged" in self.heard else "in" if "committing" in self.heard else "before"

    def took(self):
        """From the change to the answer, or, where that did not come, what was believed."""
        if "acknowledged" in self.heard:
            return self.heard["acknowledged"] - self.heard["changed"]
        return self.duration


def killed_machine(session):
    """One boot a kill: it looks at what the kill before has left, and is killed in turn."""
    result = session.result()
    if not session.boot("e_settings"):
        return
    # One in each equal part of the time from the change to a while after the answer, in any order but for the latest,
    # from which is learnt how long a commit takes.
    parts = [(index + session.chance.random()) / session.kills * 1.3 for index in range(session.kills)]
    session.chance.shuffle(parts)
    parts.sort(key=max(parts).__ne__)
    counts, came_up, allowed, duration = {"before": 0, "in": 0, "after": 0}, {"old": 0, "new": 0}, ["e0"], 1
    for number, part in enumerate(parts, 1):
        kill = Kill(part, duration)
        told = session.boot("e_check %s; e_kill %d" % (" ".join(allowed), number), power="sleep 60", serve=kill.serve,
                            speed=SPEED)
        if not told:
            return
        state = next((line.split()[1] for line in told.lines if line.startswith("state ")), "nothing")
        session.check("boot %d comes up whole" % number, state in allowed, "has %s of %s" % (state, allowed))
        if state not in allowed:
            return
        if len(allowed) > 1:
            came_up["old" if state == allowed[0] else "new"] += 1
        duration, phase = kill.took(), kill.phase()
        counts[phase] += 1
        # What has been acknowledged is there; what has not begun is not.
        new = "e%d" % number
        allowed = {"before": [state], "in": [state, new], "after": [new]}[phase]
        result.notes.append("kill %d, %s the commit, after %.2f of %.2f s" % (number, phase, part * duration, duration))
    session.defer("e_check " + " ".join(allowed))
    session.summary = "%d before, %d in, %d after a commit, which took %.1f s from the change; of those in one %d came up " \
        "old, %d new" % (counts["before"], counts["in"], counts["after"], duration, came_up["old"], came_up["new"])
    session.check("kills before, in and after a commit", min(counts.values()) > 0, str(counts))


def chance(seed):
    return random.Random(seed)
