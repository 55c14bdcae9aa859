"""The roots that are measured: a diskless box's root directory, in memory."""
import os
import shutil

from cleaning import Failure

SETTINGS = "LBU_BACKUPDIR=/backup\nLBUD_AUTO=no\nLBUD_ON_SHUTDOWN=no\n"
SNAPSHOT = "backup/bench.apkovl.tar.gz"


def text(number):
    """1.7 kB as a configuration file has them; gzip makes a quarter of them."""
    return "".join("option_%d = %d\n" % (line, number * line) for line in range(90)).encode()


def noise(_number):
    """As much that gzip cannot make smaller: 60,000 of these are an archive of 100 MB."""
    return os.urandom(1700)


KINDS = {"text": text, "noise": noise}


class Roots:
    def __init__(self, work):
        self.work = work

    def bare(self, name, settings=SETTINGS):
        """A root without files of its own."""
        base = os.path.join(self.work, name)
        for path in ("etc/apk/protected_paths.d", "etc/lbu", "lib/apk/db", "backup", "run"):
            os.makedirs(os.path.join(base, path))
        for path, content in (("etc/hostname", "bench\n"), ("etc/lbu/lbu.conf", settings), ("lib/apk/db/installed", "")):
            with open(os.path.join(base, path), "w") as file:
                file.write(content)
        return base

    def get(self, files, kind="text", use="shared", settings=SETTINGS):
        """A root of so many files, 40 to a directory. One of a use is made once: who takes it after others finds it with
        their last snapshot."""
        name = "%s-%s-%d" % (use, kind, files)
        base = os.path.join(self.work, name)
        if os.path.isdir(base):
            return base
        self.bare(name, settings)
        for number in range(files):
            folder = os.path.join(base, "etc", "d%d" % (number // 1600), "e%d" % (number // 40))
            if number % 40 == 0:
                os.makedirs(folder)
            with open(os.path.join(folder, "file%d.conf" % number), "wb") as file:
                file.write(KINDS[kind](number))
        return base

    def drop(self, base):
        shutil.rmtree(base)

    def room(self, size):
        """Whether there is room for so many bytes, in the file system and in the memory that it may take."""
        with open("/proc/meminfo") as file:
            memory = [int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable:")]
        status = os.statvfs(self.work)
        return min(memory + [status.f_bavail * status.f_frsize]) > size


def forget(base):
    """Removes the snapshots, and what lbud keeps until the next boot."""
    for part in ("backup", "run"):
        shutil.rmtree(os.path.join(base, part))
        os.mkdir(os.path.join(base, part))


def change(base, count):
    """One file, each time another content."""
    path = os.path.join(base, "etc/d0/e0/file0.conf")
    if not os.path.exists(path):
        path = os.path.join(base, "etc/small.conf")
    with open(path, "a") as file:
        file.write("changed = %d\n" % count)


def snapshot(base):
    """Its size and which file it is; an error where there is none."""
    try:
        status = os.stat(os.path.join(base, SNAPSHOT))
    except FileNotFoundError:
        raise Failure("no snapshot in %s" % base, "--keep leaves the root, and its log is lbud's") from None
    return status.st_size, (status.st_ino, status.st_mtime_ns)
