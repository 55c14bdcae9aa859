"""How large the one binary is."""
import os

import spawn
from machine import find

AIM = 14


def run(bench):
    path = os.path.realpath(bench.program("lbud"))
    size = os.path.getsize(path)
    strip = find("strip")
    if strip:
        stripped = os.path.join(bench.cleaner.work, "stripped")
        spawn.timed([strip, "-o", stripped, path])
        small = os.path.getsize(stripped)
        os.unlink(stripped)
    else:
        bench.report.leave_out("binary", "stripping", "there is no strip; the size is that of the binary as it is")
        small = size
    # One binary is all three by the name that it is called by; else they count together.
    others = {os.path.realpath(bench.program(name)) for name in ("lbuctl", "lbu")} - {path}
    small += sum(os.path.getsize(other) for other in others if os.path.exists(other))
    bench.report.line(
        "binary", "static binary, lbud, lbuctl and lbu in one, stripped", small / 1e6, "MB", AIM,
        ratios={"the aim": small / 1e6 / AIM}, more={"as it is (bytes)": size, "stripped (bytes)": small})
