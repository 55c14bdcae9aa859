"""Runs contrib/boottest once all it needs is there: a machine with a vfat disk and one with an ext4 disk, side by side."""
import argparse
import concurrent.futures
import os
import sys
import time

import cases
import choosing
import image
import killing
from guest import Failed
from machine import MAKE, Machine
from session import Session


def run(options, initial, filesystem):
    session = Session(Machine(options, initial, filesystem), options.verbose)
    session.kills = options.kills
    session.chance = killing.chance("%d %s" % (options.seed, filesystem))
    for name, case in cases.CASES.items():
        if any(name.startswith(only) for only in options.only or [""]):
            session.begin(name)
            case(session)
            if not any(name == waiting for waiting, _ in session.deferred):
                session.report(name)
    session.end()
    return session


def main():
    parser = argparse.ArgumentParser()
    for name in ("--work", "--kernel", "--modules", "--static", "--checkers", "--openrc"):
        parser.add_argument(name, required=True)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--only", action="append")
    parser.add_argument("--disk", choices=MAKE, action="append")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    options = parser.parse_args()
    began = time.monotonic()
    for only in options.only or []:
        choosing.chosen("boottest", "case", cases.CASES, only, str.startswith)
    print("seed %d" % options.seed)
    initial = image.build(options)
    passed, failed, boots = 0, [], 0
    disks = options.disk or list(MAKE)
    with concurrent.futures.ThreadPoolExecutor(len(disks)) as pool:
        tasks = [pool.submit(run, options, initial, disk) for disk in disks]
        try:
            sessions = [task.result() for task in tasks]
        except Failed as error:
            print("boottest: error: %s" % error, file=sys.stderr)
            return 1
    for session in sessions:
        boots += session.machine.boots
        for case, result in session.results.items():
            passed += result.passed
            failed += ["%s, %s: %s" % (case, session.machine.filesystem, failure) for failure in result.failures]
        if session.summary:
            print("%s: machine killed: %s" % (session.machine.filesystem, session.summary))
    print("\n%d passed, %d failed; %d boots (%d s)" % (passed, len(failed), boots, time.monotonic() - began))
    for line in failed:
        print("  failed: " + line.split("\n", 1)[0])
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
