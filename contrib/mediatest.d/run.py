"""Runs contrib/mediatest once all it needs is there: boots a machine for each scenario, and prints what it says."""
import argparse
import concurrent.futures
import os
import re
import shutil
import struct
import sys
import threading
import time

import choosing
import initramfs
from guest import Failed, Guest, tool

HERE = os.path.dirname(os.path.abspath(__file__))
MEGABYTE = 1024 * 1024
FAT16 = ["mkfs.vfat", "-i", "1bad0001", "-n", "LBUDTEST", "-F", "16"]
EXT4 = ["mke2fs", "-q", "-F", "-t", "ext4", "-U", "1bad0001-0000-4000-8000-000000000000", "-L", "LBUDTEST", "-E",
        "lazy_itable_init=0,lazy_journal_init=0"]
NO_JOURNAL = EXT4 + ["-O", "^has_journal"]
# Bytes a second, so that a commit of 250 kB takes some seconds, and one in which a disk is pulled many.
SLOW, CRAWLING = 150000, 40000
printing = threading.Lock()


class Disk:
    """One disk of a guest; its name is its serial number too.

    - speed: bytes a second that it takes at most.
    - protected: whether it takes no writes.
    - scsi: whether it is on a bus that it leaves at once when it is pulled, as a USB stick does; virtio asks first, and
      Linux writes what is to be written.
    - fill: a function that is given the image, and puts things on it.
    - broken: a function that is given the image, and returns the sector that cannot be read.
    """

    def __init__(self, name, command, megabytes=32, speed=None, protected=False, scsi=False, fill=None,
                 broken=None):
        self.name = name
        self.command = command
        self.size = megabytes * MEGABYTE
        self.speed = speed
        self.protected = protected
        self.scsi = scsi
        self.fill = fill
        self.broken = broken

    def make(self, path):
        with open(path, "wb") as file:
            file.truncate(self.size)
        tool(*self.command, path)
        if self.fill:
            self.fill(path)

    def device(self):
        """What device_add is given, too."""
        device = {"driver": "virtio-blk-pci", "id": "device-" + self.name, "drive": self.name, "serial": self.name}
        if self.scsi:
            device.update(driver="scsi-hd", bus="scsi.0")
        return device

    def arguments(self, path):
        node = "driver=raw,file.driver=file,file.filename=" + path
        if self.broken:
            node = ("driver=raw,file.driver=blkdebug,file.inject-error.0.event=none,file.inject-error.0.iotype=read,"
                    "file.inject-error.0.sector=%d,file.image.driver=file,file.image.filename=%s" % (self.broken(path), path))
        if self.protected:
            node += ",read-only=on"
        blockdev = ["-blockdev", node + ",node-name=%s" % ("file-" + self.name if self.speed else self.name)]
        if self.speed:
            group = "slow-" + self.name
            blockdev = ["-object", "throttle-group,id=%s,x-bps-write=%d" % (group, self.speed)] + blockdev + [
                "-blockdev", "driver=throttle,throttle-group=%s,file=file-%s,node-name=%s" % (group, self.name, self.name)]
        bus = ["-device", "virtio-scsi-pci,id=scsi"] if self.scsi else []
        device = ",".join("%s=%s" % pair for pair in self.device().items())
        return blockdev + bus + ["-device", device]


class Scenario:
    """Functions of one script, called one after another in one machine."""

    def __init__(self, script, calls, *disks):
        self.script = script
        self.calls = calls
        self.disks = disks

    @property
    def name(self):
        return "%s: %s" % (self.script, "; ".join(self.calls))


def half_made_directory(image):
    """A directory of lbud's whose cluster was not written."""
    tool("mmd", "-i", image, "::LBUD")
    tool("mmd", "-i", image, "::LBUD/DIR.0A0")
    with open(image, "r+b") as file:
        content = file.read()
        # The last that was made; each begins with an entry for itself.
        file.seek(content.rindex(b".          \x10"))
        file.write(bytes(64))


