"""Makes what the machines boot: a first file system whose init does what Alpine's does, and in it the base system."""
import io
import os
import re
import shutil
import stat
import subprocess
import tarfile

import initramfs

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDERS = ["bin", "sbin", "usr/bin", "usr/sbin", "usr/lib", "lib/apk/db", "lib64", "etc/apk", "etc/conf.d", "dev", "proc",
           "sys", "run", "tmp", "var/log", "var/tmp", "root", "media", "test"]
# As Alpine has them, as far as there is something for them to do.
RUNLEVELS = {
    "sysinit": ["devfs"],
    "boot": ["sysctl", "hostname", "bootmisc", "localmount", "syslog", "lbud"],
    "shutdown": ["killprocs", "savecache", "mount-ro"],
}


class Base:
    """The base system, as a tar archive: what packages would have brought."""

    def __init__(self):
        self.bytes = io.BytesIO()
        # Python's default format has records that busybox does not take.
        self.tar = tarfile.open(fileobj=self.bytes, mode="w", format=tarfile.GNU_FORMAT)

    def folder(self, name):
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
        self.tar.addfile(entry)

    def link(self, name, target):
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        self.tar.addfile(entry)

    def content(self, name, content, mode=0o644):
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), mode
        self.tar.addfile(entry, io.BytesIO(content))

    def file(self, name, path, mode=None):
        with open(path, "rb") as file:
            self.content(name, file.read(), mode or stat.S_IMODE(os.stat(path).st_mode) | 0o444)

    def tree(self, path, place=""):
        """All that is below a folder."""
        for parent, folders, names in os.walk(path):
            for name in sorted(folders + names):
                full = os.path.join(parent, name)
                inside = os.path.join(place, os.path.relpath(full, path))
                if os.path.islink(full):
                    self.link(inside, os.readlink(full))
                elif os.path.isfile(full):
                    self.file(inside, full)

    def finish(self):
        self.tar.close()
        return self.bytes.getvalue()


def libraries(programs):
    """This machine's libraries that dynamic programs need, with their places. Scripts, and static programs, need none."""
    needed = {}
    for program in programs:
        text = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False).stdout.decode()
        for path in re.findall(r"(/\S+) \(0x", text):
            needed[path] = os.path.realpath(path)
    return needed


def base(options):
    """- options: of run.py. - Returns: the base system, packed."""
    made = Base()
    for name in FOLDERS:
        made.folder(name)
    made.link("var/run", "../run")
    busybox = shutil.which("busybox")
    made.file("bin/busybox", busybox, 0o755)
    for name in subprocess.run([busybox, "--list"], stdout=subprocess.PIPE, check=True).stdout.decode().split():
        if name != "busybox":
            made.link("bin/" + name, "busybox")
    for name in ("init", "syslogd", "reboot"):
        made.link("sbin/" + name, "../bin/busybox")
    for name in ("sbin", "bin", "lib", "etc/init.d"):
        made.tree(os.path.join(options.openrc, name), name)
    # Debian's own: reads the headers of init scripts that OpenRC did not make. Here are none, and it is slow.
    made.content("lib/rc/bin/lsb2rcconf", b"#!/bin/sh\n", 0o755)
    made.tree(os.path.join(HERE, "base"))
    project = os.path.dirname(os.path.dirname(HERE))
    made.file("etc/init.d/lbud", os.path.join(project, "openrc/lbud.initd"), 0o755)
    made.file("etc/conf.d/lbud", os.path.join(project, "openrc/lbud.confd"))
    made.folder("etc/runlevels/default")
    for level, services in RUNLEVELS.items():
        for service in services:
            made.link("etc/runlevels/%s/%s" % (level, service), "/etc/init.d/" + service)
    made.content("lib/apk/db/installed", b"")
    made.content("lib/apk/db/lock", b"")
    made.content("etc/apk/world", b"alpine-base\n")

    made.file("usr/bin/lbud-multicall", os.path.join(options.static, "lbud-multicall"), 0o755)
    made.link("usr/sbin/lbud", "../bin/lbud-multicall")
    made.link("usr/bin/lbuctl", "lbud-multicall")
    tools = [os.path.join(options.checkers, name) for name in ("e2fsck", "fsck.vfat", "blkid")] + [shutil.which("flock")]
    for path in tools:
        made.file("sbin/" + os.path.basename(path), path, 0o755)
    made.link("sbin/fsck.ext4", "e2fsck")
    programs = tools + [os.path.join(parent, name) for parent, _, names in os.walk(options.openrc) for name in names
                        if "bin" in parent or ".so" in name]
    for place, path in sorted(libraries(programs).items()):
        made.file(place.lstrip("/"), path, 0o755)

    for name in ("verbs.sh", "cases.sh"):
        made.file("test/" + name, os.path.join(HERE, name))
    hook = os.path.join(project, "contrib/lbud.apk-hook")
    if os.path.exists(hook):
        made.file("test/lbud.apk-hook", hook)
    return made.finish()


def build(options):
    """- Returns: the first file system, for qemu's -initrd."""
    archive = initramfs.Archive()
    for name in ("proc", "sys", "dev"):
        archive.folder(name)
    archive.add("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))
    archive.file("init", os.path.join(HERE, "init"))
    archive.file("bin/busybox", shutil.which("busybox"))
    archive.link("bin/sh", "busybox")
    ordered = initramfs.modules(options.modules, initramfs.MODULES)
    for path in ordered:
        archive.file("modules/" + os.path.basename(path), path)
    archive.add("modules/order", stat.S_IFREG | 0o644,
                "".join(os.path.basename(path) + "\n" for path in ordered).encode())
    archive.add("base.tar", stat.S_IFREG | 0o644, base(options))
    # Not compressed: to copy it takes the emulated processor less time.
    archive.add("TRAILER!!!", 0)
    return bytes(archive.bytes)


def orders(text):
    """A second archive behind it: what this boot is to do. The kernel unpacks both."""
    archive = initramfs.Archive()
    archive.add("orders", stat.S_IFREG | 0o755, ("#!/bin/sh\n. /test/cases.sh\n" + text).encode())
    archive.add("TRAILER!!!", 0)
    return bytes(archive.bytes)
