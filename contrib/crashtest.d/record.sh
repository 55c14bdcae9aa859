#!/bin/sh
# usage: record.sh DEVICE TYPE SECTORS PROCEDURE STEPS
#
# In the guest that is recorded: commits one after another onto a disk whose writes qemu logs, with a mark where each
# begins and where it is acknowledged.
# shellcheck source=contrib/crashtest.d/lbud.sh
. /lbud.sh
device=$1 type=$2 sectors=$3 procedure=$4
other=$media/other.apkovl.tar.gz

# leave STATE: so lbud finds the media, and leaves it.
leave() {
  tries=0
  # lbud may look at what has been mounted, or unmounted, and then it is busy for a moment.
  until try_to_leave "$1" 2>/tmp/leave.log; do
    tries=$((tries + 1))
    if [ "$tries" -ge 30 ]; then
      sed 's/^/CT error: /' /tmp/leave.log
      exit 1
    fi
    usleep 100000
  done
}
try_to_leave() {
  [ "$(state)" = none ] || umount "$media" || return
  [ "$1" = none ] || mount -t "$type" -o "$1" "$device" "$media"
}

# How each procedure saves what is in the root; its argument says whether others have to go.
case $procedure in
  lbud | lbud-sync)
    start() { start_lbud; }
    stop() { stop_lbud; }
    save() {
      case $1 in
        remove-others) commit_by_lbud -d ;;
        confirm) commit_by_lbud --confirm 1h ;;
        go-back) go_back ;;
        *) commit_by_lbud ;;
      esac
    }
    ;;
  recipe)
    start() { :; }
    stop() { :; }
    save() {
      pack /tmp/snapshot
      disk replace /tmp/snapshot "$media" "$host.apkovl.tar.gz" || return
      for name in "$media"/*.apkovl.tar.gz; do
        [ "$name" = "$current" ] || disk remove "$media" "${name##*/}" || return
      done
    }
    ;;
  lbu)
    # alpine-conf's lbu.in, cmd_commit and cmd_package, with BACKUP_LIMIT=1: the order of what it does to the media.
    start() { :; }
    stop() { :; }
    save() {
      pack /tmp/snapshot
      case $1 in
        # Where there are other names it commits with -d alone, which removes them all first.
        host-name | remove-others) rm -f "$media"/*.apkovl.tar.gz* ;;
      esac
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
# Makes that current again which a commit that is to be confirmed has as the one before.
go_back() {
  lbuctl --root "$root" revert "$(lbuctl --root "$root" status | sed -n 's/^  or else \([^ ]*\) becomes.*/\1/p')" >/tmp/commit.log 2>&1 &&
    return
  sed 's/^/CT error: going back fails: /' /tmp/commit.log
  return 1
}

mark() { disk mark "$device" "$sectors" "$@" || exit; }

# by_hand COMMAND... with the media mounted read-write.
by_hand() {
  before=$(state)
  [ "$before" = rw ] || leave rw
  "$@" || exit
  [ "$before" = rw ] || leave "$before"
}

# Puts the overlay of another box beside the current one, or alone where there is none yet.
put_other() {
  sync
  disk flush "$device"
  mark O 0
  by_hand cp /tmp/other "$other"
  sync
  disk flush "$device"
  mark F 0 /tmp/other
}

# Of another box, and no less a whole one.
make_root
configure other
point_to "$device" "$type"
change 777
pack /tmp/other

make_root
configure box
point_to "$device" "$type"
host=box current=$media/box.apkovl.tar.gz
leave rw

# Somebody else's sync, all the time.
syncing=
case $procedure in
  *-sync) (while :; do sync; usleep 20000; done) & syncing=$! ;;
esac

number=0 former=
for step in $5; do
  # What is no commit.
  case $step in
    none | ro | rw)
      # The controls need it mounted, and so does whoever writes to it meanwhile.
      [ "$procedure" != lbud ] || leave "$step"
      continue
      ;;
  esac
  number=$((number + 1)) begins=B
  # A commit that comes after a pause finds all before it written.
  [ "$step" != pause ] || sleep 3
  change "$number"
  case $step in
    first | replace | prune | pause | confirm | go-back) ;;
    # lbud follows by itself.
    host-name)
      begins=N host=box$number current=$media/box$number.apkovl.tar.gz
      echo "$host" >"$root/etc/hostname"
      ;;
    remove-others)
      begins=D
      put_other
      ;;
    *) echo "CT error: no such step: $step"; exit 1 ;;
  esac
  [ "$number" -ne 1 ] || start || exit
  mark "$begins" "$number"
  save "$step" || exit
  mark A "$number"
  before=$(state)
  [ "$before" != none ] || leave ro
  mark C "$number" "$current"
  for file in "$media"/LBUD/CONFIRM.*; do [ ! -e "$file" ] || mark W "$number" "$file"; done
  [ "$before" != none ] || leave none
done
sleep 2
[ -z "$syncing" ] || kill "$syncing"
stop
leave none
