"""usage: members.py flip FILE N...
       members.py flip-on DISK PATTERN N

Changes one bit of gzip's check of what the N-th member of a whole snapshot holds, counted from 0: the only damage of which
it is certain how it is noticed. In the file itself, or behind the kernel's back where the disk has it; then it is waited
for that a file of that pattern has come and its member is on the disk."""

import glob
import sys
import time
import zlib


def check(snapshot, number):
    """Where the member's check stands: the 8 bytes at its end are that and the length. None where it has no end yet."""
    rest = snapshot
    for _ in range(number + 1):
        member = zlib.decompressobj(wbits=31)
        member.decompress(rest)
        if not member.eof:
            return None
        rest = member.unused_data
    return len(snapshot) - len(rest) - 8


def flip(path, place):
    with open(path, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 8]))


def place_on(disk, pattern, number):
    for path in glob.glob(pattern):
        with open(path, "rb") as file:
            snapshot = file.read()
        place = check(snapshot, number)
        if place is None:
            continue
        with open(disk, "rb") as file:
            found = file.read().find(snapshot[place - 24 : place + 8])
        if found >= 0:
            return found + 24
    return None


match sys.argv[1:]:
    case ["flip", path, *numbers]:
        with open(path, "rb") as file:
            snapshot = file.read()
        for place in [check(snapshot, int(number)) for number in numbers]:
            if place is None:
                sys.exit(f"{path}: it has no such member")
            flip(path, place)
    case ["flip-on", disk, pattern, number]:
        for attempt in range(600):
            place = place_on(disk, pattern, int(number))
            if place is not None:
                flip(disk, place)
                sys.exit(0)
            time.sleep(0.02)
        sys.exit(f"{pattern}: it never came to the disk")
    case _:
        sys.exit(__doc__)
