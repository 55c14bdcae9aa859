"""usage: faulty.py [--port N] [--log FILE] [--tls CERTIFICATE KEY] [--elsewhere URL] [--store FOLDER] [MODE]

A server that does wrong what a server can. Prints "ready URL" and runs until SIGTERM. What it does is the first part of the
path (URL/401/box.apkovl.tar.gz), or MODE for every path; MODE may be changed while it runs, as the first line of the file that
--mode-file names.

  ok              stores the body, whole and at once; MOVE and GET work
  401 ... 599     takes the body and answers with that
  early-N         answers with N before the body and closes
  redirect        301 to URL of --elsewhere, and the same path
  temporary       307 to it
  hang            takes the body and never answers
  stall           takes a little of the body, and no more
  close           takes the body and closes without an answer
  cut             closes in the middle of the body
  short           200, with fewer bytes than it says
  garbage         an answer that is no HTTP
  endless         200, and bytes without end
  hidden          500, with a body that has control characters and says the caller's own password again
  move-N          PUT works, MOVE is answered with N
  after-N         503 until N requests have failed in this mode, then ok
  torn            PUT writes into the file in place, slowly; GET gives what is there

Each request is a line of JSON in --log: time, method, path, mode, version of HTTP, headers (of Authorization its first word alone),
length and sha256 of the body that came, and the status.
"""

import argparse
import base64
import hashlib
import http.server
import json
import os
import socketserver
import threading
import time
import urllib.parse

import common

parser = argparse.ArgumentParser()
parser.add_argument("mode", nargs="?")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--log")
parser.add_argument("--tls", nargs=2)
parser.add_argument("--elsewhere", default="http://127.0.0.1:9")
parser.add_argument("--store")
parser.add_argument("--mode-file")
options = parser.parse_args()

lock = threading.Lock()
failures = {}
stored = {}


class Gone(Exception):
    """The connection is to end without an answer."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 600

    def log_message(self, *_):
        pass

    # MARK: Reading

    def mode(self):
        if options.mode_file and os.path.exists(options.mode_file):
            with open(options.mode_file) as file:
                return file.readline().strip()
        return options.mode or self.path.lstrip("/").split("/")[0]

    def handle_expect_100(self):
        # Some have to answer, or be silent, before the body comes.
        if self.mode().startswith("early-"):
            return True
        return super().handle_expect_100()

    def pieces(self, limit=None):
        left = int(self.headers.get("Content-Length") or 0)
        if limit is not None:
            left = min(left, limit)
        while left > 0:
            piece = self.rfile.read(min(left, 65536))
            if not piece:
                raise Gone
            left -= len(piece)
            self.digest.update(piece)
            self.received += len(piece)
            yield piece

    # MARK: Answering

    def answer(self, status, body=b"", **headers):
        self.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def name(self):
        return urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)

    def store(self, body):
        with lock:
            existed = self.name() in stored
            stored[self.name()] = body
        self.keep(self.name(), body)
        self.answer(204 if existed else 201)

    def keep(self, name, body):
        if options.store:
            path = os.path.join(options.store, name.strip("/").replace("/", "_"))
            with open(path + ".part", "wb") as file:
                file.write(body)
            os.rename(path + ".part", path)

    def move(self):
        goal = urllib.parse.unquote(urllib.parse.urlsplit(self.headers.get("Destination", "")).path)
        with lock:
            body = stored.pop(self.name(), None)
            if body is not None:
                stored[goal] = body
        if body is None:
            return self.answer(404)
        self.keep(goal, body)
        return self.answer(204)

    def well(self):
        if self.command == "PUT":
            self.store(b"".join(self.pieces()))
        elif self.command == "MOVE":
            self.move()
        else:
            with lock:
                body = stored.get(self.name())
            self.answer(404) if body is None else self.answer(200, bytes(body))

    def wrong(self, mode):
        first, _, number = mode.partition("-")
        if mode == "ok":
            return self.well()
        if mode == "torn":
            return self.torn()
        if first == "move" and number.isdigit():
            return self.answer(int(number)) if self.command == "MOVE" else self.well()
        if first == "after" and number.isdigit():
            with lock:
                failures[mode] = failures.get(mode, 0) + 1
                is_over = failures[mode] > int(number)
            if is_over:
                return self.well()
            mode = "503"
        if first == "early" and number.isdigit():
            self.close_connection = True
            return self.answer(int(number), Connection="close")
        if mode == "cut":
            for _ in self.pieces(1000):
                pass
            raise Gone
        if mode == "stall":
            for _ in self.pieces(1000):
                pass
            time.sleep(600)
            raise Gone
        for _ in self.pieces():
            pass
        if mode.isdigit():
            headers = {"WWW-Authenticate": 'Basic realm="snapshots"'} if mode == "401" else {}
            return self.answer(int(mode), b"no\n", **headers)
        if mode in ("redirect", "temporary"):
            return self.answer(301 if mode == "redirect" else 307, Location=options.elsewhere + self.path)
        if mode == "hang":
            time.sleep(600)
            raise Gone
        if mode == "close":
            raise Gone
        self.close_connection = True
        if mode == "hidden":
            word, _, rest = self.headers.get("Authorization", "").partition(" ")
            said = base64.b64decode(rest) if word == "Basic" else rest.encode()
            return self.answer(500, b"\x1b[31mred\x07\n" + said + b"\n")
        if mode == "garbage":
            self.status = 0
            return self.wfile.write(b"this is no HTTP\r\n\r\n")
        if mode == "short":
            self.status = 200
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            return self.wfile.write(b"x")
        if mode == "endless":
            self.status = 200
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"x" * 65536)
        return self.answer(404)

    def torn(self):
        if self.command == "PUT":
            with lock:
                existed = self.name() in stored
                place = stored[self.name()] = bytearray()
            for piece in self.pieces():
                for start in range(0, len(piece), 4096):
                    place.extend(piece[start : start + 4096])
                    time.sleep(0.002)
            self.answer(204 if existed else 201)
        else:
            self.well()

    def serve(self):
        self.digest, self.received, self.status = hashlib.sha256(), 0, 0
        began = time.time()
        mode = self.mode()
        # Before it is answered, and again after: a test that looks for a request that hangs must find it.
        if mode in ("hang", "stall"):
            self.note(began, mode)
        try:
            self.wrong(mode)
        except (Gone, OSError):
            self.close_connection = True
        finally:
            if mode not in ("hang", "stall"):
                self.note(began, mode)

    def note(self, began, mode):
        if not options.log:
            return
        headers = {name: value for name, value in self.headers.items()}
        for name in headers:
            if name.lower() in ("authorization", "proxy-authorization", "cookie"):
                headers[name] = headers[name].split(" ")[0] + " ..."
        line = json.dumps({
            "time": round(began, 3), "method": self.command, "path": self.path, "mode": mode, "version": self.request_version,
            "headers": headers, "length": self.received, "sha256": self.digest.hexdigest(), "status": self.status,
        })
        with lock, open(options.log, "a") as file:
            file.write(line + "\n")

    do_GET = do_HEAD = do_PUT = do_MOVE = do_DELETE = do_POST = do_MKCOL = do_PROPFIND = serve


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_):
        """A client that goes away is what is tested."""


def main():
    common.end_by_signal()
    server = Server(("127.0.0.1", options.port), Handler)
    if options.tls:
        common.with_tls(server, *options.tls)
    common.say("ready", f"{'https://localhost' if options.tls else 'http://127.0.0.1'}:{server.server_address[1]}")
    server.serve_forever()


main()
