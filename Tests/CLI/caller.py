"""usage: caller.py SOCKET UID GID GROUP,GROUP...|- [METHOD [PARAMETERS]]

Becomes that user, connects, and calls each method that stands on stdin (METHOD PARAMETERS a line), or the one that is given.
Prints for each what it was answered with: "ok", or the error's name without its interface; for one that is given the
error's message and hint too. Whoever runs it must be root.
"""

import json
import os
import socket
import sys


def call(connection, method, parameters):
    # With more, since some methods want it, and the others do not mind.
    frame = {"method": method, "parameters": json.loads(parameters or "{}"), "more": True}
    connection.sendall(json.dumps(frame).encode() + b"\0")
    while True:
        answer = b""
        while not answer.endswith(b"\0"):
            piece = connection.recv(1 << 16)
            if not piece:
                raise SystemExit("the connection was closed")
            answer += piece
        # Several replies may have come at once.
        for reply in answer[:-1].split(b"\0"):
            reply = json.loads(reply)
            # The first reply will do of what goes on for ever.
            if "error" in reply or not reply.get("continues") or method == "io.lbud.Monitor":
                return reply


def connect(path):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(60)
    connection.connect(path)
    return connection


def main():
    path, uid, gid, groups = sys.argv[1:5]
    os.setgroups([] if groups == "-" else [int(group) for group in groups.split(",")])
    os.setresgid(int(gid), int(gid), int(gid))
    os.setresuid(int(uid), int(uid), int(uid))
    try:
        connection = connect(path)
    except PermissionError:
        print("cannot connect")
        return
    if len(sys.argv) > 5:
        reply = call(connection, sys.argv[5], "".join(sys.argv[6:7]))
        print(reply.get("error", "ok"))
        for key in "message", "hint":
            print(reply.get("parameters", {}).get(key, "-"))
        return
    for line in sys.stdin:
        method, parameters = line.split(maxsplit=1)
        reply = call(connect(path) if method == "io.lbud.Monitor" else connection, method, parameters)
        print(method, parameters.strip(), reply["error"].rsplit(".", 1)[1] if "error" in reply else "ok")


main()
