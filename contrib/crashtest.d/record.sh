#!/bin/sh
# usage: record.sh DEVICE TYPE SECTORS PROCEDURE STEPS
#
# In the guest that is recorded: commits one after another onto a disk whose writes qemu logs, with a mark where each
# begins and where it is acknowledged.
# shellcheck source=contrib/crashtest.d/lbud.sh
. /lbud.sh
device=$1 type=$2 sectors=$3 procedure=$4
media=$root/media/usb
current=$media/box.apkovl.tar.gz

rm -rf "$root"
make_root
mount -t "$type" "$device" "$media" || exit

pack() { (cd "$root" && tar -czf /tmp/snapshot etc/lbu etc/apk etc/hostname etc/data etc/sum etc/commit); }

# How each procedure saves what is in the root.
case $procedure in
  lbud | lbud-sync)
    start() { start_lbud; }
    stop() { stop_lbud; }
    save() { commit_by_lbud; }
    ;;
  recipe)
    start() { :; }
    stop() { :; }
    save() { pack && disk replace /tmp/snapshot "$media" box.apkovl.tar.gz; }
    ;;
  lbu)
    # alpine-conf's lbu.in, cmd_commit and cmd_package, with BACKUP_LIMIT=1: the order of what it does to the media.
    start() { :; }
    stop() { :; }
    save() {
      pack
      [ ! -e "$current" ] || mv "$current" "$media/box.$(date -u -r "$current" +%Y%m%d%H%M%S)$number.tar.gz"
      cp /tmp/snapshot "$current.new"
      mv "$current.new" "$current"
      for old in "$media"/box.*[0-9].tar.gz; do
        [ ! -e "$old" ] || [ "$old" = "$former" ] || [ -z "$former" ] || rm -f "$former"
        former=$old
      done
      sync
    }
    ;;
esac

# Somebody else's sync, all the time.
other=
case $procedure in
  *-sync) (while :; do sync; usleep 20000; done) & other=$! ;;
esac

number=0 former=
for step in $5; do
  number=$((number + 1))
  case $step in
    # Each is a commit; what differs is what it finds. One that comes after a pause finds all before it written.
    first) change "$number"; start || exit ;;
    replace | prune) change "$number" ;;
    pause) sleep 3; change "$number" ;;
    # lbud cannot do it yet.
    host-name) continue ;;
    *) echo "CT error: no such step: $step"; exit 1 ;;
  esac
  disk mark "$device" "$sectors" B "$number" || exit
  save || exit
  disk mark "$device" "$sectors" A "$number" "$current" || exit
done
sleep 2
[ -z "$other" ] || kill "$other"
stop
umount "$media"
