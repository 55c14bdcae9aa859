"""usage: terminal.py ANSWER... -- COMMAND...

Runs a command on a terminal of its own and answers each of its questions, which end with ": ", in their order. Prints what
it shows, and exits as it does. A password must not be among what it shows."""

import os
import pty
import select
import sys
import time

separator = sys.argv.index("--")
answers = [answer.encode() for answer in sys.argv[1:separator]]
process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[separator + 1], sys.argv[separator + 1 :])
shown, end = b"", time.monotonic() + 60
while time.monotonic() < end:
    if not select.select([terminal], [], [], 1)[0]:
        continue
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if shown.endswith(b": ") and answers:
        os.write(terminal, answers.pop(0) + b"\n")
sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
