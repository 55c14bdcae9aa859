"""usage: hostile.py FILE KIND

Makes a snapshot that nobody honest has made. Each kind is one trick to have something written, or read, outside the root.
"""

import io
import sys
import tarfile


def entry(name, kind=tarfile.REGTYPE, content=b"hostile\n", link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o644
    info.devmajor, info.devminor = 1, 3
    if kind == tarfile.REGTYPE:
        info.size = len(content)
        return info, io.BytesIO(content)
    return info, None


KINDS = {
    "up": [entry("etc/../../canary")],
    "upper": [entry("../canary")],
    "absolute": [entry("/canary")],
    "absolute-up": [entry("/../canary")],
    "through-link": [entry("etc/out", tarfile.SYMTYPE, link="../.."), entry("etc/out/canary")],
    "through-old-link": [entry("etc/old-link/canary")],
    "through-absolute-link": [entry("etc/out", tarfile.SYMTYPE, link="/"), entry("etc/out/canary")],
    "hard-link-out": [entry("etc/stolen", tarfile.LNKTYPE, link="../canary")],
    "hard-link-absolute": [entry("etc/stolen", tarfile.LNKTYPE, link="/etc/shadow")],
    "hard-link-to-link": [
        entry("etc/a", tarfile.SYMTYPE, link="../../canary"),
        entry("etc/b", tarfile.LNKTYPE, link="etc/a"),
    ],
    "device": [entry("etc/null", tarfile.CHRTYPE), entry("etc/disk", tarfile.BLKTYPE)],
    "fifo": [entry("etc/motd", tarfile.FIFOTYPE)],
    "identity": [entry("etc/hostname", tarfile.SYMTYPE, link="../../canary")],
    "directory-becomes-link": [
        entry("etc/x", tarfile.DIRTYPE),
        entry("etc/x", tarfile.SYMTYPE, link="../.."),
        entry("etc/x/canary"),
    ],
    "escapes": [entry("etc/\x1b[2Jred"), entry("etc/new\nline"), entry("etc/" + "n" * 255)],
}


def main():
    path, kind = sys.argv[1:]
    if kind == "list":
        print("\n".join(KINDS))
        return
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(*entry("etc", tarfile.DIRTYPE))
        for info, content in KINDS[kind]:
            archive.addfile(info, content)


main()
