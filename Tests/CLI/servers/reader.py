"""usage: reader.py [--at-least N] [--seconds S] [--missing-allowed] [--ca FILE] URL

Fetches a snapshot again and again, as machines that boot would, until SIGTERM or for S seconds, and looks at every byte of each
answer: every gzip member must be whole and its checks right, and the tar must go to its end, the two empty blocks. Says at its end
how many were whole, torn and missing (404). Exits 1 where one was torn, one was missing (unless that is allowed), or less
than N were whole; "torn" is also an answer that stops before its length.
"""

import argparse
import collections
import hashlib
import http.client
import ssl
import sys
import time
import urllib.error
import urllib.request
import zlib

import common

BLOCK = 512


def unpacked(data):
    """What the gzip members hold, one after another. ValueError where one is not whole."""
    parts = []
    while data:
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(data))
        except zlib.error as error:
            raise ValueError(str(error)) from error
        if not member.eof:
            raise ValueError("the last gzip member is cut")
        data = member.unused_data
    return b"".join(parts)


def entries(tar):
    """How many entries the tar has. ValueError where it has no end, or a header's sum is wrong."""
    place, count = 0, 0
    while True:
        header = tar[place : place + BLOCK]
        if len(header) < BLOCK:
            raise ValueError("the tar has no end")
        if not any(header):
            if any(tar[place : place + 2 * BLOCK]) or len(tar) < place + 2 * BLOCK:
                raise ValueError("the tar's end is not whole")
            return count
        try:
            expected = int(header[148:156].strip(b" \0"), 8)
            size = int(header[124:136].strip(b" \0") or b"0", 8)
        except ValueError as error:
            raise ValueError("a header is none") from error
        if expected != sum(header[:148]) + 8 * 32 + sum(header[156:]):
            raise ValueError("a header's sum is wrong")
        place += BLOCK + (size + BLOCK - 1) // BLOCK * BLOCK
        count += 1


def check(data):
    if not data:
        raise ValueError("it is empty")
    return entries(unpacked(data))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--at-least", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--missing-allowed", action="store_true")
    parser.add_argument("--ca")
    options = parser.parse_args()
    context = ssl.create_default_context(cafile=options.ca) if options.ca else None
    common.end_by_signal()
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    seen, torn, different = collections.Counter(), collections.Counter(), set()
    limit = time.monotonic() + options.seconds
    try:
        while time.monotonic() < limit:
            try:
                with opener.open(options.url, timeout=30) as answer:
                    data = answer.read()
                check(data)
            except urllib.error.HTTPError as error:
                error.close()
                seen["missing" if error.code == 404 else "failed"] += 1
            except http.client.IncompleteRead as error:
                seen["torn"] += 1
                torn[f"only {len(error.partial)} bytes came"] += 1
            except ValueError as error:
                seen["torn"] += 1
                torn[str(error)] += 1
            except (OSError, http.client.HTTPException):
                # A server that is away: what a machine that boots then has to live with.
                seen["failed"] += 1
                time.sleep(0.05)
            else:
                seen["whole"] += 1
                different.add(hashlib.sha256(data).digest())
    except SystemExit:
        pass
    common.say(
        f"{seen['whole']} whole ({len(different)} different), {seen['torn']} torn, {seen['missing']} missing, {seen['failed']} failed"
    )
    for why, count in torn.most_common(5):
        common.say(f"  torn: {count} times: {why}")
    is_good = seen["torn"] == 0 and seen["whole"] >= options.at_least and (options.missing_allowed or seen["missing"] == 0)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
