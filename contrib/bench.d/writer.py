"""usage: writer.py FOLDER FILES RATE SECONDS

A storm: so many times a second a file is opened, written to in place and closed, each time the next of the folder's. It
waits for a line on its input first. One such write is one event; the kernel tells two (modify, close).
"""
import os
import sys
import time

folder, files, rate, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
names = [os.path.join(folder, "file%d" % number) for number in range(files)]
print("ready", flush=True)
sys.stdin.readline()
begin = time.monotonic()
written = 0
# What a storm is: not so many at once, but all along. A writer that falls behind catches up.
while True:
    passed = time.monotonic() - begin
    if passed >= seconds:
        break
    due = int(passed * rate)
    while written < due:
        descriptor = os.open(names[written % files], os.O_WRONLY)
        os.pwrite(descriptor, b"%012d" % written, 0)
        os.close(descriptor)
        written += 1
    time.sleep(0.0005)
print("%d %f" % (written, time.monotonic() - begin), flush=True)
