"""On what and with what it was measured."""
import os
import platform
import shutil
import subprocess
import time

# What Debian calls the packages of the programs that some lines need.
PACKAGES = {
    "strace": "strace", "watchman": "watchman", "inotifywait": "inotify-tools", "mkfs.ext4": "e2fsprogs", "strip": "binutils"}
VERSION = {"strace": "-V", "watchman": "--version", "inotifywait": "--help", "mkfs.ext4": "-V"}
# Where an unprivileged user's PATH often does not lead.
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def find(program):
    return shutil.which(program, path=PATH)


def first_line(*argv):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (done.stdout.decode(errors="replace").strip().splitlines() or [""])[0]


def processor():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith(("model name", "Model")):
                return line.split(":", 1)[1].strip()
    return platform.machine()


# The niceness is told and never changed: the threads of libdispatch set theirs back to 0, so that lbud alone would come
# behind the storm that it is to follow.
def describe(bench):
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) * 1024
    with open("/proc/loadavg") as file:
        load = file.read().split()[:3]
    versions = {
        "lbud": first_line(bench.program("lbud"), "--version"), "python": platform.python_version(),
        "tar": first_line("tar", "--version"), "gzip": first_line("gzip", "--version"),
        "sha1sum": first_line("sha1sum", "--version")}
    for program, word in VERSION.items():
        if find(program):
            versions[program] = first_line(find(program), word)
    if os.environ.get("LBU"):
        versions["lbu"] = os.environ["LBU"]
    if os.environ.get("APK"):
        versions["apk"] = first_line(os.environ["APK"], "--version")
    return {
        "date": time.strftime("%Y-%m-%d %H:%M:%S %z"), "processor": processor(), "processors": os.cpu_count(),
        "architecture": platform.machine(), "memory (MiB)": memory >> 20, "kernel": platform.release(),
        "load at the beginning": " ".join(load), "roots in": bench.where,
        "user": "root" if os.geteuid() == 0 else "not root", "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "versions": versions}


def show(machine):
    for key, value in machine.items():
        if key != "versions":
            print("%s: %s" % (key, value))
    for program, version in machine["versions"].items():
        print("version of %s: %s" % (program, version))


def hint(groups):
    """The line that installs what is missing, of what these groups would use; None where nothing is."""
    wanted = {
        "idle": ["strace"], "storm": ["watchman", "inotifywait"], "burst": ["mkfs.ext4"], "binary": ["strip"]}
    missing = [PACKAGES[program] for group in groups for program in wanted.get(group, []) if not find(program)]
    return "apt-get install " + " ".join(missing) if missing else None
