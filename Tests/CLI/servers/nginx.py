"""usage: nginx.py FOLDER [--port N] [--user NAME:PASSWORD]... [--own] [--tls CERTIFICATE KEY] [--max-body SIZE]

An nginx that takes files by PUT and MOVE, as contrib/netboot.md sets it up, with everything of its own in FOLDER: what it
serves is FOLDER/www. Prints "ready URL" and runs until SIGTERM. Anybody may read; where there are users only they may
write, and with --own each only NAME.apkovl.tar.gz. FOLDER/tmp, where a body waits to be whole, is the caller's if it is there:
it may lie on another file system.
"""

import argparse
import os
import shutil
import subprocess
import sys

import common

# The lines that contrib/netboot.md has too. What a request is about is put in one line: its method, who says to make it
# (nobody has believed it yet: that follows, in limit_except), the file, and for MOVE where to.
OWN = r"""
  map "$request_method $remote_user $uri $http_destination" $is_own {
    default 0;
    "~^(GET|HEAD) " 1;
    "~^PUT ([0-9a-z-]+) /\1\.apkovl\.tar\.gz\.lbud-new " 1;
    "~^PUT ([0-9a-z-]+) /\1\.apkovl\.tar\.gz " 1;
    "~^MOVE ([0-9a-z-]+) /\1\.apkovl\.tar\.gz\.lbud-new https?://[^/]+/\1\.apkovl\.tar\.gz$" 1;
    "~^DELETE ([0-9a-z-]+) /\1\.apkovl\.tar\.gz\.lbud-new " 1;
  }
"""


def configuration(folder, port, options):
    tls = ""
    if options.tls:
        certificate, key = map(os.path.abspath, options.tls)
        tls = f"ssl_certificate {certificate}; ssl_certificate_key {key};"
    guard = ""
    if options.user:
        guard = f'limit_except GET HEAD {{ auth_basic "snapshots"; auth_basic_user_file {folder}/users; }}'
    # Not in the location: what limit_except makes of one does not have its "if".
    own = "if ($is_own = 0) { return 403; }" if options.own else ""
    return f"""
daemon off;
{"user root;" if os.geteuid() == 0 else ""}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
  log_format request '$request_method $uri $status $remote_user';
  access_log {folder}/access.log request;
  client_body_temp_path {folder}/tmp;
  proxy_temp_path {folder}/other; fastcgi_temp_path {folder}/other; uwsgi_temp_path {folder}/other; scgi_temp_path {folder}/other;
  client_max_body_size {options.max_body};
  {OWN if options.own else ""}
  server {{
    listen 127.0.0.1:{port} {"ssl" if options.tls else ""};
    {tls}
    {own}
    root {folder}/www;
    location / {{
      dav_methods PUT MOVE DELETE;
      {guard}
    }}
  }}
}}
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--port", type=int)
    parser.add_argument("--user", action="append", default=[])
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--max-body", default="64m")
    options = parser.parse_args()
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if not program:
        sys.exit("nginx is not installed")
    common.end_by_signal()
    folder = os.path.abspath(options.folder)
    os.makedirs(f"{folder}/www", exist_ok=True)
    with open(f"{folder}/users", "w") as users:
        for user in options.user:
            name, password = user.split(":", 1)
            hashed = subprocess.run(
                ["openssl", "passwd", "-apr1", "-stdin"], input=password + "\n", stdout=subprocess.PIPE, text=True, check=True
            )
            users.write(f"{name}:{hashed.stdout}")
    port = options.port or common.free_port()
    with open(f"{folder}/nginx.conf", "w") as file:
        file.write(configuration(folder, port, options))
    with open(f"{folder}/output", "w") as output:
        server = subprocess.Popen(
            [program, "-p", folder, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )
    try:
        common.wait_for(port, server)
        common.say("ready", f"{'https://localhost' if options.tls else 'http://127.0.0.1'}:{port}")
        server.wait()
    finally:
        server.terminate()
        server.wait()


main()
