"""What the servers of the tests have in common: a free port, a word when they are ready, and an end by SIGTERM."""

import signal
import socket
import ssl
import sys
import time


def free_port():
    """A port of the loopback that nobody had a moment ago."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(port, process, seconds=60):
    """Until something listens there; an end of the process is the end of this one too."""
    limit = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > limit:
                sys.exit(f"it does not listen on port {port} (exit code {process.poll()})")
            time.sleep(0.05)


def end_by_signal():
    """SIGTERM is an ordinary end, at which what was started is ended too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def say(*words):
    """A line that the test waits for."""
    print(*words, flush=True)


def with_tls(server, certificate, key):
    """The server speaks TLS; the handshake is the business of the thread that has the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
