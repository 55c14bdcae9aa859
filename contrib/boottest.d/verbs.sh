# shellcheck shell=dash
# In the guest, once it is up: what the cases are made of.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
media=/media/usb
case=none

# MARK: Telling the host

passed() { echo "CT pass $case $1"; }
failed() {
  echo "CT fail $case $1"
  {
    grep " $media " /proc/mounts || echo "$media is not mounted"
    lbuctl status 2>&1 | sed 's/^/status: /'
    [ ! -f /tmp/said ] || sed 's/^/said: /' /tmp/said
    tail -n 5 /var/log/lbud.log 2>/dev/null | sed 's/^/log: /'
  } | sed "s/^/CT | $case /"
}
tell() { echo "CT info $case $*"; }
quote() { sed "s/^/CT info $case $1: /" "$2"; }

# check WORDS COMMAND...
check() {
  words=$1
  shift
  if "$@"; then passed "$words"; else failed "$words"; fi
}

not() { ! "$@"; }

# within SECONDS COMMAND... asks five times a second.
within() {
  tries=$((5 * $1))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    usleep 200000
  done
}

# stays SECONDS COMMAND...: it is so, again and again.
stays() {
  tries=$((5 * $1))
  shift
  while [ "$tries" -gt 0 ]; do
    "$@" || return 1
    tries=$((tries - 1))
    usleep 200000
  done
}

# MARK: The configuration

# change TAG [SIZE] makes a state that says of itself which one it is, and whether it is whole.
change() {
  mkdir -p /etc/state
  head -c "${2:-20000}" /dev/urandom >/etc/state/data
  odd=$(printf 'not \377 UTF-8')
  for name in tag 'with space' "$odd" 'new
line'; do
    echo "$1" >"/etc/state/$name"
  done
  state_sum >/etc/state/sum
}

state_sum() (
  cd /etc/state && for name in *; do [ "$name" = sum ] || sha256sum "$name"; done | sha256sum
)

# is_state TAG
is_state() {
  set -- "$1" /etc/state/*
  [ $# -eq 7 ] && [ "$(cat /etc/state/tag)" = "$1" ] && [ "$(state_sum)" = "$(cat /etc/state/sum)" ]
}

# settings KEY=VALUE... and has them saved, so that what comes next is the only change.
settings() {
  printf '%s\n' LBU_MEDIA=usb LBUD_MIN_INTERVAL=1 BACKUP_LIMIT=3 "$@" >/etc/lbu/lbu.conf
  commit || failed 'the settings are saved'
  within 20 is_saved || failed 'nothing else is unsaved'
}

# MARK: lbud

commit() { lbuctl commit >/tmp/said 2>&1; }
status_says() { lbuctl status >/tmp/said 2>&1 && grep -qE "$1" /tmp/said; }
is_saved() { status_says '^unsaved: nothing'; }
answers() { lbuctl status >/tmp/said 2>&1; }
says() { grep -qE "$2" "$1"; }
mounted_as() { grep " $media " /proc/mounts; }
is_read_only() { mounted_as | tail -n 1 | grep -q " ro,"; }
# How many there are on the media, with the current one.
snapshots() { find "$media" -name '*.tar.gz' | wc -l; }
are_snapshots() { [ "$(snapshots)" -eq "$1" ]; }