def dirty(image):
    """FAT's mark of one that nobody has unmounted."""
    with open(image, "r+b") as file:
        file.seek(37)
        file.write(b"\x01")


def second_table(image):
    """Which the kernel does not read. - Returns: the sector at which it begins."""
    with open(image, "rb") as file:
        reserved, length = struct.unpack("<14xH6xH", file.read(24))
    return reserved + length


def debugfs(image, *orders):
    for order in orders:
        tool("debugfs", "-w", "-R", order, image)


def unclean(image):
    debugfs(image, "ssv state 0")


def lost_name(image):
    """A file without a name, on a file system that nobody has unmounted."""
    debugfs(image, "write %s lost" % os.path.abspath(__file__), "unlink lost", "ssv state 0")


def illegal_file(image):
    """What a checker gives up at as soon as it reads the top directory."""
    debugfs(image, "write %s lost" % os.path.abspath(__file__), "sif lost mode 010644", "ssv state 0")


def block_bitmap(image):
    """Which a checker reads, and who mounts it for reading does not. - Returns: the sector at which it begins."""
    return sector_of(image, int(re.search(r"Block bitmap at (\d+)", tool("dumpe2fs", image)).group(1)))


def lost_and_found(image):
    """The same of what is read after the top directory: a block in the middle of another one, with which no other file's is
    read."""
    blocks = tool("debugfs", "-R", "blocks /lost+found", image).split("\n")[-1].split()
    return sector_of(image, int(blocks[len(blocks) // 2]))


def sector_of(image, block):
    return block * int(re.search(r"Block size:\s*(\d+)", tool("dumpe2fs", image)).group(1)) // 512


SCENARIOS = [
    Scenario("mounting", ["mounting fat vfat", "mounting ext ext4"], Disk("fat", FAT16), Disk("ext", EXT4)),
    Scenario("mounting", ["refusals fat"], Disk("fat", FAT16)),
    Scenario("mounting", ["write_protected card"], Disk("card", FAT16, protected=True)),
    Scenario("killed", ["killed fat vfat none", "killed fat vfat ro"], Disk("fat", FAT16, speed=SLOW)),
    Scenario("killed", ["killed ext ext4 none", "killed ext ext4 ro"], Disk("ext", NO_JOURNAL, speed=SLOW)),
    Scenario("unclean", ["unclean fat vfat", "unclean ext ext4"], Disk("fat", FAT16), Disk("ext", NO_JOURNAL)),
    Scenario("unclean", ["crossed ext NEW.0A0"], Disk("ext", NO_JOURNAL)),
    Scenario("unclean", ["crossed ext box.20200101000000.tar.gz"], Disk("ext", NO_JOURNAL)),
    Scenario("unclean", ["torn_folder ext"], Disk("ext", NO_JOURNAL)),
    Scenario("forced", ["lost_name ext", "dying bad -p", "dying worse -n", "left_to_person journal", "much ill",
                        "dying_fat fat"],
             Disk("ext", NO_JOURNAL), Disk("ill", NO_JOURNAL, fill=lost_name), Disk("journal", EXT4, fill=lost_name),
             Disk("bad", NO_JOURNAL, fill=unclean, broken=block_bitmap),
             Disk("worse", NO_JOURNAL, fill=illegal_file, broken=lost_and_found),
             Disk("fat", FAT16, fill=dirty, broken=second_table)),
    Scenario("unclean", ["half_made fat"], Disk("fat", FAT16, fill=half_made_directory)),
    Scenario("pulled", ["pulled fat vfat UUID=1BAD-0001 none", "pulled fat vfat LABEL=LBUDTEST ro"],
             Disk("fat", FAT16, scsi=True)),
    Scenario("pulled", ["pulled ext ext4 UUID=1bad0001-0000-4000-8000-000000000000 none",
                        "pulled ext ext4 LABEL=LBUDTEST ro"], Disk("ext", NO_JOURNAL)),
    Scenario("pulled", ["pulled_in_commit fat vfat LABEL=LBUDTEST none", "pulled_in_commit fat vfat UUID=1BAD-0001 ro"],
             Disk("fat", FAT16, speed=CRAWLING, scsi=True)),
    Scenario("pulled", ["pulled_in_commit fat vfat LABEL=LBUDTEST none"], Disk("fat", FAT16, speed=CRAWLING)),
    Scenario("pulled", ["pulled_in_commit ext ext4 LABEL=LBUDTEST none", "pulled_in_commit ext ext4 LABEL=LBUDTEST ro"],
             Disk("ext", NO_JOURNAL, speed=CRAWLING, scsi=True)),
    Scenario("full", ["full small", "root_full few", "colon fat"], Disk("small", FAT16 + ["-s", "1"], 4),
             Disk("few", FAT16 + ["-s", "4", "-r", "112"]), Disk("fat", FAT16)),
    Scenario("labels", ["same_label one two"], Disk("one", FAT16), Disk("two", FAT16)),
]


def plug(monitor, disk):
    """The machine has let go of the disk a moment after its system has."""
    for attempt in range(50):
        try:
            return monitor.call("device_add", **disk.device())
        except Failed:
            if attempt == 49:
                raise
            time.sleep(0.2)


def run(guest, scenario, folder, verbose):
    """- Returns: how many checks passed, and the lines of those that did not."""
    arguments, paths, disks = [], [], {}
    for disk in scenario.disks:
        path = os.path.join(folder, "disk%d.%s" % (SCENARIOS.index(scenario), disk.name))
        disk.make(path)
        paths.append(path)
        disks[disk.name] = disk
        arguments += disk.arguments(path)

    def serve(words, monitor):
        if words[0] == "pull":
            monitor.call("device_del", id=disks[words[1]].device()["id"])
        elif words[0] == "plug":
            plug(monitor, disks[words[1]])

    began = time.monotonic()
    orders = ". /%s.sh\n" % scenario.script + "".join(call + "\n" for call in scenario.calls)
    lines = guest.boot(orders, arguments, serve)
    for path in paths:
        os.remove(path)
    passed = sum(line.startswith("pass ") for line in lines)
    failures = [line[5:] for line in lines if line.startswith("fail ")]
    with printing:
        print("%s: %d passed, %d failed (%d s)" % (scenario.name, passed, len(failures), time.monotonic() - began))
        for line in lines:
            word, _, rest = line.partition(" ")
            if word in ("fail", "|") or (verbose and word in ("pass", "info")):
                print("  %s" % line if word == "|" else "  %s: %s" % (word, rest))
        sys.stdout.flush()
    return passed, failures


def main():
    parser = argparse.ArgumentParser()
    for name in ("--work", "--kernel", "--modules", "--static", "--checkers"):
        parser.add_argument(name, required=True)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    began = time.monotonic()
    wanted = choosing.chosen("mediatest", "scenario", [scenario.name for scenario in SCENARIOS], options.only)

    programs = {"busybox": shutil.which("busybox"), "lbud-multicall": os.path.join(options.static, "lbud-multicall")}
    scripts = sorted(os.path.join(HERE, name) for name in os.listdir(HERE) if name.endswith(".sh"))
    initial = initramfs.build(scripts, programs, options.modules,
                              [os.path.join(options.checkers, name) for name in ("e2fsck", "fsck.vfat", "debugfs")],
                              ["virtio_scsi", "sd_mod"], [os.path.join(options.checkers, "blkid")])
    guest = Guest(options.work, options.kernel, initial, 900)
    passed, failures = 0, []
    # Half of a scenario is waiting for slow disks.
    with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        tasks = [pool.submit(run, guest, scenario, options.work, options.verbose)
                 for scenario in SCENARIOS if scenario.name in wanted]
        try:
            for task in concurrent.futures.as_completed(tasks):
                more, broken = task.result()
                passed += more
                failures += broken
        except Failed as error:
            for task in tasks:
                task.cancel()
            print("mediatest: error: %s" % error, file=sys.stderr)
            return 1
    print("\n%d passed, %d failed (%d s)" % (passed, len(failures), time.monotonic() - began))
    for line in failures:
        print("  failed: " + line)
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
