"""usage: varlink_client.py SOCKET ROOT

Calls every method of io.lbud with python's varlink library, whose reader of definitions and JSON are not lbud's. The root
is that of the test: a box called "box" that saves to /backup when asked, with an etc/motd that is not saved yet.
"""
import base64
import io
import os
import stat
import sys
import tarfile
import threading
import time

import varlink

SOCKET, ROOT = sys.argv[1:]
called = set()


def step(what):
    print("step:", what, flush=True)


def equal(got, expected, what="it"):
    assert got == expected, f"{what}: expected {expected!r}, got {got!r}"


def write(name, text, mode=0o644):
    path = os.path.join(ROOT, name)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


class Lbud:
    """The library's own handler, that notes which methods were called."""

    def __init__(self, client):
        self.connection = client.open("io.lbud")

    def __getattr__(self, name):
        method = getattr(self.connection, name)

        def call(*arguments, **named):
            called.add(name)
            return method(*arguments, **named)

        return call


def refused(name, parameters, call, /, *arguments, **named):
    """That a call ends with the error; its parameters are compared where they are no words."""
    try:
        call(*arguments, **named)
    except varlink.VarlinkError as error:
        equal(error.error(), name, "error")
        if parameters is None:
            words = error.parameters()
            equal(sorted(words), ["hint", "message"], "parameters")
            assert all(words.values()), words
        else:
            equal(error.parameters(), parameters, "parameters")
        return error
    raise AssertionError(f"expected {name}, got an answer")


class Monitor(threading.Thread):
    """What Monitor tells, gathered on a connection and a thread of its own."""

    def __init__(self, client, **parameters):
        super().__init__(daemon=True)
        self.lbud = Lbud(client)
        self.events, self.error, self.parameters = [], None, parameters
        self.news = threading.Condition()
        self.start()

    def run(self):
        try:
            for reply in self.lbud.Monitor(_more=True, **self.parameters):
                with self.news:
                    self.events.append(reply["event"])
                    self.news.notify()
        except Exception as error:
            self.error = error
        with self.news:
            self.news.notify()

    def wait(self, what, wanted, since=0):
        """The first event from `since` on that is wanted, and its place."""
        deadline = time.monotonic() + 30
        with self.news:
            while True:
                for place, event in enumerate(self.events[since:], since):
                    if wanted(event):
                        return event, place
                left = deadline - time.monotonic()
                assert left > 0 and self.is_alive(), f"{what} was not told: {self.error}: {self.events}"
                self.news.wait(left)

    def kind(self, kind, since=0):
        return self.wait(kind, lambda event: event["kind"] == kind, since)


