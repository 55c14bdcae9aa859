#!/bin/sh
# usage: restart.sh DEVICE TYPE NUMBER WAY
#
# In the guest that judges: what a box does after the power cut. Boots with a snapshot that is there, starts lbud, and
# saves three changes, NUMBER and the two after it, so that all the old snapshots from before are removed, and what else was
# there.
# WAY is restart, mounted or bare, see judge.c.
# Exit code 3: the media cannot be mounted; 4: the driver came upon blocks that are free or belong to two files.
# shellcheck source=contrib/crashtest.d/lbud.sh
. /lbud.sh
device=$1 type=$2 number=$3 way=$4
# What fails here is a verdict, and no error of the test.
complaint=note

# The boot loader takes the first name that it finds. Which one that is, where there are two, nobody promises.
boot() {
  make_root
  mount -t "$type" -o ro "$device" "$media" || exit 3
  chosen=
  for name in "$media"/*.apkovl.tar.gz*; do
    [ -n "$chosen" ] && [ $((number % 2)) -eq 0 ] || chosen=$name
  done
  if [ -e "$chosen" ]; then
    tar -C "$root" -zxf "$chosen" || exit 1
  else
    configure box
  fi
  # Whoever finds the overlay of another box there says that it is to go.
  option=
  [ ! -e "$media/other.apkovl.tar.gz" ] || option=-d
  [ "$way" = mounted ] || umount "$media" || exit 1
  point_to "$device" "$type"
}

save() {
  change "$1"
  # shellcheck disable=SC2086 # an option or none
  commit_by_lbud $option
}

case $way in
  bare) rm -f /sbin/fsck.vfat /sbin/fsck.ext4 ;;
  *) ln -sf /checkers/fsck.vfat /checkers/fsck.ext4 /sbin/ ;;
esac
boot
dmesg -c >/dev/null
code=0
if start_lbud; then
  save "$number" || code=1
  save "$((number + 1))" || code=1
  save "$((number + 2))" || code=1
  stop_lbud
else
  code=1
fi
# As it was before.
case $way:$(state) in
  mounted:ro | restart:none | bare:none) ;;
  *)
    echo "CT note the media is left: $(state)"
    code=1
    ;;
esac
[ "$(state)" = none ] || umount "$media" || code=1
# A look or a glance before the check, mounted read-only as the boot loader does, meets what is torn and harms nothing; the
# thread of a commit must not.
dmesg -c | grep -E '(FAT|EXT4)-fs.* error' | grep -vE 'comm lbud-(media|tasks)' >/tmp/errors
[ ! -s /tmp/errors ] || {
  sed 's/^/CT note /' /tmp/errors | head -n 3
  code=4
}
exit "$code"
