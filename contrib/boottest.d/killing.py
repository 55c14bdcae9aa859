"""Case e: the machine is killed at moments around a commit."""
import random
import threading
import time

KILLS = 20
# Bytes a second that the disk takes, so that a commit of 100 kB lasts a while.
SPEED = 300000


class Kill:
    """One commit and the moment at which the machine goes."""

    def __init__(self, delay):
        self.delay = delay
        self.heard = {}

    def serve(self, words, kill, _):
        self.heard[words[0]] = time.monotonic()
        if words[0] == "changed" and self.delay is not None:
            threading.Timer(self.delay, kill).start()

    def phase(self):
        return "after" if "acknowledged" in self.heard else "in" if "committing" in self.heard else "before"

    def duration(self):
        """From the change to the answer, where it came."""
        return self.heard["acknowledged"] - self.heard["changed"]


def killed_machine(session):
    """One boot a kill: it looks at what the kill before has left, and is killed in turn."""
    result = session.result()
    first = Kill(None)
    told = session.boot("e_settings; e_kill 0", serve=first.serve, speed=SPEED)
    if told is None or "acknowledged" not in first.heard:
        session.check("a commit that nobody disturbs", False)
        return
    duration = first.duration()
    # One in each twentieth of the time from the change to a while after the answer, in any order.
    moments = [(index + session.chance.random()) / KILLS * 1.3 * duration for index in range(KILLS)]
    session.chance.shuffle(moments)
    last, counts, olds, news = "e0", {"before": 0, "in": 0, "after": 0}, 0, 0
    allowed = [last]
    for number, delay in enumerate(moments, 1):
        kill = Kill(delay)
        told = session.boot("e_check %s; e_kill %d" % (" ".join(allowed), number), power="sleep 60", serve=kill.serve,
                            speed=SPEED)
        if told is None:
            return
        state = next((line.split()[1] for line in told.lines if line.startswith("state ")), "nothing")
        session.check("boot %d comes up whole" % number, state in allowed, "has %s of %s" % (state, allowed))
        if number > 1:
            olds, news = (olds + 1, news) if state == allowed[0] else (olds, news + 1)
        phase = kill.phase()
        counts[phase] += 1
        # What has been acknowledged is there; what has not begun is not.
        new = "e%d" % number
        allowed = {"before": [state], "in": [state, new], "after": [new]}[phase]
        result.notes.append("kill %d after %d ms, %s the commit" % (number, delay * 1000, phase))
    session.defer("e_check " + " ".join(allowed))
    result.notes.append("%d before, %d in, %d after the commit, which took %d ms from the change; %d came up old, %d new" % (
        counts["before"], counts["in"], counts["after"], duration * 1000, olds, news))
    session.summary = result.notes[-1]
    session.check("kills before, in and after a commit", min(counts.values()) > 0, str(counts))


def chance(seed):
    return random.Random(seed)
