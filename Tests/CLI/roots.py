#!/usr/bin/env python3
"""Random roots, and whether a snapshot of one holds what tar by hand holds.

usage: roots.py make FOLDER COUNT     FOLDER/NAME/root for each of so many seeds, and of some of the oracle's vectors
       roots.py compare FOLDER        compares FOLDER/NAME/list.json, its snapshot and what GNU tar makes of that list
"""

import base64
import hashlib
import json
import os
import random
import socket
import stat
import subprocess
import sys
import tarfile
import urllib.parse

IS_ROOT = os.geteuid() == 0
VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../LbudSystemTests/Fixtures/audit-random.jsonl")
# How many of the oracle's roots are made, besides those of the seeds.
VECTOR_COUNT = 5

NAMES = [
    b"a", b"b", b"conf", b"motd", b"caf\xe9", b"\xff\xfe", b"with space", b" leading", b"trailing ", b"two\nlines", b"\n", b"-n",
    b"--files-from=x", b"L" * 255, "ünï".encode(), b"*", b"quote'\"", b"tab\t\\n", b".hidden", b"x.apk-new", b"[a-z]", b"\x1b[31m",
    b"@at", b"+plus", b"#hash", b"...", b"n" * 99, b"n" * 100, b"n" * 101,
]
MODES = [0o644, 0o600, 0o755, 0o4755, 0o2755, 0o6711, 0o1666, 0o400]
DIRECTORY_MODES = [0o755, 0o755, 0o700, 0o2775, 0o1777]
IDS = [0, 0, 0, 1, 100, 1000, 65534, 2097151, 2097152, 4294967294]
TIMES = [0, -1, -86400, 1, 1_600_000_000, 1_700_000_000.75, 2_208_988_800, 8_589_934_592]


