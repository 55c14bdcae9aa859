"""Packs the guest's first file system: Linux' Documentation/driver-api/early-userspace/buffer-format.rst, "newc"."""
import gzip
import os
import re
import stat
import subprocess

# What the kernel loads last needs what is before it. ext4 is built in.
MODULES = ["virtio_pci", "virtio_blk", "nls_cp437", "nls_ascii", "nls_utf8", "nls_iso8859-1", "vfat"]
BRD = "brd"


class Archive:
    def __init__(self):
        self.bytes = bytearray()
        self.number = 0
        self.folders = set()

    def add(self, name, mode, content=b"", device=(0, 0)):
        parent = os.path.dirname(name)
        if parent and parent not in self.folders and not name == "TRAILER!!!":
            self.folder(parent)
        self.number += 1
        encoded = name.encode() + b"\0"
        fields = [self.number, mode, 0, 0, 1, 0, len(content), 0, 0, device[0], device[1], len(encoded), 0]
        self.bytes += b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
        self._pad()
        self.bytes += content
        self._pad()

    def folder(self, name):
        self.folders.add(name)
        self.add(name, stat.S_IFDIR | 0o755)

    def file(self, name, path, mode=0o755):
        with open(path, "rb") as file:
            self.add(name, stat.S_IFREG | mode, file.read())

    def link(self, name, target):
        self.add(name, stat.S_IFLNK | 0o777, target.encode())

    def finish(self):
        self.add("TRAILER!!!", 0)
        return gzip.compress(bytes(self.bytes), 1, mtime=0)

    def _pad(self):
        self.bytes += bytes(-len(self.bytes) % 4)


def modules(folder, wanted):
    """The files of these modules and of all they need, each after what it needs."""
    files = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".ko"):
                files[name[:-3].replace("-", "_")] = os.path.join(parent, name)
    ordered = []

    def visit(name):
        # Not there: it is built in.
        path = files.get(name.replace("-", "_"))
        if path is None or path in ordered:
            return
        with open(path, "rb") as file:
            found = re.search(rb"\0depends=([^\0]*)\0", file.read())
        for needed in found.group(1).decode().split(",") if found else []:
            visit(needed)
        ordered.append(path)

    for name in wanted:
        visit(name)
    return ordered


def libraries(program):
    """The dynamic libraries of a program, and its loader."""
    text = subprocess.run(["ldd", program], stdout=subprocess.PIPE, check=True).stdout.decode()
    return sorted(set(re.findall(r"(/\S+) \(0x", text)))


def build(scripts, programs, kernel_modules, checkers, drivers=(), tools=()):
    """- scripts: paths of what goes to the top. - programs: name to path, for /bin. - checkers: paths of e2fsck and
    fsck.vfat, which are dynamic, for /checkers.
    - drivers: modules that are loaded beside the usual ones. - tools: paths of dynamic programs for /bin."""
    archive = Archive()
    for name in ("proc", "sys", "dev", "sbin"):
        archive.folder(name)
    archive.add("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))
    archive.file("init", os.path.join(os.path.dirname(os.path.abspath(__file__)), "init"))
    for path in scripts:
        archive.file(os.path.basename(path), path)
    for name, path in programs.items():
        archive.file("bin/" + name, path)
    archive.link("bin/sh", "busybox")
    for name in ("lbud", "lbuctl"):
        archive.link("bin/" + name, "lbud-multicall")
    ordered = modules(kernel_modules, MODULES + list(drivers))
    for path in ordered + modules(kernel_modules, [BRD]):
        archive.file("modules/" + os.path.basename(path), path)
    archive.add("modules/order", stat.S_IFREG | 0o644,
                "".join(os.path.basename(path) + "\n" for path in ordered).encode())
    needed = set()
    for folder, paths in (("checkers/", checkers), ("bin/", tools)):
        for path in paths:
            archive.file(folder + os.path.basename(path), path)
            needed.update(libraries(path))
    archive.link("checkers/fsck.ext4", "e2fsck")
    for path in sorted(needed):
        archive.file(path.lstrip("/"), os.path.realpath(path))
    return archive.finish()


def orders(text):
    """A second archive, to stand behind the first: the kernel unpacks both."""
    archive = Archive()
    archive.add("orders", stat.S_IFREG | 0o644, text.encode())
    return archive.finish()
