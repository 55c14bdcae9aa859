"""usage: s3.py VENV [--port N] [--box NAME[=OBJECT]]... [--log FILE]

A store of objects: moto, in the virtual environment VENV, which is made where there is none (so once for all runs); it checks
signatures and each box's policy. In front of it stands this program, which checks what moto does not and real stores do: that
x-amz-content-sha256 is there and is the body's, that the date is within 15 minutes, and the signature once more by the rule for
paths (decoded, then all but letters, digits and "-._~/" encoded), with code that is neither curl's nor moto's. Anybody may read, as
where a bucket's policy says so. Prints a line "key NAME ID SECRET" for each box (as a rule "box"), whose only object is
OBJECT in the bucket boot, or NAME.apkovl.tar.gz; then "ready URL", with the bucket; and runs until SIGTERM. Ends with 77 where the venv cannot be made.
--log has a line "METHOD PATH STATUS CODE" for each request.
"""

import argparse
import datetime
import hashlib
import hmac
import http.client
import http.server
import json
import os
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import urllib.parse

import common

REGION, SERVICE, BUCKET = "us-east-1", "s3", "boot"
NOTHING = hashlib.sha256(b"").hexdigest()

# What the virtual environment runs: users, their policies, a bucket, with as many requests as moto is told to let pass.
SETUP = """
import boto3, json, sys
endpoint, bucket, reader, *boxes = sys.argv[1:]
options = dict(endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
iam, keys = boto3.client("iam", **options), {}
boto3.client("s3", **options).create_bucket(Bucket=bucket)
for box in [reader, *boxes]:
    box, _, own = box.partition("=")
    iam.create_user(UserName=box)
    action, name = ("s3:GetObject", "*") if box == reader else ("s3:PutObject", own or box + ".apkovl.tar.gz")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/{name}"}]}
    iam.put_user_policy(UserName=box, PolicyName="own", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=box)["AccessKey"]
    keys[box] = key["AccessKeyId"], key["SecretAccessKey"]
print(json.dumps(keys))
"""
READER = "anybody"


def make_venv(venv):
    if os.path.exists(f"{venv}/whole"):
        return
    shutil.rmtree(venv, ignore_errors=True)
    # What moto[server] brings is three times as much; this is what its S3 and IAM need.
    for command in (
        [sys.executable, "-m", "venv", venv],
        [f"{venv}/bin/pip", "-q", "--disable-pip-version-check", "install", "moto", "flask", "flask-cors", "py-partiql-parser"],
    ):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            print(done.stdout)
            sys.exit(77)
    open(f"{venv}/whole", "w").close()


# MARK: Signatures


def encoded(path):
    return urllib.parse.quote(urllib.parse.unquote_to_bytes(path), safe="-._~/")


def signature(secret, method, raw_path, headers, names, content, stamp):
    """The signature of a request by AWS's version 4. `headers` by their names in lower case."""
    path, _, query = raw_path.partition("?")
    pairs = sorted(tuple((pair + "=").split("=")[:2]) for pair in query.split("&") if pair)
    lines = [method, encoded(path), "&".join("=".join(pair) for pair in pairs)]
    lines += [f"{name}:{' '.join(headers.get(name, '').split())}" for name in names]
    lines += ["", ";".join(names), content]
    scope = f"{stamp[:8]}/{REGION}/{SERVICE}/aws4_request"
    hashed = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = ("AWS4" + secret).encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    return hmac.digest(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}".encode(), "sha256").hex()


