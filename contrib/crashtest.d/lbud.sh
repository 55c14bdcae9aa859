# shellcheck shell=sh
# In the guest: a root directory with a configuration to save, and an lbud that watches it.
root=/r

make_root() {
  mkdir -p "$root/etc/lbu" "$root/etc/apk" "$root/lib/apk/db" "$root/media/usb" "$root/run" "$root/tmp"
  : >"$root/lib/apk/db/installed"
  echo box >"$root/etc/hostname"
  echo alpine-base >"$root/etc/apk/world"
  printf '%s\n' LBU_MEDIA=usb BACKUP_LIMIT=1 LBUD_AUTO=no LBUD_ON_SHUTDOWN=no >"$root/etc/lbu/lbu.conf"
}

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

commit_by_lbud() {
  lbuctl --root "$root" commit >/tmp/commit.log 2>&1 && return
  sed "s/^/CT ${complaint:-error}: commit fails: /" /tmp/commit.log
  return 1
}
