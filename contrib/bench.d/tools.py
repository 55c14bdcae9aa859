"""Beside lbud, on the same roots: alpine-conf's lbu and apk where LBU= and APK= name them, else plain tools."""
import os
import shutil

import daemon
import roots
import spawn
import starting


class Lbu:
    """alpine-conf's lbu, a shell script. It takes ROOT for its own files alone: LBU_BACKUPDIR has to be the real path, or it
    would write to this machine's. It gets a copy of the root, whose lbu.conf says so."""

    def __init__(self, bench, files):
        self.root = os.path.join(bench.cleaner.work, "lbu-%d" % files)
        spawn.timed(["cp", "-a", bench.roots.get(files), self.root])
        roots.forget(self.root)
        with open(os.path.join(self.root, "etc/lbu/lbu.conf"), "w") as file:
            file.write("LBU_BACKUPDIR='%s'\n" % os.path.join(self.root, "backup"))
        folder = os.path.join(bench.cleaner.work, "path")
        os.makedirs(folder, exist_ok=True)
        self.env = dict(os.environ, ROOT=self.root + "/", TMPDIR=bench.cleaner.work)
        if os.environ.get("APK"):
            link = os.path.join(folder, "apk")
            if not os.path.islink(link):
                os.symlink(os.path.abspath(os.environ["APK"]), link)
            self.env["PATH"] = folder + ":" + self.env["PATH"]
        # Where it was not installed, its library lies beside it.
        if os.path.exists(os.path.join(os.path.dirname(os.environ["LBU"]), "libalpine.sh")):
            self.env.setdefault("LIBDIR", os.path.abspath(os.path.dirname(os.environ["LBU"])))
        self.works = bool(os.environ.get("APK")) or shutil.which("apk", path=self.env["PATH"]) is not None

    def run(self, word, count):
        if word == "commit":
            roots.change(self.root, count)
        return spawn.timed([os.environ["LBU"], word], env=self.env).seconds


def audit(base):
    return spawn.timed([
        os.environ["APK"], "audit", "--root", base, "--backup", "--quiet", "--recursive", "--check-permissions"]).seconds


def run(bench):
    for files in bench.sizes:
        each = daemon.saved(bench, bench.roots.get(files))
        lbu = Lbu(bench, files) if os.environ.get("LBU") else None
        if lbu and not lbu.works:
            bench.report.leave_out("tools", "lbu", "it needs apk, which APK= names")
            lbu = None
        if not os.environ.get("LBU") and files == bench.sizes[0]:
            bench.report.leave_out("tools", "alpine-conf's lbu", "LBU= names none; plain tools are in its place")
        ours = {word: [] for word in ("list", "status", "commit")}
        theirs = {word: [] for word in ours}
        audits = []
        if lbu:
            # So that its status has something to compare with.
            lbu.run("commit", 0)
        # Packing takes seconds there. `list` takes half as long again where the kernel puts both programs on one processor,
        # which it does for some runs at a time: the fastest of some counts, or the median would differ by that.
        is_large = files >= 10000
        times = {"list": bench.rounds(10, 1) if is_large else 1, "status": 1}
        for count in range(bench.rounds(3 if is_large else 15, 1 if is_large else 3)):
            for word in ours:
                if word == "commit":
                    roots.change(each.base, 1000 + count)
                    ours[word].append(each.commit().seconds)
                else:
                    ours[word].append(min(each.lbuctl(word).seconds for _ in range(times[word])))
                if lbu:
                    theirs[word].append(lbu.run(word, 1 + count))
                elif word == "commit":
                    theirs[word].append(starting.packing(bench, each.base)[0])
                else:
                    theirs[word].append(starting.hashing(each.base))
            if os.environ.get("APK"):
                audits.append(audit(each.base))
        for word in ours:
            other = "lbu " + word if lbu else "tar -cz" if word == "commit" else "find and sha1sum"
            bench.report.times(
                "tools", "`lbuctl %s`, %d files, beside %s" % (word, files, other), ours[word], None,
                {other: bench.median(ours[word]) / bench.median(theirs[word])},
                note="%s: %.1f ms%s" % (
                    other, bench.median(theirs[word]) * 1e3,
                    "; the fastest of %d each time" % times[word] if times.get(word, 1) > 1 else ""))
        if audits:
            bench.report.times(
                "tools", "`apk audit`, %d files, beside `lbuctl list`" % files, audits, None,
                {"lbuctl list": bench.median(audits) / bench.median(ours["list"])})
        each.stop()
