"""Judges what is on the media, without lbud: with Python's own gzip and tar."""
import fnmatch
import functools
import gzip
import hashlib
import io
import os
import random
import re
import shutil
import tarfile
import zlib

DATED = re.compile(r".+\.\d{14}\.tar\.gz")
# That of another box: none of this one's has its number.
FOREIGN = 0
# What nlplug-findfs takes at boot.
BOOTABLE = "*.apkovl.tar.gz*"
# Does not compress, and is more than lbud writes or reads at once, so that a commit makes several such calls.
NOISE = random.Random(1).randbytes(80_000)


# The one file that is the same in all configurations.
CONSTANT = "etc/constant"


class Bad(Exception):
    """The state is wrong."""


@functools.lru_cache(maxsize=64)
def configuration(number):
    """What the box has to save, by path: no file of one number can be taken for that of another, but for one that never changes.

    All numbers have the same length, for a commit to make the same calls each time."""
    mark = b"%08d" % number
    data = b"".join(mark + NOISE[start:start + 2000] for start in range(0, len(NOISE), 2000))
    return {
        # Enough for a span of its own: it is copied from snapshot to snapshot.
        CONSTANT: NOISE[::-1],
        "etc/data": data,
        "etc/mark": mark + b"\n",
        # Named by lbu.list: lbud must not lose the rules either.
        "var/lib/mark": mark + b"\n",
        "etc/sum": hashlib.sha256(data).hexdigest().encode() + b"\n",
    }


def contents(path):
    """- Returns: the files in a snapshot, by path."""
    with open(path, "rb") as file:
        compressed = file.read()
    try:
        archive = gzip.decompress(compressed)
    except (OSError, EOFError, zlib.error) as error:
        raise Bad("%s is no whole gzip file: %s" % (os.path.basename(path), error)) from None
    if not archive.endswith(bytes(1024)):
        raise Bad("%s has no end of the archive" % os.path.basename(path))
    files = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            for member in tar:
                if member.isfile():
                    files[member.name] = tar.extractfile(member).read()
                elif not member.isdir():
                    raise Bad("%s holds something else: %s" % (os.path.basename(path), member.name))
    except tarfile.TarError as error:
        raise Bad("%s is no whole tar file: %s" % (os.path.basename(path), error)) from None
    return files


def number_of(path):
    """- Returns: the number of the configuration that a snapshot holds as a whole."""
    files = contents(path)
    mark = files.get("etc/mark", b"").strip()
    if not mark.isdigit() or files != configuration(int(mark)):
        raise Bad("%s holds no configuration as a whole: %s" % (os.path.basename(path), ", ".join(
            "%s %s" % (name, hashlib.sha256(content).hexdigest()[:12]) for name, content in sorted(files.items()))))
    return int(mark)


def write_snapshot(path, files):
    """As another program would."""
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def bootable(media):
    """- Returns: the number of the configuration in each file that the boot loader could take, by name."""
    return {name: number_of(os.path.join(media, name)) for name in fnmatch.filter(os.listdir(media), BOOTABLE)}


def state(media, allowed):
    """- allowed: states of the media, each as `bootable` tells it.
    - Returns: which of them it is in."""
    found = bootable(media)
    if found not in allowed:
        raise Bad("the media has %s, and should have %s" % (words(found), " or ".join(map(words, allowed))))
    return found


def words(state):
    return " and ".join("configuration %d in %s" % (state[name], name) for name in sorted(state)) or "no snapshot"


def old_copies(media):
    """- Returns: the numbers of the configurations that the old snapshots hold, each as a whole."""
    folder = os.path.join(media, "LBUD")
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return {number_of(os.path.join(folder, name)) for name in names if DATED.fullmatch(name)}


def announced(media):
    """- Returns: what the whole files name that say that the current snapshot is to be confirmed."""
    folder, backs = os.path.join(media, "LBUD"), []
    for name in fnmatch.filter(os.listdir(folder), "CONFIRM.*"):
        with open(os.path.join(folder, name), "rb") as file:
            text, _, told = file.read().rpartition(b"\nsha256=")
        if hashlib.sha256(text).hexdigest().encode() == told:
            backs += [line[len(b"back="):].decode() for line in text.split(b"\n") if line.startswith(b"back=")]
    return backs


def temporaries(media):
    """- Returns: what commits have begun to write and not removed."""
    return sorted(
        os.path.join(os.path.relpath(folder, media), name)
        for folder, _, names in os.walk(media) for name in names if name.startswith("NEW."))


# MARK: Whether the judge sees


def controls(folder):
    """Shows the judge states that are wrong.

    - Returns: how many it saw; all of them, or `Bad` is raised.
    """

    media = os.path.join(folder, "media")
    top = os.path.join(media, "box.apkovl.tar.gz")
    old = os.path.join(media, "LBUD", "box.20200101000000.tar.gz")

    def cut(path, by):
        os.truncate(path, os.path.getsize(path) - by)

    def flip(path, at):
        with open(path, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1]))

    def without_end():
        with open(top, "rb") as file:
            archive = gzip.decompress(file.read())
        with gzip.open(top, "wb", compresslevel=1) as file:
            file.write(archive.rstrip(b"\0"))

    wrong = {
        "no file": lambda: os.remove(top),
        "an empty file": lambda: os.truncate(top, 0),
        "a file that lacks its last byte": lambda: cut(top, 1),
        "a file that lacks its second half": lambda: cut(top, os.path.getsize(top) // 2),
        "a file with a wrong bit": lambda: flip(top, os.path.getsize(top) // 2),
        "an archive without an end": without_end,
        "two files": lambda: shutil.copyfile(top, top + ".new"),
        "a file of another host": lambda: os.rename(top, os.path.join(media, "other.apkovl.tar.gz")),
        "another configuration": lambda: write_snapshot(top, configuration(9)),
        "a mixture": lambda: write_snapshot(top, configuration(3) | {"etc/data": configuration(2)["etc/data"]}),
        "a file less": lambda: write_snapshot(
            top, {name: content for name, content in configuration(3).items() if name != "etc/sum"}),
        "the old one where the new one is due": lambda: write_snapshot(top, configuration(2)),
        "a torn old copy": lambda: cut(old, 1),
        "an old copy less": lambda: os.remove(old),
        "a temporary file": lambda: shutil.copyfile(top, os.path.join(media, "LBUD", "NEW.0AZ")),
    }

    def judge():
        state(media, [{"box.apkovl.tar.gz": 3}])
        if old_copies(media) != {1}:
            raise Bad("an old copy is missing")
        if temporaries(media):
            raise Bad("a temporary file is left")

    for what, spoil in {"nothing wrong": lambda: None, **wrong}.items():
        shutil.rmtree(media, ignore_errors=True)
        os.makedirs(os.path.join(media, "LBUD"))
        write_snapshot(top, configuration(3))
        write_snapshot(old, configuration(1))
        spoil()
        try:
            judge()
        except Bad as error:
            if what not in wrong:
                raise Bad("the judge finds fault where there is none: %s" % error) from None
        else:
            if what in wrong:
                raise Bad("the judge is blind: it does not see %s" % what)
    shutil.rmtree(media)
    return len(wrong)