class Root:
    """A random root. The same seed gives the same one."""

    def __init__(self, path, seed):
        self.path = path
        self.random = random.Random(seed)
        self.files = []
        # For the database of packages: a directory, then what is in it.
        self.folders = {}

    def make(self):
        for top in [b"etc", b"var", b"home", b"opt"]:
            self.directory(top, 0)
        self.special()
        self.database()
        self.rules()
        self.dates()

    def absolute(self, path):
        return os.path.join(os.fsencode(self.path), path)

    def directory(self, path, depth):
        os.makedirs(self.absolute(path), exist_ok=True)
        self.folders[path] = []
        for name in self.random.sample(NAMES, self.random.randrange(4, 14 - 4 * depth)):
            inside = path + b"/" + name
            kind = self.random.random()
            if kind < 0.2 and depth < 2:
                self.directory(inside, depth + 1)
            elif kind < 0.65:
                self.file(inside)
            elif kind < 0.75:
                target = self.random.choice([b"a", b"/no/where", b"../" + name, b"t" * 150, b"\xff \n", b"."])
                os.symlink(target, self.absolute(inside))
                self.folders[path].append((name, b"symlink", target))
            elif kind < 0.82:
                os.mkfifo(self.absolute(inside))
            elif kind < 0.95 and self.files:
                os.link(self.absolute(self.random.choice(self.files)), self.absolute(inside))
            else:
                self.device(inside)
        self.own(path, DIRECTORY_MODES)

    def file(self, path):
        size = self.random.choice([0, 1, 20, 511, 512, 513, 3000, 3000, 200_000])
        content = self.random.randbytes(size)
        with open(self.absolute(path), "wb") as file:
            file.write(content)
        self.own(path, MODES)
        self.files.append(path)
        self.folders[os.path.dirname(path)].append((os.path.basename(path), b"file", content))

    def device(self, path):
        try:
            kind = self.random.choice([stat.S_IFCHR, stat.S_IFBLK])
            os.mknod(self.absolute(path), kind | 0o640, os.makedev(self.random.randrange(4000), self.random.randrange(9000)))
        except PermissionError:
            self.file(path)

    def own(self, path, modes):
        # A mode after the owner: chown(2) clears the bits for setting ids.
        if IS_ROOT:
            os.chown(self.absolute(path), self.random.choice(IDS), self.random.choice(IDS))
        os.chmod(self.absolute(path), self.random.choice(modes))

    def special(self):
        """A socket, which no archive holds, and entries directly in the root."""
        here = os.open(self.absolute(b"etc"), os.O_PATH)
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(f"/proc/self/fd/{here}/a socket")
        os.close(here)
        self.folders[b""] = []
        self.file(b"top")
        self.file(b"-top")
        os.symlink(b"etc", self.absolute(b"link"))

    def database(self):
        """Installed packages: of what they own some is as they brought it."""
        lines = []
        for number in range(3):
            lines += [b"C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=", b"P:pkg%d" % number, b"V:1-r0", b"A:x86_64"]
            isNew = self.random.random() < 0.5
            if isNew:
                lines.append(b"f:S")
            for folder, files in self.folders.items():
                if b"\n" in folder or not folder or self.random.random() < 0.5:
                    continue
                lines.append(b"F:" + folder)
                if self.random.random() < 0.7:
                    lines.append(b"M:" + self.permissions(folder))
                for name, kind, content in files:
                    if b"\n" in name or self.random.random() < 0.4:
                        continue
                    lines.append(b"R:" + name)
                    if self.random.random() < 0.8:
                        lines.append(b"a:" + self.permissions(folder + b"/" + name))
                    if self.random.random() < 0.3:
                        content += b"was another"
                    digest = hashlib.sha256(content).digest()[:20] if isNew else hashlib.sha1(content).digest()
                    lines.append(b"Z:Q1" + base64.b64encode(digest))
            lines.append(b"")
        os.makedirs(self.absolute(b"lib/apk/db"))
        with open(self.absolute(b"lib/apk/db/installed"), "wb") as file:
            file.write(b"\n".join(lines) + b"\n")

    def permissions(self, path):
        status = os.lstat(self.absolute(path))
        return b"%d:%d:%o" % (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))

    def rules(self):
        lines = [b"# random", b""]
        choices = [path for path in list(self.folders) + self.files if path and b"\n" not in path]
        for path in self.random.sample(choices, min(len(choices), 6)):
            lines.append(self.random.choice([b"+", b"+", b"-", b"@", b"!"]) + path)
        lines += self.random.sample([b"+top", b"+-top", b"+link", b"+etc/a socket", b"-etc/*/a", b"+opt", b"-etc/lbu"], 3)
        write_settings(self.path)
        os.makedirs(self.absolute(b"etc/apk/protected_paths.d"))
        with open(self.absolute(b"etc/apk/protected_paths.d/lbu.list"), "wb") as file:
            file.write(b"\n".join(lines) + b"\n")

    def dates(self):
        for folder, names, files in os.walk(os.fsencode(self.path), topdown=False):
            for name in files + names:
                time = int(self.random.choice(TIMES) * 1_000_000_000)
                os.utime(os.path.join(folder, name), ns=(time, time), follow_symlinks=False)


def write_settings(root):
    os.makedirs(os.path.join(root, "etc/lbu"), exist_ok=True)
    os.makedirs(os.path.join(root, "backup"), exist_ok=True)
    with open(os.path.join(root, "etc/lbu/lbu.conf"), "w") as file:
        file.write("LBU_BACKUPDIR=/backup\nLBUD_AUTO=no\nLBUD_ON_SHUTDOWN=no\n")


def vectors():
    """Roots of which apk itself has said what belongs in a snapshot; OracleTests tries all of them."""
    if not IS_ROOT:
        return []
    with open(VECTORS, encoding="utf-8") as file:
        every = [json.loads(line) for line in file]

    def is_easy(entry):
        # Not every file system has the attributes; and what lbud needs must find its place.
        return "xattrs" not in entry and entry["path"] not in ("etc/lbu", "backup")

    return [vector for vector in every if all(map(is_easy, vector["tree"]))][:VECTOR_COUNT]


def plain(text):
    return urllib.parse.unquote_to_bytes(text)


def make_vector(root, vector):
    base = os.fsencode(root)
    os.makedirs(base)
    for entry in vector["tree"]:
        path = os.path.join(base, plain(entry["path"]))
        kind = entry["type"]
        if kind == "dir":
            os.makedirs(path, exist_ok=True)
        elif kind == "file":
            with open(path, "wb") as file:
                file.write(plain(entry.get("content", "")))
        elif kind == "symlink":
            os.symlink(plain(entry["target"]), path)
        else:
            os.mkfifo(path)
        os.chown(path, entry["uid"], entry["gid"], follow_symlinks=False)
        if kind != "symlink":
            os.chmod(path, int(entry["mode"], 8))
    os.makedirs(os.path.join(base, b"lib/apk/db"), exist_ok=True)
    with open(os.path.join(base, b"lib/apk/db/installed"), "wb") as file:
        file.write(plain(vector["installed"]))
    write_settings(root)


