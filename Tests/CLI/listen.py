"""usage: listen.py notify PATH | listen.py journal

Receives datagrams as a service manager does (at PATH; @NAME is an abstract one) or as the journal does (at its own path),
and prints each on one line: what is between the lines of a message is shown as " | ". It is not lbud's code that reads.
"""
import array
import os
import socket
import struct
import sys


def journal_entry(data):
    """The journal's native protocol: NAME=VALUE lines, or a name, a length in 64 bits, and bytes."""
    fields = []
    while data:
        line, _, rest = data.partition(b"\n")
        if b"=" in line:
            fields.append(line)
            data = rest
        else:
            (length,) = struct.unpack("<Q", rest[:8])
            fields.append(line + b"=" + rest[8 : 8 + length].replace(b"\n", b"\\n"))
            assert rest[8 + length : 9 + length] == b"\n", "no newline behind a field"
            data = rest[9 + length :]
    return fields


def main():
    is_journal = sys.argv[1] == "journal"
    name = "/run/systemd/journal/socket" if is_journal else sys.argv[2]
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind("\0" + name[1:] if name[0] == "@" else name)
    print("listening", flush=True)
    while True:
        data, ancillary, _, _ = receiver.recvmsg(1 << 20, 4096)
        for _, _, passed in ancillary:
            # What is too long for a datagram comes as a file.
            for descriptor in array.array("i", passed):
                data = os.pread(descriptor, 1 << 24, 0)
                os.close(descriptor)
        fields = journal_entry(data) if is_journal else data.split(b"\n")
        print(" | ".join(field.decode("utf-8", "backslashreplace") for field in fields), flush=True)


main()
