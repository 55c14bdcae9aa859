# shellcheck shell=sh
# What the tests of the link lbu have in common, beside support.sh.
# shellcheck disable=SC2154 # root, before are of support.sh and of the caller

# lbu ARGUMENT...: with no terminal to ask at.
lbu() {
  run env -u PASSWORD ROOT="$root" setsid -w "$LBUD_BIN/lbu" "$@"
}

# conf LINE...: lbu.conf of a box that saves to /backup when asked, and the lines.
conf() {
  printf '%s\n' LBU_BACKUPDIR=/backup LBUD_AUTO=no LBUD_ON_SHUTDOWN=no "$@" >"$root/etc/lbu/lbu.conf"
  chmod 600 "$root/etc/lbu/lbu.conf"
}

# of_media LINE...: the same without the place.
of_media() {
  conf "$@"
  sed -i 1d "$root/etc/lbu/lbu.conf"
}

beside() { start --socket "$root/run/lbud/lbud.sock"; }

# both WHAT FUNCTION: in both modes.
both() {
  it "$1, lbud not running"
  "$2"
  it "$1, lbud running"
  beside
  "$2"
  end TERM
}

sums() { (cd "$root" && find . -path ./run -prune -o -type f -exec sha256sum {} +) | sort; }
untouched() { equal 'the files' "$before" "$(sums)"; }
motd() { tar -xzOf "$(snapshot)" etc/motd; }