def make(folder, count):
    for seed in range(1, count + 1):
        path = os.path.join(folder, f"seed-{seed}", "root")
        os.makedirs(path)
        Root(path, seed).make()
    for vector in vectors():
        make_vector(os.path.join(folder, "vector-" + vector["name"], "root"), vector)


def listed(path):
    """The names that lbuctl list --json gives, as bytes, and the reasons."""
    with open(path, encoding="utf-8") as file:
        entries = json.load(file)["entries"]
    paths = [entry["path"] for entry in entries]
    names = [base64.b64decode(path["bytes"]) if path.get("bytes") else path["text"].encode() for path in paths]
    return names, [entry["reason"] for entry in entries]


def by_hand(root, names, archive):
    """What somebody would do without lbu."""
    subprocess.run(
        ["tar", "-c", "-f", archive, "--format=gnu", "--no-recursion", "--numeric-owner", "-C", root, "--null", "-T", "-"],
        input=b"".join(name.rstrip(b"/") + b"\0" for name in names), stderr=subprocess.DEVNULL, check=True)


def members(archive):
    """All that tells one member from another, in order."""
    found = []
    with tarfile.open(archive, errorlevel=2) as tar:
        for member in tar:
            content = tar.extractfile(member).read() if member.isreg() else b""
            device = (member.devmajor, member.devminor) if member.isdev() and not member.isfifo() else (0, 0)
            found.append((
                os.fsencode(member.name), member.type, oct(member.mode), member.uid, member.gid, member.size,
                os.fsencode(member.linkname), int(member.mtime), device, hashlib.sha256(content).hexdigest()))
    return found


def compare(folder):
    expected = {"vector-" + vector["name"]: vector for vector in vectors()}
    names = sorted(os.listdir(folder))
    kinds, reasons, archived = {}, set(), b""
    for name in names:
        here = os.path.join(folder, name)
        root = os.path.join(here, "root")
        selected, why = listed(os.path.join(here, "list.json"))
        if name in expected:
            check_vector(name, selected, expected[name])
        overlays = [entry for entry in os.listdir(os.path.join(root, "backup")) if entry.endswith(".apkovl.tar.gz")]
        assert len(overlays) == 1, f"{name}: the snapshots are {overlays}"
        archive = os.path.join(here, "by-hand.tar")
        by_hand(root, selected, archive)
        ours = members(os.path.join(root, "backup", overlays[0]))
        theirs = members(archive)
        if ours != theirs:
            report(name, ours, theirs)
        reasons.update(why)
        archived += b"\0".join(member[0] for member in ours)
        for member in ours:
            kinds[member[1]] = kinds.get(member[1], 0) + 1
    # A comparison of nothing would be content with anything.
    needed = [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE]
    assert all(kinds.get(kind, 0) >= len(names) // 2 for kind in needed), f"too few members of a kind: {kinds}"
    assert reasons >= set("AUMdm+"), f"nothing was selected for other reasons than {reasons}"
    for part in [b"\n", b"caf\xe9", b"L" * 255, b"with space", b"/-n"]:
        assert part in archived, f"no name has {part}"
    print(f"{len(names)} roots, {sum(kinds.values())} members")


def check_vector(name, selected, vector):
    oracle = {plain(entry) for entry in vector["list"]}
    # Which lbud needs, and the vector lacks.
    own = {b"etc/lbu/", b"etc/lbu/lbu.conf"}
    missing, extra = oracle - set(selected), set(selected) - oracle - own
    assert not missing and not extra, f"{name}: lbud lists {extra} and not {missing}, as against apk"


def report(name, ours, theirs):
    print(f"{name}: the members differ")
    for member in sorted(set(ours) ^ set(theirs)):
        print("  only in the snapshot:" if member in ours else "  only in tar's:", *member)
    if set(ours) == set(theirs):
        print("  their order does")
    sys.exit(1)


def main():
    try:
        if sys.argv[1] == "make":
            make(sys.argv[2], int(sys.argv[3]))
        else:
            compare(sys.argv[2])
    except AssertionError as error:
        sys.exit(str(error))


main()
