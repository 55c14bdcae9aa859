# shellcheck shell=sh
# What the command line tests have in common. A test sources this, makes a root, starts lbud on it, calls lbuctl and
# says what it expects; the first thing that is not as expected ends it and shows both.
#
# Nothing waits a guessed time: `wait_until` asks again and again, with a limit that only a failure reaches.

set -u
# Sorting, and names that are no UTF-8.
LC_ALL=C TZ=UTC
export LC_ALL TZ

: "${LBUD_BIN:?is set by Tests/CLI/run: run a single test by: Tests/CLI/run NAME}"

# Not in /tmp, which may be a file system in memory, where lbud rightly refuses to save.
work=$(mktemp -d "${LBUD_TEST_FOLDER:-/var/tmp}/lbud-cli.XXXXXX") || exit 1
# Other users must get at the socket of the test that is about them.
chmod 755 "$work"
log=$work/log
root=
daemon=
# Processes beside lbud that end with the test.
helpers=
subject='the beginning'

# shellcheck disable=SC2329 # called by trap
clean_up() {
  for process in $daemon $helpers; do kill -9 "$process" 2>/dev/null; done
  # What a test has locked must not stay.
  chmod -R u+rwX "$work" 2>/dev/null
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# it WHAT: names what is tested next.
it() { subject=$1; }

# fail WHY: ends the test, with the log of lbud.
fail() {
  printf 'FAILED: %s: %s\n' "$subject" "$1"
  if [ -s "$log" ]; then sed 's/^/  log: /' "$log"; fi
  exit 1
}

# skip WHY: ends the test.
skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}

# is_root WHAT: says what is left out where the test does not run as root.
is_root() {
  [ "$(id -u)" -eq 0 ] && return 0
  printf 'skipped: %s: needs root\n' "$1"
  return 1
}

# needs PROGRAM...: ends the test where one is missing.
needs() {
  for program; do
    command -v "$program" >/dev/null || skip "$program is not installed (contrib/test installs it)"
  done
}

# MARK: A root and a daemon

# make_root [LINE...]: a root of a box called "box" that saves to /backup, and only when asked; further lines of lbu.conf.
roots=0
make_root() {
  roots=$((roots + 1))
  root=$work/root$roots
  mkdir -p "$root/etc/lbu" "$root/etc/apk/protected_paths.d" "$root/lib/apk/db" "$root/backup"
  : >"$root/lib/apk/db/installed"
  echo box >"$root/etc/hostname"
  printf '%s\n' LBU_BACKUPDIR=/backup LBUD_AUTO=no LBUD_ON_SHUTDOWN=no "$@" >"$root/etc/lbu/lbu.conf"
  # What every root has, so that a status shows only what a test has done.
  printf '%s\n' -etc/lbu -etc/apk -etc/hostname >"$root/etc/apk/protected_paths.d/lbu.list"
}

# start [ARGUMENT...]: starts lbud on the root and waits until it answers.
start() {
  launch "$@"
  wait_until 'lbud answers' is_ready
}

# launch [ARGUMENT...]: starts lbud, waits for nothing. $wrapper is put before it.
wrapper=
launch() {
  # shellcheck disable=SC2086 # a command with its arguments
  $wrapper "$LBUD_BIN/lbud" --root "$root" "$@" >"$work/stdout" 2>"$log" </dev/null &
  daemon=$!
}

is_ready() {
  kill -0 "$daemon" 2>/dev/null || fail 'lbud has ended'
  "$LBUD_BIN/lbuctl" --root "$root" status >/dev/null 2>&1
}

# end SIGNAL [CODE]: ends lbud and sees that it ends with 0, or the code.
end() {
  kill "-$1" "$daemon" || fail 'lbud has ended by itself'
  ended "${2:-0}"
}

# ended CODE: waits for lbud and sees how it ended.
ended() {
  got=0
  wait "$daemon" 2>/dev/null || got=$?
  daemon=
  [ "$got" -eq "$1" ] || fail "lbud ended with $got, expected $1"
}

# Times as long as usual that things may take: more than one where the programs are slow for a reason, as with a sanitizer.
patience=${LBUD_TEST_PATIENCE:-1}

# wait_until WHAT COMMAND...: asks until it is so, for at most 30 seconds.
wait_until() {
  what=$1
  shift
  rounds=0
  until "$@"; do
    rounds=$((rounds + 1))
    [ "$rounds" -lt $((600 * patience)) ] || fail "waited $((30 * patience)) s in vain until $what"
    sleep 0.05
  done
}

