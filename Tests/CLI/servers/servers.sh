# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # what the test and support.sh set, and what is set for the test
# Starting and stopping the servers of this folder, for tests; it is sourced after support.sh.

servers=$here/servers

# serve NAME PROGRAM ARGUMENT...: starts the server and waits for its word. Its URL is in $url, its process in $server, what it
# says in $work/NAME.said. Ends the test as skipped where the server says that it cannot be here.
serve() {
  said=$work/$1.said
  program=$2
  shift 2
  : >"$said"
  python3 "$servers/$program" "$@" >"$said" 2>&1 </dev/null &
  server=$!
  helpers="$helpers $server"
  rounds=0
  until grep -q '^ready ' "$said"; do
    rounds=$((rounds + 1))
    if ! kill -0 "$server" 2>/dev/null; then
      code=0
      wait "$server" || code=$?
      show "$said"
      [ "$code" -ne 77 ] || skip "$program cannot be here"
      fail "$program ends with $code"
    fi
    # It may have to install things first.
    [ "$rounds" -lt $((6000 * patience)) ] || fail "waited in vain for $program"
    sleep 0.05
  done
  url=$(sed -n 's/^ready //p' "$said")
}

# unserve PID: ends a server or reader, which ends what it has started. Its exit code is in $code.
unserve() {
  kill -TERM "$1" 2>/dev/null
  code=0
  wait "$1" 2>/dev/null || code=$?
  left=
  for process in $helpers; do [ "$process" = "$1" ] || left="$left $process"; done
  helpers=$left
}

# With kill -9, which support.sh gives to helpers at the end, nginx and moto would stay.
# shellcheck disable=SC2329 # called by trap
end_servers() {
  for process in $helpers; do
    kill -TERM "$process" 2>/dev/null && wait "$process" 2>/dev/null
  done
  clean_up
}
trap end_servers EXIT

# reads URL [ARGUMENT...]: starts a reader; its process is in $reader.
reads() {
  python3 "$servers/reader.py" "$@" >"$work/reader" 2>&1 </dev/null &
  reader=$!
  helpers="$helpers $reader"
}

# has_read CODE: ends the reader, and sees how that ends.
has_read() {
  unserve "$reader"
  [ "$code" -eq "$1" ] || {
    show "$work/reader"
    fail "the reader ends with $code, expected $1"
  }
}