def main():
    client = varlink.Client.new_with_address("unix:" + SOCKET)

    step("org.varlink.service")
    equal(client.get_interfaces(), ["org.varlink.service", "io.lbud"])
    equal(client.info["product"], "lbud")
    interface = client.get_interface("io.lbud")
    methods = {name for name, member in interface.members.items() if hasattr(member, "in_type")}
    refused("org.varlink.service.InterfaceNotFound", {"interface": "io.other"}, client.get_interface, "io.other")

    lbud = Lbud(client)
    for name in methods:
        assert getattr(lbud.connection, name).__doc__, f"{name} has no help"

    step("Status")
    status = lbud.Status()
    equal((status["host"], status["root"], status["version"]), ("box", ROOT, client.info["version"]))
    equal([change["path"]["text"] for change in status["pending"]], ["etc", "etc/motd"])
    equal(status["counts"], {"added": 2, "modified": 0, "metadata": 0, "deleted": 0})
    equal(status["plan"]["state"], "waiting")
    assert status.get("snapshot") is None and not status["degraded"] and status["problems"] == []
    equal(status["media"]["present"], True)
    equal(len(lbud.Status(limit=1)["pending"]), 1)
    equal(lbud.Status(1)["counts"], status["counts"])
    refused("org.varlink.service.InvalidParameter", {"parameter": "limit"}, lbud.Status, limit=-1)

    step("List")
    equal([entry["path"]["text"] for entry in lbud.List()["entries"]], ["etc/", "etc/motd"])
    for number in range(1001):
        write(f"etc/{number}", "")
    pieces = [reply["entries"] for reply in lbud.List(_more=True)]
    equal([len(piece) for piece in pieces], [1000, 3])
    for number in range(1001):
        os.remove(os.path.join(ROOT, "etc", str(number)))

    step("Monitor begins with how things stand")
    monitor = Monitor(client)
    monitor.kind("planned")
    event, _ = monitor.kind("changed")
    equal({change["path"]["text"] for change in event["changes"]}, {"etc", "etc/motd"})
    event, _ = monitor.kind("media")
    equal((event["media"]["present"], event["media"]["path"]), (True, "/backup"))
    refused("org.varlink.service.ExpectedMore", {}, lbud.Monitor)

    step("Monitor tells of a change")
    seen = len(monitor.events)
    write("etc/more", "more")
    event, _ = monitor.wait(
        "etc/more", lambda event: "etc/more" in [change["path"]["text"] for change in event.get("changes") or []], seen)
    equal(event["counts"]["added"], 3)
    assert "etc/more" in event["sentence"] and event["time"] > 1e9

    step("Changes")
    changes = lbud.Changes()
    equal(changes.get("snapshot"), None)
    equal([change["kind"] for change in changes["changes"]], ["added"] * 3)

    step("Hold, Release")
    hold = lbud.Hold(seconds=600, message="a test")
    equal((hold["hold"]["message"], hold["hold"]["uid"], hold.get("former")), ("a test", os.getuid(), None))
    assert 599 <= hold["hold"]["until"] - hold["hold"]["since"] <= 602, hold
    event, place = monitor.kind("held")
    equal(event["hold"]["message"], "a test")
    equal(lbud.Status()["hold"]["message"], "a test")
    equal(lbud.Release()["released"]["message"], "a test")
    equal(monitor.kind("released", place)[0]["hold"]["message"], "a test")
    equal(lbud.Release().get("released"), None)
    refused("org.varlink.service.InvalidParameter", {"parameter": "seconds"}, lbud.Hold, seconds=0)

    step("Commit, dry")
    dry = lbud.Commit(dryRun=True)
    equal((dry["committed"], dry["counts"]["added"], dry["media"]), (False, 3, "/backup"))

    step("Commit, with progress and what hooks print")
    write("etc/lbu/pre-package.d/speak", "#!/bin/sh\necho speaks >&2\n", 0o755)
    seen = len(monitor.events)
    replies = list(lbud.Commit(_more=True, message="by varlink"))
    last = replies.pop()
    equal((last["committed"], last["snapshot"]["message"], last["snapshot"]["reason"]), (True, "by varlink", "request"))
    equal(last.get("progress"), None)
    printed = b"".join(base64.b64decode(reply["output"]) for reply in replies if reply.get("output"))
    equal(printed, b"speaks\n")
    steps = []
    for reply in replies:
        progress = reply.get("progress")
        assert (progress is None) != (reply.get("output") is None), reply
        equal((reply["committed"], reply["changes"]), (False, []))
        if progress:
            assert 0 <= progress["done"] <= progress["total"], progress
            if progress["step"] not in steps:
                steps.append(progress["step"])
    equal([step for step in steps if step in ("writing", "checking", "publishing")], ["writing", "checking", "publishing"])

    step("Monitor tells of the commit")
    event, place = monitor.kind("committing", seen)
    equal(event["reason"], "request")
    event, place = monitor.kind("committed", place)
    equal((event["snapshot"]["message"], event["media"]["path"]), ("by varlink", "/backup"))
    equal(event["counts"], {"added": 0, "modified": 0, "metadata": 0, "deleted": 0})
    equal(monitor.kind("planned", place)[0]["plan"]["state"], "clean")
    equal(lbud.Status()["snapshot"]["name"], "box.apkovl.tar.gz")
    equal(lbud.Commit()["committed"], False)
    equal(lbud.Commit(force=True)["committed"], True)

    step("Diff")
    refused("org.varlink.service.ExpectedMore", {}, lbud.Diff)
    write("etc/motd", "two\n")
    replies = list(lbud.Diff(_more=True))
    text = b"".join(base64.b64decode(reply["text"]) for reply in replies)
    assert b"\n-one\n+two\n" in text, text
    equal(replies[-1]["differs"], True)

    step("a name that is no text")
    odd = b"etc/odd \xff\nname"
    with open(os.path.join(os.fsencode(ROOT), odd), "w"):
        pass
    os.remove(os.path.join(ROOT, "etc/more"))
    os.chmod(os.path.join(ROOT, "etc"), 0o711)
    changes = {base64.b64decode(change["path"]["bytes"]) if change["path"].get("bytes") else change["path"]["text"].encode():
               change["kind"] for change in lbud.Changes()["changes"]}
    equal(changes, {b"etc": "metadata", b"etc/motd": "modified", b"etc/more": "deleted", odd: "added"})
    equal(lbud.Changes()["snapshot"], "box.apkovl.tar.gz")

    step("Package")
    replies = list(lbud.Package(_more=True))
    data = b"".join(base64.b64decode(reply["data"]) for reply in replies if reply.get("data"))
    names = tarfile.open(fileobj=io.BytesIO(data)).getnames()
    assert "etc/motd" in names and os.fsdecode(odd) in names, names
    equal((replies[-1]["name"], replies[-1]["notes"]), ("box.apkovl.tar.gz", []))

    step("Include, Exclude, Rules")
    encoded = {"text": "whatever", "bytes": base64.b64encode(odd).decode()}
    refused("io.lbud.Failed", None, lbud.Exclude, paths=[encoded])
    edits = lbud.Exclude(paths=[{"text": "/etc/motd"}])
    equal((edits["file"], edits["exists"]), ("/etc/apk/protected_paths.d/lbu.list", True))
    outcomes = lambda edits: sorted((edit["path"]["text"], edit["list"], edit["outcome"]) for edit in edits["edits"])
    equal(outcomes(edits), [("etc/motd", "exclude", "added"), ("etc/motd", "include", "absent")])
    kinds = {change["path"]["text"]: change["kind"] for change in lbud.Changes()["changes"]}
    equal(kinds["etc/motd"], "deleted", "what is saved and excluded")
    edits = lbud.Include(paths=[{"text": "etc/motd"}])
    equal(outcomes(edits), [("etc/motd", "exclude", "removed"), ("etc/motd", "include", "added")])
    equal(outcomes(lbud.Include(paths=[{"text": "etc/motd"}], remove=True)), [("etc/motd", "include", "removed")])
    rules = lbud.Rules()
    assert rules["exists"] and "root/.ssh" in [path["text"] for path in rules["include"]], rules
    refused("org.varlink.service.InvalidParameter", {"parameter": "paths[0].text"}, lbud.Include, paths=[{"text": "a\0b"}])

    step("Snapshots")
    write("etc/lbu/lbu.conf", open(ROOT + "/etc/lbu/lbu.conf").read() + "BACKUP_LIMIT=3\n")
    equal(lbud.Reload()["problems"], [])
    monitor.kind("reloaded")
    former = lbud.Commit()["former"]
    olds = lbud.Snapshots()
    equal(olds["media"], "/backup")
    assert former in [old["name"]["text"] for old in olds["snapshots"]], olds
    assert olds["snapshots"][0]["size"] > 0

    step("Log")
    log = lbud.Log()
    equal(log["media"], "/backup")
    equal([entry.get("back") for entry in log["entries"]], list(range(len(log["entries"]))))
    newest = log["entries"][0]
    equal((newest["name"]["text"], newest["state"], newest["boots"]), ("box.apkovl.tar.gz", "recorded", "yes"))
    equal((newest["readBack"], newest["uid"], newest["reason"]), (True, os.getuid(), "request"))
    equal(former in [entry["name"]["text"] for entry in log["entries"]], True)
    equal(lbud.Log(limit=1)["entries"], [newest])
    equal(list(lbud.Log(limit=1, _more=True))[-1]["entries"], [newest])
    refused("org.varlink.service.InvalidParameter", {"parameter": "limit"}, lbud.Log, limit=-1)

    step("Diff and Changes of any two")
    replies = list(lbud.Diff({"back": 1}, {"back": 0}, _more=True))
    text = b"".join(base64.b64decode(reply["text"]) for reply in replies)
    equal(replies[-1]["differs"], True)
    assert text.startswith(b"a: /backup/LBUD/" + former.encode()) and b"\n-one\n+two\n" in text, text
    equal({reply["differs"] for reply in lbud.Diff({}, {"back": 0}, _more=True)}, {False})
    changes = lbud.Changes(to={"back": 0}, **{"from": {"name": {"text": former}}})
    equal((changes["snapshot"], changes["to"]), ("LBUD/" + former, "box.apkovl.tar.gz"))
    equal({change["path"]["text"]: change["kind"] for change in changes["changes"]}["etc/motd"], "modified")
    refused("org.varlink.service.InvalidParameter", {"parameter": "from"}, lbud.Changes, to={"back": 0})
    refused("org.varlink.service.InvalidParameter", {"parameter": "from.back"}, lbud.Changes, {"back": -1})

    step("Show")
    refused("org.varlink.service.ExpectedMore", {}, lbud.Show, snapshot={})
    entries = [entry for reply in lbud.Show(snapshot={}, _more=True) for entry in reply["entries"]]
    equal({entry["path"]["text"]: entry["kind"] for entry in entries}["etc/motd"], "file")
    replies = list(lbud.Show(snapshot={"back": 1}, path={"text": "/etc/motd"}, _more=True))
    equal([entry["path"]["text"] for reply in replies for entry in reply["entries"]], ["etc/motd"])
    content = b"".join(base64.b64decode(reply["content"]) for reply in replies if reply.get("content"))
    equal((content, replies[0]["snapshot"]["text"]), (b"one\n", "LBUD/" + former))
    refused("io.lbud.Failed", None, lambda: list(lbud.Show(snapshot={}, path={"text": "etc/nothing"}, _more=True)))

    step("Verify")
    verified = lbud.Verify()
    equal((verified["media"], verified["sound"], verified["damaged"], verified["sealed"]), ("/backup", 1, 0, 0))
    snapshot = verified["snapshot"]
    equal((snapshot["name"]["text"], snapshot["state"], snapshot["recorded"]), ("box.apkovl.tar.gz", "sound", True))
    equal((snapshot["current"], snapshot["lost"], snapshot["damages"]), (True, 0, []))
    assert snapshot["entries"] > 0 and "why" not in snapshot, snapshot
    equal(lbud.Verify(snapshot={"name": {"text": former}})["snapshot"]["name"]["text"], "LBUD/" + former)
    every = list(lbud.Verify(all=True, _more=True))
    equal(len(every), len(lbud.Log()["entries"]) + 1)
    equal(("snapshot" in every[-1], every[-1]["sound"]), (False, len(every) - 1))
    assert all("verified" in entry for entry in lbud.Log()["entries"])
    refused("org.varlink.service.ExpectedMore", {}, lbud.Verify, all=True)
    refused("org.varlink.service.InvalidParameter", {"parameter": "snapshot"}, lbud.Verify, all=True, snapshot={"back": 0})
    refused("io.lbud.Failed", None, lbud.Verify, snapshot={"back": 999})

    step("Revert")
    refused("io.lbud.Failed", None, lbud.Revert, snapshot={"name": {"text": "box.nothing.tar.gz"}})
    reverted = lbud.Revert(snapshot={"name": {"text": former}})
    equal((reverted["name"], reverted["hold"]["uid"]), ("box.apkovl.tar.gz", os.getuid()))
    assert reverted["former"] and reverted["former"] != former
    lbud.Release()

    step("Commit with confirmWithin, Confirm")
    refused("io.lbud.Failed", None, lbud.Confirm)
    refused("org.varlink.service.InvalidParameter", {"parameter": "reboot"}, lbud.Commit, reboot=True)
    refused("org.varlink.service.InvalidParameter", {"parameter": "confirmWithin"}, lbud.Commit, confirmWithin=0)
    write("etc/motd", "to be confirmed\n")
    seen = len(monitor.events)
    awaited = lbud.Commit(confirmWithin=600, message="why")["confirmation"]
    equal((awaited["reboot"], awaited["message"], awaited["back"]["text"][:9]), (False, "why", "LBUD/box."))
    assert 590 < awaited["until"] - awaited["since"] < 610, awaited
    equal(monitor.kind("awaiting", seen)[0]["confirmation"]["back"], awaited["back"])
    equal(lbud.Status()["confirmation"]["back"], awaited["back"])
    refused("io.lbud.CommitFailed", None, lbud.Commit, confirmWithin=5, force=True)
    equal(lbud.Confirm()["confirmed"]["message"], "why")
    equal(monitor.kind("confirmed", seen)[0]["confirmation"]["back"], awaited["back"])
    equal(lbud.Status().get("confirmation"), None)

    step("Restore")
    write("etc/motd", "to be undone\n")
    dry = lbud.Restore(paths=[{"text": "/etc/motd"}], dryRun=True)
    equal(dry["actions"], [{"path": {"text": "etc/motd"}, "kind": "modified"}])
    equal(lbud.Restore(paths=[], all=True, snapshot={"back": 0})["snapshot"]["text"], "box.apkovl.tar.gz")
    assert open(ROOT + "/etc/motd").read() != "to be undone\n"
    refused("io.lbud.Failed", None, lbud.Restore, paths=[{"text": "etc/none"}])
    refused("org.varlink.service.InvalidParameter", {"parameter": "paths"}, lbud.Restore, paths=[])
    refused("org.varlink.service.InvalidParameter", {"parameter": "all"}, lbud.Restore, paths=[{"text": "etc"}], all=True)

    step("Cache")
    equal(lbud.Cache()["world"], False)

    step("Doctor")
    doctor = lbud.Doctor()
    states = {check["id"]: check["state"] for check in doctor["checks"]}
    equal((states["snapshot"], states["changes"], states["packages"]), ("ok", "ok", "skipped"))
    equal(doctor["good"], "failed" not in states.values())
    assert doctor["sentence"].startswith("if the power failed now, "), doctor

    step("errors of lbud's own")
    write("etc/lbu/pre-package.d/speak", "#!/bin/sh\nexit 3\n", 0o755)
    seen = len(monitor.events)
    error = refused("io.lbud.CommitFailed", None, lbud.Commit, force=True)
    assert "exited with 3" in error.parameters()["message"], error
    equal(monitor.kind("failed", seen)[0]["failure"]["message"], error.parameters()["message"])
    os.remove(ROOT + "/etc/lbu/pre-package.d/speak")
    refused(
        "org.varlink.service.InvalidParameter", {"parameter": "otherwise.environment.PATH"}, lbud.Commit,
        otherwise={"environment": {"PATH": "/"}})
    refused(
        "io.lbud.PasswordMissing", None, lbud.Commit, force=True,
        otherwise={"environment": {"ENCRYPTION": "aes-256-cbc"}})
    equal(lbud.Status()["host"], "box", "the connection after errors")

    step("a call with a password")
    saved = lbud.Commit(
        force=True, otherwise={"environment": {"ENCRYPTION": "aes-256-cbc"}, "password": {"text": "geheim"}})
    equal(saved["snapshot"]["name"], "box.apkovl.tar.gz.aes-256-cbc")

    step("oneway calls are done and not answered")
    equal(lbud.Hold(message="oneway", _oneway=True), None)
    equal(lbud.Commit(message="x" * 5000, _oneway=True), None)
    equal(lbud.Status()["hold"]["message"], "oneway")
    lbud.Release(_oneway=True)
    equal(lbud.Status().get("hold"), None)

    step("a client that leaves in the middle of a stream")
    leaving = Monitor(client, limit=1)
    leaving.kind("planned")
    leaving.lbud.connection.close()
    equal(lbud.Status()["host"], "box")

    step("every method was called")
    equal(called, methods)
    assert monitor.is_alive(), monitor.error


main()
