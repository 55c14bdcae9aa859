# shellcheck shell=dash
# In the guest: a box, whose root is the guest's own, and what can be done to it and asked of it.
media=/media/usb
scenario=

# MARK: The box

# box [KEY=VALUE...] makes a fresh configuration; what is given goes to lbu.conf.
box() {
  find /etc /tmp -mindepth 1 -delete 2>/dev/null
  rm -rf /var/lib/lbud /run/lbud*
  mkdir -p /etc/lbu /etc/apk /etc/ssh /lib/apk/db "$media" /run /tmp
  : >/lib/apk/db/installed
  : >/tmp/lbud.log
  : >/tmp/commit
  name_box box
  echo 'the private key of box' >/etc/ssh/ssh_host_ed25519_key
  echo 'ssh-ed25519 AAAAbox root@box' >/etc/ssh/ssh_host_ed25519_key.pub
  echo alpine-base >/etc/apk/world
  printf '%s\n' LBU_MEDIA=usb BACKUP_LIMIT=1 LBUD_AUTO=no LBUD_ON_SHUTDOWN=no "$@" >/etc/lbu/lbu.conf
  size=20000
}

name_box() {
  hostname "$1"
  echo "$1" >/etc/hostname
}

fstab() { printf '%s\n' "$@" >/etc/fstab; }

# change NUMBER makes a configuration that says of itself which one it is, and whether it is whole.
change() {
  head -c "$size" /dev/urandom >/etc/data
  (cd / && sha256sum etc/data >etc/sum)
  echo "$1" >/etc/commit
}

start() {
  lbud >>/tmp/lbud.log 2>&1 &
  daemon=$!
  within 20 lbuctl status >/dev/null 2>&1 && return
  failed 'lbud starts'
  return 1
}

stop() {
  kill "${1:--TERM}" "$daemon"
  wait "$daemon" 2>/dev/null
}

commit() { lbuctl commit "$@" >/tmp/commit 2>&1; }

# install_checkers lists what is run in /tmp/checks. - RESULT: what they are to exit with, instead of checking.
install_checkers() {
  for name in fsck.vfat fsck.ext4; do
    {
      echo '#!/bin/sh'
      echo "echo \"$name \$*\" >>/tmp/checks"
      echo "${1:+echo cannot be mended; exit $1; }exec /checkers/$name \"\$@\""
    } >"/sbin/$name"
    chmod 755 "/sbin/$name"
  done
  rm -f /tmp/checks
}

remove_checkers() { rm -f /sbin/fsck.vfat /sbin/fsck.ext4 /tmp/checks; }

# MARK: The host

pull() {
  echo "CT host pull $1"
  within 30 is_gone "$1" || echo "CT error: $1 does not go"
}

plug() {
  echo "CT host plug $1"
  within 30 is_there "$1" || echo "CT error: $1 does not come"
}

is_there() { find_disk "$1" >/dev/null; }
is_gone() { ! is_there "$1"; }

# MARK: What is asked

passed() { echo "CT pass $scenario: $1"; }
failed() {
  echo "CT fail $scenario: $1"
  {
    grep " $media " /proc/mounts || echo "$media is not mounted"
    sed 's/^/commit: /' /tmp/commit
    lbuctl status 2>&1 | sed '/^  [AUMD] /d; s/^/status: /'
    tail -n 5 /tmp/lbud.log | sed 's/^/log: /'
  } | sed 's/^/CT | /'
}
tell() { echo "CT info $scenario: $*"; }
# What was said, for whoever reads the report.
quote() { sed "s/^/CT info $scenario: $1: /" "$2"; }

# check WORDS COMMAND...
check() {
  words=$1
  shift
  if "$@"; then passed "$words"; else failed "$words"; fi
}

# within SECONDS COMMAND... tries twice a second.
within() {
  tries=$((2 * $1))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return
    usleep 500000
  done
}

not() { ! "$@"; }

mounted_as() { grep " $media " /proc/mounts; }
# none, ro or rw
state() {
  case "$(mounted_as | tail -n 1 | cut -d ' ' -f 4)," in
    ,) echo none ;;
    ro,*) echo ro ;;
    *) echo rw ;;
  esac
}
is_state() { [ "$(state)" = "$1" ]; }
is_mounted_as() { [ "$(mounted_as)" = "$1" ]; }
says() { grep -qE "$2" "$1"; }
status_says() { lbuctl status >/tmp/status 2>&1; grep -qE "$1" /tmp/status; }
is_saved() { status_says '^unsaved: nothing'; }
is_alive() { kill -0 "$daemon"; }

# has DISK NUMBER [NAME]: whether the one snapshot that the disk would boot is whole and this one.
has() {
  place=$media
  case "$(mounted_as | tail -n 1)" in
    "$(device "$1") "*) ;;
    *)
      # Nothing is mounted there, or what is left of a disk that was pulled.
      place=/m
      mount -o ro "$(device "$1")" "$place" || return
      ;;
  esac
  wanted=$2 named=${3:-box}
  set -- "$place"/*.apkovl.tar.gz*
  [ $# -eq 1 ] && [ "$1" = "$place/$named.apkovl.tar.gz" ] && is_whole "$1" "$wanted"
  code=$?
  [ "$place" = "$media" ] || umount "$place"
  return "$code"
}

is_whole() (
  rm -rf /x
  mkdir /x
  tar -C /x -zxf "$1" && cd /x && [ "$(cat etc/commit)" = "$2" ] && sha256sum -c etc/sum >/dev/null 2>&1
)

milliseconds() { sed 's/^\([0-9]*\)\.\([0-9]*\).*/\1\20/' /proc/uptime; }