# stop_helper PID: ends one of the processes beside lbud.
stop_helper() {
  kill -9 "$1"
  wait "$1" 2>/dev/null
  left=
  for process in $helpers; do [ "$process" = "$1" ] || left="$left $process"; done
  helpers=$left
}

# MARK: Asking, and what is expected

# lbuctl ARGUMENT...: its output goes to $work/out and $work/err, its exit code to $code.
lbuctl() {
  code=0
  "$LBUD_BIN/lbuctl" --root "$root" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
}

# run COMMAND...: the same for any command, which must end by itself.
run() {
  code=0
  timeout $((60 * patience)) "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
}

# Times, sizes and dated names are others each time; and so is the folder.
plain() {
  sed -E -e "s|$work|WORK|g" -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}/TIME/g' \
    -e 's/, [0-9.]+ (B|kB|MB)([,)])/, SIZE\2/g' -e 's/\.[0-9]{14}\./.DATE./g' -e 's/in [0-9]+ s/in N s/g' "$1"
}

show() { sed 's/^/  /' "$1"; }

# expect CODE [stdout|stderr]: sees the exit code, and that the output is what stands on stdin; the other stream must be
# empty. Without a stream both must be.
expect() {
  : >"$work/expected"
  : >"$work/nothing"
  [ $# -eq 1 ] || cat >"$work/expected"
  case ${2-} in
    stdout) expected_out=$work/expected expected_err=$work/nothing ;;
    stderr) expected_out=$work/nothing expected_err=$work/expected ;;
    *) expected_out=$work/nothing expected_err=$work/nothing ;;
  esac
  plain "$work/out" >"$work/plain-out"
  plain "$work/err" >"$work/plain-err"
  same 'standard output' "$expected_out" "$work/plain-out"
  same 'standard error' "$expected_err" "$work/plain-err"
  [ "$code" -eq "$1" ] || fail "the exit code is $code, expected $1"
}

# same WHAT EXPECTED-FILE GOT-FILE
same() {
  cmp -s "$2" "$3" && return 0
  if [ "$(wc -l <"$2")" -gt 20 ]; then
    diff -a -U 0 --label expected --label got "$2" "$3" | sed 's/^/  /'
  else
    echo '  expected:'
    show "$2"
    echo '  got:'
    show "$3"
  fi
  fail "$1 is not as expected"
}

# equal WHAT EXPECTED GOT
equal() {
  [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# shows LINE...: the output has these lines; with a line that begins with "!" it has no such line.
shows() {
  plain "$work/out" >"$work/plain-out"
  for line; do
    case $line in
      !*) grep -qxF -e "${line#!}" "$work/plain-out" || continue ;;
      *) grep -qxF -e "$line" "$work/plain-out" && continue ;;
    esac
    echo '  got:'
    show "$work/plain-out"
    show "$work/err"
    fail "expected the line: $line"
  done
}

# logged TEXT: a line of the log has it, or will in a moment: what is logged of a commit comes after its file.
logged() {
  logged_text=$1
  wait_until "the log has: $1" is_logged
}

is_logged() { grep -qF -e "$logged_text" "$log"; }

# later_than FILE SECONDS: the clock has moved on from the file's date by so much.
later_than() { [ "$(date +%s)" -ge $(($(stat -c %Y "$1") + $2)) ]; }

# is_traced: whether strace has taken hold of the daemon.
is_traced() { ! grep -q '^TracerPid:[[:space:]]*0$' "/proc/$daemon/status"; }

# unsaved LINE...: `lbuctl status` shows exactly these changes, in any order.
unsaved() {
  lbuctl status --all
  [ "$code" -eq 0 ] || {
    show "$work/err"
    fail "lbuctl status ends with $code"
  }
  got=$(sed -n '/^saved:/q; s/^  //p' "$work/out")
  expected=$([ $# -eq 0 ] || printf '%s\n' "$@")
  [ "$got" = "$expected" ] || {
    printf '  expected:\n%s\n  got:\n%s\n' "$expected" "$got"
    fail 'the unsaved changes are not as expected'
  }
}

# save: has lbud save, and sees that it did.
save() {
  lbuctl commit
  [ "$code" -eq 0 ] || {
    show "$work/err"
    fail "lbuctl commit ends with $code"
  }
  unsaved
}

snapshot() { printf '%s\n' "$root/backup/box.apkovl.tar.gz"; }

# held: the names in the snapshot, sorted.
held() { tar -tzf "$(snapshot)" | sort; }