def refusal(keys, method, path, headers, body):
    """Why a store refuses the request: a status and S3's code, or None."""
    word, _, rest = headers.get("authorization", "").partition(" ")
    if word != "AWS4-HMAC-SHA256":
        return 403, "AccessDenied"
    fields = dict(field.strip().split("=", 1) for field in rest.split(",") if "=" in field)
    identity, *scope = fields.get("Credential", "").split("/")
    names = fields.get("SignedHeaders", "").split(";")
    stamp, content = headers.get("x-amz-date", ""), headers.get("x-amz-content-sha256")
    if content is None:
        return 400, "MissingContentSHA256"
    if scope != [stamp[:8], REGION, SERVICE, "aws4_request"]:
        return 400, "AuthorizationHeaderMalformed"
    if not {"host", "x-amz-content-sha256", "x-amz-date"} <= set(names):
        return 403, "AccessDenied"
    secret = next((secret for known, secret in keys.values() if known == identity), None)
    if secret is None:
        return 403, "InvalidAccessKeyId"
    try:
        then = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ")
    except ValueError:
        return 403, "AccessDenied"
    if abs(datetime.datetime.utcnow() - then) > datetime.timedelta(minutes=15):
        return 403, "RequestTimeTooSkewed"
    expected = signature(secret, method, path, headers, names, content, stamp)
    if not hmac.compare_digest(expected, fields.get("Signature", "")):
        return 403, "SignatureDoesNotMatch"
    if content != "UNSIGNED-PAYLOAD" and content != hashlib.sha256(body).hexdigest():
        return 400, "XAmzContentSHA256Mismatch"
    return None


# MARK: The front


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.command in ("GET", "HEAD") and "authorization" not in headers:
            self.sign(headers)
        why = refusal(self.server.keys, self.command, self.path, headers, body)
        if why:
            status, code = why
            answer, kind = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode(), "application/xml"
        else:
            status, code, answer, kind = self.passed_on(headers, body)
        if self.server.log:
            with self.server.lock, open(self.server.log, "a") as file:
                file.write(f"{self.command} {self.path} {status} {code}\n")
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    def sign(self, headers):
        identity, secret = self.server.keys[READER]
        stamp = datetime.datetime.utcnow().strftime("%Y%m%dT%H%M%SZ")
        headers.update({"x-amz-date": stamp, "x-amz-content-sha256": NOTHING})
        names = ["host", "x-amz-content-sha256", "x-amz-date"]
        value = signature(secret, self.command, self.path, headers, names, NOTHING, stamp)
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={identity}/{stamp[:8]}/{REGION}/{SERVICE}/aws4_request, "
            f"SignedHeaders={';'.join(names)}, Signature={value}"
        )

    def passed_on(self, headers, body):
        """What moto says of it; it signs paths as they come, so they come as the signature has them."""
        path, mark, query = self.path.partition("?")
        path = encoded(path) + mark + query
        headers = {name: value for name, value in headers.items() if name not in ("expect", "connection", "content-length")}
        there = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=60)
        try:
            there.request(self.command, path, body if self.command == "PUT" else None, headers)
            answer = there.getresponse()
            data = answer.read()
        finally:
            there.close()
        code = "-"
        if b"<Code>" in data[:4096]:
            code = data.split(b"<Code>")[1].split(b"</Code>")[0].decode()
        return answer.status, code, data, answer.getheader("Content-Type", "binary/octet-stream")

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = do_MOVE = serve


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_):
        """A client that goes away."""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("venv")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--box", action="append")
    parser.add_argument("--log")
    options = parser.parse_args()
    boxes = options.box or ["box"]
    make_venv(options.venv)
    python, behind = f"{options.venv}/bin/python", common.free_port()
    common.end_by_signal()
    # For each user three requests, and the bucket's; from then on each is looked at.
    environment = dict(os.environ, INITIAL_NO_AUTH_ACTION_COUNT=str(3 * (len(boxes) + 1) + 1))
    for name in list(environment):
        if name.lower().endswith("_proxy") or name.startswith("AWS_"):
            del environment[name]
    with tempfile.TemporaryFile("w+") as output:
        moto = subprocess.Popen(
            [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(behind)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
        )
        try:
            common.wait_for(behind, moto)
            made = subprocess.run(
                [python, "-c", SETUP, f"http://127.0.0.1:{behind}", BUCKET, READER, *boxes],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment, text=True, check=True,
            )
            server = Server(("127.0.0.1", options.port), Front)
            server.keys, server.behind, server.log, server.lock = json.loads(made.stdout), behind, options.log, threading.Lock()
            for box in (box.partition("=")[0] for box in boxes):
                common.say("key", box, *server.keys[box])
            common.say("ready", f"http://127.0.0.1:{server.server_address[1]}/{BUCKET}")
            server.serve_forever()
        finally:
            moto.terminate()
            moto.wait()


main()
