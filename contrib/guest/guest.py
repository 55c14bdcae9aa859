"""Boots virtual machines for contrib/crashtest and contrib/mediatest."""
import json
import os
import socket
import subprocess
import threading

import initramfs

MEMORY = 512


class Failed(Exception):
    """The test itself does not work."""


def tool(*words):
    """Runs a program of this machine that makes or fills an image, or looks at it. - Returns: what it says."""
    environment = dict(os.environ, PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin", MTOOLS_SKIP_CHECK="1")
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode(errors="replace").strip()
    if done.returncode != 0:
        raise Failed("%s fails: %s" % (words[0], text))
    return text


class Guest:
    """Boots machines one after another, from one kernel and one initramfs.

    What a guest prints on a line that begins with "CT " is for the host. "CT error" is a fault of the test itself, and
    "CT end" the last of them.
    """

    def __init__(self, folder, kernel, initial, timeout):
        self.folder = folder
        self.kernel = kernel
        self.initial = initial
        self.timeout = timeout
        self.count = 0
        self.lock = threading.Lock()

    def boot(self, orders, devices, serve=None):
        """- orders: a shell script.
        - devices: arguments of qemu.
        - serve: is given the words behind "CT host" as they come, and the machine's monitor.
        - Returns: the lines for the host, without "CT ".
        """
        with self.lock:
            self.count += 1
            number = self.count
        image = os.path.join(self.folder, "boot%d.img" % number)
        with open(image, "wb") as file:
            file.write(self.initial + initramfs.orders(orders))
        command = [
            "nice", "qemu-system-x86_64", "-accel", "tcg", "-smp", "1", "-m", str(MEMORY), "-nodefaults", "-display",
            "none", "-no-reboot", "-serial", "stdio", "-kernel", self.kernel, "-initrd", image, "-append",
            # Expedited: without, each unmount waits for a timer tick or two.
            # No timer check: on a busy host it finds the emulated timer too slow, and the kernel panics.
            "console=ttyS0 quiet loglevel=0 panic=-1 mitigations=off no_timer_check rcupdate.rcu_expedited=1"] + devices
        monitor = Monitor(os.path.join(self.folder, "monitor%d" % number)) if serve else None
        if monitor:
            command += ["-qmp", "unix:%s,server=on,wait=off" % monitor.path]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        timer = threading.Timer(self.timeout, process.kill)
        timer.start()
        lines, tail = [], []
        try:
            with open(os.path.join(self.folder, "console%d" % number), "wb") as console:
                for raw in process.stdout:
                    console.write(raw)
                    console.flush()
                    line = raw.decode(errors="replace").strip()
                    tail = tail[-20:] + [line]
                    if not line.startswith("CT "):
                        continue
                    lines.append(line[3:])
                    if line.startswith("CT host "):
                        serve(line.split()[2:], monitor)
            code = process.wait()
        finally:
            timed_out = not timer.is_alive()
            timer.cancel()
            process.kill()
            process.wait()
            if monitor:
                monitor.close()
        os.remove(image)
        errors = [line for line in lines if line.startswith("error")]
        if code != 0 or errors or "end" not in lines:
            why = "takes more than %s s" % self.timeout if timed_out else "ends with %s" % code if code else "fails"
            raise Failed("the guest %s: %s\n%s" % (why, "; ".join(errors) or "no word of it", "\n".join(tail)))
        return lines


class Monitor:
    """qemu's, see docs/interop/qmp-spec.txt there."""

    def __init__(self, path):
        self.path = path
        self.file = None

    def call(self, command, **arguments):
        """- Returns: what qemu answers."""
        if not self.file:
            # By its file's name alone: an address of a socket is short, and the work folder's path may not be.
            folder = os.open(os.path.dirname(self.path), os.O_RDONLY | os.O_DIRECTORY)
            try:
                connection = socket.socket(socket.AF_UNIX)
                connection.connect("/proc/self/fd/%d/%s" % (folder, os.path.basename(self.path)))
            finally:
                os.close(folder)
            self.file = connection.makefile("rw")
            connection.close()
            self.file.readline()
            self.call("qmp_capabilities")
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline() or '{"error": {"desc": "qemu says no more"}}')
            if "error" in answer:
                raise Failed("qemu: %s: %s" % (command, answer["error"]["desc"]))
            if "return" in answer:
                return answer["return"]

    def close(self):
        if self.file:
            self.file.close()
        if os.path.exists(self.path):
            os.remove(self.path)
