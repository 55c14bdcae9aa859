"""usage: abuse.py SOCKET PID SEED GARBAGE-SECONDS

Abuses the lbud of this PID on its socket, and looks at what that costs: how long a good client's Status takes, descriptors,
threads and memory. As root it does so as several users. Says what it measures, and ends with 1 where a limit does not hold.
"""
import json
import os
import random
import select
import signal
import socket
import statistics
import sys
import threading
import time

SOCKET, PID, SEED, GARBAGE_SECONDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
IS_ROOT = os.getuid() == 0
# Strangers to lbud, which has no rights of its own for them.
STRANGERS = [60001, 60002, 60003] if IS_ROOT else []
FRAMES, TRUNCATED, PER_USER = 10_000, 1_000, 16
INFO = b'{"method":"org.varlink.service.GetInfo"}\0'
STATUS = b'{"method":"io.lbud.Status"}\0'
RESERVED_FOR_ROOT = 16


def say(text):
    print(text, flush=True)


def fail(text):
    say("abuse: " + text)
    sys.exit(1)


# MARK: A client


class Connection:
    """One that a test reads frame by frame."""

    def __init__(self, timeout=60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(SOCKET)
        self.buffer = b""

    def send(self, data):
        """False where the other end has closed."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def receive(self):
        """The next frame, or None at the end."""
        while b"\0" not in self.buffer:
            try:
                data = self.socket.recv(1 << 16)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.buffer += data
        frame, self.buffer = self.buffer.split(b"\0", 1)
        return frame

    def close(self):
        self.socket.close()


def exceeded(frame):
    """The limit and its maximum, where the frame says that one was exceeded."""
    reply = json.loads(frame)
    if reply.get("error") != "io.lbud.LimitExceeded":
        return None
    return reply["parameters"]["limit"], reply["parameters"]["maximum"]


def ask_status():
    """Asks for Status as a good client: how long it waits for its answer, connecting included, and the answer."""
    began = time.perf_counter()
    connection = Connection()
    connection.send(STATUS)
    frame = connection.receive()
    took = time.perf_counter() - began
    connection.close()
    return took, json.loads(frame or b'{"error":"none"}')


def status_seconds():
    took, reply = ask_status()
    if "error" in reply:
        fail(f"a good client was answered: {reply}")
    return took


def median_status(count=50):
    """In seconds."""
    return statistics.median(status_seconds() for _ in range(count))


# MARK: What lbud takes


def status_line(name):
    with open(f"/proc/{PID}/status") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    raise KeyError(name)


def anonymous_kilobytes():
    return status_line("RssAnon")


def descriptors():
    return len(os.listdir(f"/proc/{PID}/fd"))


def settled(before):
    """Waits until there are no more descriptors than before: what has been closed is closed over there a moment later."""
    deadline = time.monotonic() + 30
    while descriptors() > before:
        if time.monotonic() > deadline:
            fail(f"descriptors: {before} before, {descriptors()} for 30 s after")
        time.sleep(0.05)


def processor_ticks():
    with open(f"/proc/{PID}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def idle():
    """Waits until lbud has nothing to do any more."""
    deadline = time.monotonic() + 120
    ticks, since = processor_ticks(), time.monotonic()
    while time.monotonic() - since < 0.5:
        if time.monotonic() > deadline:
            fail("lbud still works after two minutes")
        time.sleep(0.05)
        if processor_ticks() - ticks > 1:
            ticks, since = processor_ticks(), time.monotonic()


# MARK: Malformed frames

NAMES = ["method", "parameters", "more", "oneway", "upgrade", "limit", "message", "paths", "text", "bytes", "otherwise", "x", ""]
METHODS = ["io.lbud.Status", "io.lbud.Hold", "io.lbud.Commit", "io.lbud.Revert", "io.lbud.Include", "io.lbud.Package"]
# Words that no method takes: what has one of them is wrong whatever it is put into.
NONSENSE = [
    "1e999", "-1e999", "9" * 400, "0." + "9" * 400, '"\\ud800"', '"\\udfff\\ud800"', '"\\q"', '"\\u12"', "nul", "NaN",
    "Infinity", "01", "-", "+1", ".5", "1.", "0x10", "'a'", "{", "[", "]", "}", '"', "//", "\ufeff", "\v", '{"a" 1}',
    '{"a":1,}', "[1,]", "[,]", "{,}", '{"a":1 "b":2}', "\x7f", '"\t"', '"\x01"',
]


def random_value(numbers, depth=0):
    kind = numbers.randrange(8 if depth < 5 else 5)
    if kind == 0:
        return numbers.choice([None, True, False])
    if kind == 1:
        return numbers.choice([0, -1, 1 << 63, -(1 << 63), 1 << 64, numbers.randrange(1 << 70)])
    if kind == 2:
        return numbers.choice([0.5, -0.0, 1e300, numbers.random()])
    if kind in (3, 4):
        return "".join(chr(numbers.choice([9, 34, 47, 92, 0x7F, 0xE9, 0x202E, 0x1F600, 65 + numbers.randrange(26)])) for _ in range(numbers.randrange(20)))
    if kind == 5:
        return [random_value(numbers, depth + 1) for _ in range(numbers.randrange(5))]
    return {numbers.choice(NAMES) + str(numbers.randrange(3)): random_value(numbers, depth + 1) for _ in range(numbers.randrange(5))}


def malformed(numbers):
    """A frame that is wrong in some way, without its NUL."""
    kind = numbers.randrange(100)
    if kind < 25:
        return bytes(numbers.randrange(1, 256) for _ in range(numbers.randrange(200)))
    call = {"method": numbers.choice(METHODS), "parameters": {"name": {"text": "a"}, "wrong": random_value(numbers)}}
    if kind < 40:
        return json.dumps(call, ensure_ascii=numbers.random() < 0.5).encode("utf-8", "surrogatepass")
    if kind < 55:
        # Bytes changed, lost or doubled; the method is none, whatever is left of the rest.
        call["method"] = "org.example." + numbers.choice(["Status", "Commit"])
        data = bytearray(json.dumps(call).encode())
        for _ in range(numbers.randrange(1, 6)):
            place = numbers.randrange(len(data))
            if numbers.random() < 0.4:
                data[place] = numbers.randrange(1, 256)
            elif numbers.random() < 0.5:
                del data[place : place + numbers.randrange(1, 9)]
                data = data or bytearray(b"{")
            else:
                data[place:place] = data[place : place + numbers.randrange(1, 40)]
        return bytes(data)
    if kind < 75:
        text = numbers.choice(NONSENSE)
        return ('{"method":"%s","parameters":{"wrong":%s}}' % (numbers.choice(METHODS), text)).encode("utf-8", "surrogatepass")
    if kind < 85:
        # The envelope itself.
        call = {numbers.choice(NAMES[:5]): random_value(numbers) for _ in range(numbers.randrange(1, 5))}
        return json.dumps(call).encode("utf-8", "surrogatepass")
    if kind < 90:
        return b'{"method":"io.lbud.Status","parameters":{"wrong":"' + bytes([numbers.randrange(0x80, 0x100)]) * numbers.randrange(1, 50) + b'"}}'
    if kind < 94:
        return json.dumps({"method": "io.lbud.Include", "parameters": {"paths": [random_value(numbers)] * numbers.randrange(1, 200) + [7]}}).encode()
    if kind < 97:
        return (b'{"method":"io.lbud.Status","parameters":' + numbers.choice([b"[", b'{"a":']) * numbers.randrange(33, 3000))
    if kind < 99:
        return b'{"' + b'a":1,"' * numbers.randrange(1, 20_000)
    if numbers.random() < 0.2:
        return b" " * ((1 << 20) + numbers.randrange(1, 1 << 20))
    return b'{"method":"' + b"x" * numbers.randrange(1, 1 << 19) + b'"}'


def throw_malformed(numbers, count):
    """Sends so many, some on each connection, and sees that each is answered, and by an error."""
    closed = 0
    connection = None
    for number in range(count):
        connection = connection or Connection()
        frame = malformed(numbers)
        # A oneway call has no answer; what is asked behind it has.
        oneway = b'"oneway": true' in frame
        connection.send(frame + b"\0" + (INFO if oneway else b""))
        reply = connection.receive()
        while oneway and reply is not None and b'"interfaces"' not in reply and not exceeded(reply):
            reply = connection.receive()
        if reply is None:
            fail(f"frame {number} ({frame[:80]!r}) was not answered")
        if not oneway and "error" not in json.loads(reply):
            fail(f"frame {number} ({frame[:200]!r}) is taken for a call: {reply[:200]!r}")
        if exceeded(reply):
            if connection.receive() is not None:
                fail(f"the connection goes on after {reply!r}")
            closed += 1
        elif numbers.random() > 0.02:
            continue
        connection.close()
        connection = None
    if connection:
        connection.close()
    return closed


# MARK: Connections that end in the middle


def truncate(numbers, count):
    streams = [STATUS * 3, INFO * 20, b'{"method":"io.lbud.List","more":true}\0' * 2, b'{"method":"io.lbud.Monitor","more":true}\0',
               '{"method":"io.lbud.Include","parameters":{"paths":[{"text":"gr\u00fc\u00df \U0001f600"},7]}}\0'.encode()]
    for _ in range(count):
        stream = numbers.choice(streams) if numbers.random() < 0.8 else malformed(numbers) + b"\0"
        connection = Connection()
        cut = numbers.choice([0, 1, len(stream) - 1, len(stream), numbers.randrange(len(stream) + 1)])
        connection.send(stream[:cut])
        end = numbers.randrange(4)
        if end == 1:
            # Reset: what was answered is thrown away unread.
            if b"\0" in stream[:cut]:
                select.select([connection.socket], [], [], 5)
        elif end == 2:
            connection.socket.shutdown(socket.SHUT_WR)
            # Monitor goes on telling who has nothing more to say.
            while b"Monitor" not in stream and numbers.random() < 0.9 and connection.receive() is not None:
                pass
        elif end == 3:
            connection.socket.shutdown(socket.SHUT_RD)
        connection.close()


# MARK: Other users


def as_user(uid, body):
    """Runs `body` as another user, in a process of its own.
    Returns: its pid, and a pipe on which it may say something."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        code = 1
        try:
            if uid != os.getuid():
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            body(writer)
            code = 0
        except SystemExit as end:
            code = end.code
        except BaseException as error:
            print(f"uid {uid}: {error!r}", flush=True)
        finally:
            os._exit(code or 0)
    os.close(writer)
    return pid, reader


def users():
    return STRANGERS + [os.getuid()]


def stall(numbers):
    """Connections of one user that ask and do not read."""
    connections = []
    for number in range(PER_USER):
        connection = Connection()
        connection.socket.setblocking(False)
        call = [STATUS, b'{"method":"io.lbud.List","more":true}\0', b"garbage\0", b'{"method":"io.lbud.Monitor","more":true}\0'][number % 4]
        connections.append((connection, call))
    # Until nothing more is taken, for a while: then replies wait over there, and calls here.
    quiet = time.monotonic() + 1
    while time.monotonic() < quiet:
        for connection, call in connections:
            try:
                while connection.socket.send(call * 100):
                    quiet = max(quiet, time.monotonic() + 0.2)
            except (BlockingIOError, BrokenPipeError, ConnectionResetError):
                pass
        time.sleep(0.05)
    return connections


def hold_stalled(writer):
    connections = stall(None)
    os.write(writer, b"stalled")
    signal.pause()
    return connections


def start_stalled():
    processes = [as_user(uid, hold_stalled) for uid in users()]
    for _, reader in processes:
        if os.read(reader, 7) != b"stalled":
            fail("nobody stalls")
        os.close(reader)
    # Whoever is still being answered does not stall. Who has for a second gives up its place.
    deadline = time.monotonic() + 60
    while "error" in ask_status()[1]:
        if time.monotonic() > deadline:
            fail("a good client has no place beside those that stall")
        time.sleep(0.05)
    return [pid for pid, _ in processes]


def stop(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


# MARK: Limits


def expect_limit(what, frame, limit, maximum):
    if frame is None or exceeded(frame) != (limit, maximum):
        fail(f"{what}: expected the limit {limit} of {maximum}, got {frame!r}")


def see_limits():
    connection = Connection()
    connection.send(b" " * ((1 << 20) + 1))
    expect_limit("a message of 1 MiB and a byte", connection.receive(), "messageBytes", 1 << 20)
    if connection.receive() is not None:
        fail("the connection goes on")
    connection.close()
    for depth, is_exceeded in (32, False), (33, True):
        connection = Connection()
        connection.send(b'{"method":"io.lbud.Status","parameters":{"a":' + b"[" * (depth - 2) + b"]" * (depth - 2) + b"}}\0")
        frame = connection.receive()
        if is_exceeded:
            expect_limit("33 levels", frame, "nesting", 32)
        elif exceeded(frame):
            fail(f"{depth} levels are too deep")
        connection.close()


def occupy(count):
    """So many connections that were all answered just now."""
    connections = [Connection() for _ in range(count)]
    for connection in connections:
        connection.send(INFO)
        frame = connection.receive()
        if exceeded(frame or b"{}"):
            return connections, exceeded(frame)
    return connections, None


def see_places(before):
    # Places of connections that were just closed are free a moment later.
    settled(before)
    connections, limit = occupy(PER_USER)
    if limit:
        fail(f"{PER_USER} connections are too many: {limit}")
    refused = Connection()
    expect_limit("one connection more", refused.receive(), "connectionsPerUser", PER_USER)
    refused.close()
    for connection in connections:
        connection.close()
    if not IS_ROOT:
        return say("skipped: more connections than all users may have: needs root")

    def take(writer):
        connections, limit = occupy(PER_USER)
        os.write(writer, json.dumps(limit).encode() + b"\n")
        signal.pause()
        return connections

    # The places of root stay free for root.
    pids, limits = [], []
    for uid in STRANGERS + [60004]:
        pid, reader = as_user(uid, take)
        limits.append(json.loads(os.read(reader, 1000)))
        os.close(reader)
        pids.append(pid)
    stop(pids)
    settled(before)
    if limits != [None] * 3 + [["connections", 64 - RESERVED_FOR_ROOT]]:
        fail(f"four users have taken their places: {limits}")


class HalfSent(threading.Thread):
    """A message whose end does not come, beside all else. It must not be in the way of the calls that are measured."""

    def __init__(self):
        super().__init__(daemon=True)
        self.connection = Connection(timeout=90)
        self.began = time.monotonic()
        self.connection.send(b'{"method":"io.lbud.Sta')
        self.start()

    def run(self):
        self.frame = self.connection.receive()
        self.took = time.monotonic() - self.began
        self.end = self.connection.receive()
        self.connection.close()

    def see(self):
        self.join()
        expect_limit("half a message", self.frame, "messageMilliseconds", 30_000)
        if not 29 < self.took < 60 or self.end is not None:
            fail(f"half a message was refused after {self.took:.1f} s, and then: {self.end!r}")


# MARK: 64 clients that send garbage


def send_garbage(seconds):
    def body(writer):
        numbers = random.Random(SEED + os.getuid())
        # Long ones come and go in memory: what grows would not be seen.
        garbage = [frame + b"\0" for frame in (malformed(numbers) for _ in range(300)) if len(frame) < 1 << 14]
        connections = {}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            while len(connections) < PER_USER:
                connection = socket.socket(socket.AF_UNIX)
                connection.setblocking(False)
                try:
                    connection.connect(SOCKET)
                except BlockingIOError:
                    connection.close()
                    break
                connections[connection] = b""
            readable, writable, _ = select.select(list(connections), list(connections), [], 0.1)
            gone = []
            for connection in writable:
                data = connections[connection] or numbers.choice(garbage)
                try:
                    connections[connection] = data[connection.send(data) :]
                except (BrokenPipeError, ConnectionResetError):
                    gone.append(connection)
                except BlockingIOError:
                    pass
            for connection in readable:
                try:
                    if not connection.recv(1 << 16):
                        gone.append(connection)
                except BlockingIOError:
                    pass
                except ConnectionResetError:
                    gone.append(connection)
            for connection in set(gone):
                connection.close()
                del connections[connection]

    return body


def garbage(seconds):
    """How much memory lbud takes meanwhile, second by second."""
    processes = [as_user(uid, send_garbage(seconds)) for uid in users()]
    samples = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.25)
        samples.append(anonymous_kilobytes())
    for pid, reader in processes:
        if os.waitpid(pid, 0)[1] != 0:
            fail("a sender of garbage has failed")
        os.close(reader)
    return samples


# MARK: All of it


def interleaved(body, total, step, before):
    """Runs `body` on so many in small steps, and asks for Status when those of a step have left: until then lbud may still
    look at what they have asked for."""
    times = []
    for _ in range(0, total, step):
        body(step)
        settled(before)
        times.append(status_seconds())
    return times


def within_twice(what, abuse):
    """That a good client waits at most twice as long as usual. A machine may have other things to do for a while, so it may
    be tried again, on fewer."""
    for attempt in range(4):
        before = median_status()
        during = statistics.median(abuse(attempt))
        after = median_status()
        say(f"Status, {what}: {during * 1000:.2f} ms; usually {before * 1000:.2f} ms before, {after * 1000:.2f} ms after")
        if during <= 2 * max(before, after):
            return
    fail(f"{what}, Status takes more than twice its usual time")


def malformed_frames(numbers, before):
    def abuse(attempt):
        return interleaved(lambda count: throw_malformed(numbers, count), FRAMES if attempt == 0 else 1000, 50, before)

    return abuse


def truncated_connections(numbers, before):
    def abuse(attempt):
        return interleaved(lambda count: truncate(numbers, count), TRUNCATED if attempt == 0 else 200, 10, before)

    return abuse


def stalled_readers(before):
    def abuse(attempt):
        pids = start_stalled()
        idle()
        say(f"{descriptors() - before} connections stall")
        times = [status_seconds() for _ in range(100)]
        stop(pids)
        settled(before)
        idle()
        return times

    return abuse


def no_more(what, before, allowed, again):
    """Waits until lbud has no more memory than before. What an allocator holds in store differs from run to run: it is no
    growth if as much abuse `again` leaves no more. AddressSanitizer keeps what is freed: nothing is to be seen there."""
    if "ASAN_OPTIONS" in os.environ:
        return say(f"{what}: memory is not looked at, with AddressSanitizer")
    for attempt in range(2):
        deadline = time.monotonic() + 10
        while anonymous_kilobytes() > before + allowed and time.monotonic() < deadline:
            time.sleep(0.2)
        now = anonymous_kilobytes()
        say(f"{what}: {now} kB of memory, {before} kB before")
        if now <= before + allowed:
            return
        before = now
        if attempt == 0:
            again()
    fail(f"{what}, there is more memory in use each time")


def no_more_threads(before):
    deadline = time.monotonic() + 10
    while status_line("Threads") > before:
        if time.monotonic() > deadline:
            fail(f"threads: {before} before, {status_line('Threads')} after")
        time.sleep(0.2)


def main():
    numbers = random.Random(SEED)
    say(f"seed {SEED}")
    began = descriptors()
    see_limits()
    see_places(began)
    half = HalfSent()
    # What is made once, at the first use, and what an allocator holds in store: the same abuse before anything is compared.
    while half.is_alive():
        throw_malformed(numbers, 500)
        truncate(numbers, 50)
    half.see()
    stalled_readers(began)(0)
    garbage(2)
    settled(began)
    idle()

    def once_more():
        throw_malformed(numbers, 2000)
        truncate(numbers, 200)
        garbage(5)
        settled(began)
        idle()

    memory, threads = anonymous_kilobytes(), status_line("Threads")
    within_twice(f"among {FRAMES} malformed frames", malformed_frames(numbers, began))
    within_twice(f"among {TRUNCATED} truncated connections", truncated_connections(numbers, began))
    within_twice(f"beside {PER_USER * len(users())} stalled readers", stalled_readers(began))
    settled(began)
    no_more("after all that", memory, 1023, once_more)
    no_more_threads(threads)

    samples = garbage(GARBAGE_SECONDS + 2)[8:]
    settled(began)
    halves = [statistics.mean(half) for half in (samples[: len(samples) // 2], samples[len(samples) // 2 :])]
    say(f"garbage, {GARBAGE_SECONDS:.0f} s: {halves[0]:.0f} kB of memory on average, then {halves[1]:.0f} kB, at most {max(samples)} kB")
    if halves[1] > halves[0] + 1023:
        fail("memory grows while clients send garbage")
    no_more("after garbage", memory, 1023, once_more)


main()
