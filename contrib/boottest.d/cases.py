"""The cases, as the host sees them; what the guest does in each is in cases.sh."""
import re

import killing


def idle(session):
    session.boot("a_make")
    session.defer("a_check")


def at_once(session):
    told = session.boot("b_make")
    session.console_says("the console says that it was saved", told, re.compile(r"saved \d+ changes? to "))
    session.check("lbud has ended by itself", told and not any("did not end by itself" in line for line in told.console))
    session.defer("b_check")


def last_words(session):
    session.boot("c_make")
    session.defer("c_check")


def transaction(session):
    session.boot("d_make")
    session.defer("d_check")


def late(session):
    def serve(_, __, monitor):
        monitor.call("device_add", driver="virtio-blk-pci", id="media", drive="disk")

    told = session.boot("late_make", attached=False, serve=serve)
    session.check("nothing was there to boot from", told and "overlay none" in told.lines)
    session.defer("late_check")


def read_only(session):
    session.boot("readonly_make")
    session.defer("readonly_check")


def full(session):
    told = session.boot("full_make")
    session.console_says("the console says why nothing was saved", told, re.compile("not saved: .*(space|full|room)"))
    session.defer("full_check")


def hold(session):
    told = session.boot("g_make")
    session.console_says("the console says that it is held, and why", told, re.compile("not saved.*held by root: trying out"))
    session.defer("g_check")


def ten(session):
    for number in range(1, 11):
        session.boot("h_make %d" % number)
    session.defer("h_check 10")


def killed_daemon(session):
    session.boot("i_make")
    session.defer("i_check")


def unconfirmed(session):
    """Killed right after the commit, it boots the new snapshot, finds that nobody confirms it, and reboots."""
    told = session.boot("j_make", power="sleep 60", serve=lambda words, kill, _: kill())
    session.check("the commit is acknowledged", told and any(line.startswith("host committed") for line in told.lines))
    told = session.boot("j_wait", power="sleep 140")
    session.check("the console says why it reboots",
                  told and any("rebooting into the snapshot before" in line for line in told.console + told.lines))
    session.defer("j_check")


# Their names are words of the guest's lines too, and so without spaces.
# The first is, since no boot before it can have left something that the next, without a disk, would look for.
CASES = {
    "f-media-late": late,
    "a-idle-commit": idle,
    "b-at-once": at_once,
    "c-last-words": last_words,
    "d-transaction": transaction,
    "e-machine-killed": killing.killed_machine,
    "f-media-read-only": read_only,
    "f-media-full": full,
    "g-hold": hold,
    "h-ten-boots": ten,
    "i-lbud-killed": killed_daemon,
    "j-unconfirmed": unconfirmed,
}
