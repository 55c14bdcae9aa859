"""The disks of contrib/crashtest: what is on them before the first commit."""
import os

from guest import tool

SECTOR = 512
# Behind the file system, for the marks (see common.h). A whole page, so that the disk is made of pages.
TAIL = 64 * 1024
KERNEL_TYPE = {"fat": "vfat", "ext4": "ext4"}


class Layout:
    """One way to format and fill a disk.

    - options: what mkfs.vfat or mke2fs gets.
    - fill: a function that is given the image, and puts things on it.
    - controls: the control procedures that are run on it too.
    - begins_with_another: whether the overlay of another box is there before the first commit.
    - unordered: what no order of writes can help where the disk has some of a flush's writes and not others, and why.
    """

    def __init__(self, name, family, megabytes, options, fill=None, controls=(), begins_with_another=False, unordered=None):
        self.name = name
        self.family = family
        self.size = megabytes * 1024 * 1024
        self.options = options
        self.fill = fill
        self.controls = controls
        self.begins_with_another = begins_with_another
        self.unordered = unordered or {}

    def steps(self, usual):
        return usual.replace("first", "remove-others") if self.begins_with_another else usual

    @property
    def type(self):
        return KERNEL_TYPE[self.family]

    @property
    def grain(self):
        """Sectors of a block, which is what the file system writes at least."""
        return int(self.options[self.options.index("-b") + 1]) // SECTOR if self.family == "ext4" else 1

    @property
    def torn(self):
        """What no order of writes can help where the disk tears a block, and why: verdicts to reasons."""
        options = ",".join(self.options)
        if self.family != "ext4" or self.grain == 1 or "^metadata_csum" in options:
            return {}
        if "^has_journal" in options:
            reason = "a directory's block has one checksum; torn, the directory cannot be read"
            return {"cannot be read": reason, "does not mount": reason}
        # "JBD2: journal transaction N on DEVICE is corrupt", "error loading journal".
        return {"does not mount": "the block that ends a transaction has one checksum; torn, the kernel takes the journal "
                                  "for corrupt, whoever wrote there"}

    @property
    def sectors(self):
        return self.size // SECTOR

    def make(self, path):
        with open(path, "wb") as file:
            file.truncate(self.size)
        if self.family == "fat":
            # A fixed volume number: the same image each time.
            tool("mkfs.vfat", "-i", "1bad0001", *self.options, path)
        else:
            # Lazy would mean a kernel thread that writes for minutes.
            tool("mke2fs", "-q", "-F", "-t", "ext4", "-E", "lazy_itable_init=0,lazy_journal_init=0", *self.options, path)
        if self.fill:
            self.fill(path)
        with open(path, "ab") as file:
            file.truncate(self.size + TAIL)


def put_files(image, names, size):
    """Copies as many files of one content into the top directory."""
    folder = image + ".files"
    os.makedirs(folder)
    paths = []
    for name in names:
        paths.append(os.path.join(folder, name))
        with open(paths[-1], "wb") as file:
            file.write(b"something else\n" * (size // 15))
    for first in range(0, len(paths), 100):
        tool("mcopy", "-i", image, *paths[first:first + 100], "::")
    for path in paths:
        os.remove(path)
    os.rmdir(folder)


def nearly_full_root(entries, size=100):
    """Names of 8.3, which take one entry each, until so many are in the top directory; each file of so many bytes."""
    return lambda image: put_files(image, ["F%d.BIN" % number for number in range(entries)], size)


def fragmented(count, size):
    """Files over the whole disk, every second removed, so that no two free clusters are neighbours for long."""
    def fill(image):
        names = ["F%d.BIN" % number for number in range(count)]
        put_files(image, names, size)
        for first in range(0, count, 200):
            tool("mdel", "-i", image, *("::" + name for name in names[first:first + 200:2]))
    return fill


BOTH = ("recipe", "lbu")
SHORT = [
    Layout("FAT16", "fat", 32, ["-F", "16", "-s", "4"], controls=BOTH),
    Layout("FAT32", "fat", 40, ["-F", "32", "-s", "1"], controls=BOTH),
    Layout("ext4", "ext4", 32, ["-b", "4096"]),
    Layout("ext4 no journal", "ext4", 32, ["-b", "4096", "-O", "^has_journal"], controls=("lbu",)),
]
LONG = SHORT + [
    Layout("FAT12, 2 KiB clusters", "fat", 4, ["-F", "12", "-s", "4"], controls=BOTH),
    Layout("FAT16, 512 B clusters", "fat", 16, ["-F", "16", "-s", "1"]),
    Layout("FAT16, 8 KiB clusters", "fat", 64, ["-F", "16", "-s", "16"], begins_with_another=True),
    # 5 reserved sectors: neither the tables nor the clusters begin where a page does.
    Layout("FAT16, unaligned, one FAT", "fat", 32, ["-F", "16", "-s", "4", "-R", "5", "-f", "1", "-a"]),
    # 112 entries; LBUD/ takes one, a snapshot's long name three, and for a moment there are two of these: none is left
    # then.
    Layout("FAT16, root almost full", "fat", 32, ["-F", "16", "-s", "4", "-r", "112"], nearly_full_root(105)),
    Layout("FAT16, fragmented", "fat", 16, ["-F", "16", "-s", "2"], fragmented(400, 30000)),
    Layout("FAT32, 4 KiB clusters", "fat", 64, ["-F", "32", "-s", "8"], controls=BOTH),
    # 16 entries fill a cluster of 512 bytes: the names of a commit need another one.
    Layout("FAT32, root has to grow", "fat", 40, ["-F", "32", "-s", "1"], nearly_full_root(13)),
    # The same, and the place of that cluster is in another sector of the table than that of the first one.
    Layout("FAT32, root has to grow far", "fat", 40, ["-F", "32", "-s", "1"], nearly_full_root(13, 30000), unordered={
        "does not mount": "the driver makes the new cluster's place in the table and the link to it in one call, and writes "
                          "both with one flush"}),
    # The two names of a directory that gets its own are in two sectors.
    Layout("FAT16, root at a sector's end", "fat", 32, ["-F", "16", "-s", "4"], nearly_full_root(15)),
    Layout("FAT32, fragmented", "fat", 40, ["-F", "32", "-s", "1"], fragmented(600, 50000)),
    Layout("ext4, 1 KiB blocks", "ext4", 32, ["-b", "1024"]),
    Layout("ext4, 1 KiB, no journal", "ext4", 32, ["-b", "1024", "-O", "^has_journal"], begins_with_another=True),
    # With no checksum there is nothing that a torn block can fail.
    Layout("ext4, no journal, no checksums", "ext4", 32, ["-b", "4096", "-O", "^has_journal,^metadata_csum"]),
]
