# shellcheck shell=sh
# In the guest: a root directory with a configuration to save, and an lbud that watches it.
root=/r
media=$root/media/usb

# What is in a box before its configuration is.
make_root() {
  rm -rf "$root"
  mkdir -p "$root/etc/lbu" "$root/etc/apk" "$root/etc/ssh" "$root/lib/apk/db" "$root/media/usb" "$root/run" "$root/tmp"
  : >"$root/lib/apk/db/installed"
}

# configure HOST: the box's own. Its host keys are what tells, when the name changes, whose a snapshot is.
configure() {
  echo "$1" >"$root/etc/hostname"
  echo "the private key of $1" >"$root/etc/ssh/ssh_host_ed25519_key"
  echo "ssh-ed25519 AAAA$1 root@$1" >"$root/etc/ssh/ssh_host_ed25519_key.pub"
  echo alpine-base >"$root/etc/apk/world"
  printf '%s\n' LBU_MEDIA=usb BACKUP_LIMIT=1 LBUD_AUTO=no LBUD_ON_SHUTDOWN=no >"$root/etc/lbu/lbu.conf"
}

# point_to DEVICE TYPE: as setup-lbu writes it.
point_to() { echo "$1 /media/usb $2 noauto,ro 0 0" >"$root/etc/fstab"; }

# change NUMBER makes a configuration that says of itself which one it is, and whether it is whole. Sizes go up and
# down, so that a file gets blocks that another one had.
change() {
  case $(($1 % 4)) in
    0) size=40000 ;;
    1) size=15000 ;;
    2) size=30000 ;;
    3) size=22000 ;;
  esac
  disk fill "$1" "$size" >"$root/etc/data"
  (cd "$root" && sha256sum etc/data) >"$root/etc/sum"
  echo "$1" >"$root/etc/commit"
}

pack() { tar -C "$root" -czf "$1" etc; }

# How the media is mounted: none, ro or rw.
state() {
  state=$(sed -n "s| *[^ ]* $media [^ ]* \([^ ,]*\).*|\1|p" /proc/mounts)
  echo "${state:-none}"
}

start_lbud() {
  lbud --root "$root" >/tmp/lbud.log 2>&1 &
  daemon=$!
  tries=0
  until lbuctl --root "$root" status >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 200 ] || ! kill -0 "$daemon" 2>/dev/null; then
      sed "s/^/CT ${complaint:-error}: lbud does not start: /" /tmp/lbud.log
      return 1
    fi
    usleep 50000
  done
}

stop_lbud() {
  kill -TERM "$daemon"
  wait "$daemon"
}

# commit_by_lbud [OPTION...]
commit_by_lbud() {
  lbuctl --root "$root" commit "$@" >/tmp/commit.log 2>&1 && return
  sed "s/^/CT ${complaint:-error}: commit fails: /" /tmp/commit.log
  return 1
}
