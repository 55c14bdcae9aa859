"""One machine whose disk stays from boot to boot."""
import os
import re
import subprocess
import threading
import time

from guest import Failed, Monitor, tool

import image

MEGABYTE = 1024 * 1024
MAKE = {
    "vfat": ["mkfs.vfat", "-n", "BOOTTEST", "-F", "32", "-s", "1"],
    "ext4": ["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-L", "BOOTTEST", "-E", "lazy_itable_init=0"],
}
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Boot:
    """What one boot has said. - lines: those for the host, without "CT ". - console: all. - seconds: how long it took."""

    def __init__(self):
        self.lines = []
        self.console = []
        self.began = time.monotonic()
        self.seconds = 0

    def tail(self):
        return "\n".join("    | " + line for line in self.console[-25:])


class Machine:
    """- timeout: seconds that a boot may take."""

    def __init__(self, options, initial, filesystem, timeout=150):
        self.folder = os.path.join(options.work, filesystem)
        os.mkdir(self.folder)
        self.kernel = options.kernel
        self.initial = initial
        self.filesystem = filesystem
        self.timeout = timeout
        self.boots = 0
        self.disk = os.path.join(self.folder, "disk")
        with open(self.disk, "wb") as file:
            file.truncate(40 * MEGABYTE)
        tool(*MAKE[filesystem], self.disk)

    def _command(self, initrd, monitor, attached, speed):
        throttle = ["-object", "throttle-group,id=slow,x-bps-write=%d" % speed] if speed else []
        node = "driver=raw,file.driver=file,file.filename=%s,node-name=%s" % (self.disk, "file" if speed else "disk")
        nodes = ["-blockdev", node]
        if speed:
            nodes += ["-blockdev", "driver=throttle,throttle-group=slow,file=file,node-name=disk"]
        device = ["-device", "virtio-blk-pci,id=media,drive=disk"] if attached else []
        return ["qemu-system-x86_64", "-accel", "tcg", "-smp", "1", "-m", "700", "-nodefaults", "-display", "none",
                "-no-reboot", "-serial", "stdio", "-qmp", "unix:%s,server=on,wait=off" % monitor.path,
                "-kernel", self.kernel, "-initrd", initrd, "-append",
                # See contrib/guest/guest.py. No tests of the ciphers: they take a fifth of the kernel's start.
                "console=ttyS0 quiet loglevel=0 panic=-1 mitigations=off no_timer_check rcupdate.rcu_expedited=1 "
                "cryptomgr.notests fstype=" + self.filesystem] + throttle + nodes + device

    def boot(self, orders, serve=None, attached=True, speed=None):
        """- orders: what is called once the box is up. - serve: is given the words behind "CT host", a function that
        kills the machine, and its monitor. - attached: whether the disk is there from the beginning. - speed: bytes a
        second that the disk takes.
        - Throws Failed where the machine hangs, or ends otherwise than by its own poweroff or by being killed."""
        self.boots += 1
        initrd = os.path.join(self.folder, "initrd")
        with open(initrd, "wb") as file:
            file.write(self.initial + image.orders(orders))
        monitor = Monitor(os.path.join(self.folder, "monitor%d" % self.boots))
        process = subprocess.Popen(self._command(initrd, monitor, attached, speed), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        told = Boot()
        killed = threading.Event()

        def kill():
            killed.set()
            process.kill()

        timer = threading.Timer(self.timeout, process.kill)
        timer.start()
        try:
            with open(os.path.join(self.folder, "console%d" % self.boots), "wb") as console:
                for raw in process.stdout:
                    console.write(b"%7.2f " % (time.monotonic() - told.began) + raw)
                    line = ESCAPES.sub("", raw.decode(errors="replace")).strip()
                    told.console.append(line)
                    if not line.startswith("CT "):
                        continue
                    told.lines.append(line[3:])
                    if line.startswith("CT host ") and serve:
                        serve(line.split()[2:], kill, monitor)
            code = process.wait()
        finally:
            timed_out = not timer.is_alive()
            timer.cancel()
            process.kill()
            process.wait()
            monitor.close()
            told.seconds = time.monotonic() - told.began
        errors = [line for line in told.lines if line.startswith("error")]
        if killed.is_set() and not errors:
            return told
        if timed_out:
            errors.append("it has not ended after %d s" % self.timeout)
        elif code != 0:
            errors.append("qemu ends with %d" % code)
        elif "down" not in " ".join(told.console):
            errors.append("it went off without its shutdown")
        if errors:
            raise Failed("boot %d: %s\n%s" % (self.boots, "; ".join(errors), told.tail()))
        return told
