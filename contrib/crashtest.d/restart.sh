#!/bin/sh
# usage: restart.sh DEVICE TYPE NUMBER
#
# In the guest that judges: what a box does after the power cut. Mounts the media read-write, starts lbud, and saves three
# changes, so that all the old snapshots from before are removed, and what else was there.
# Exit code 3: the media cannot be mounted; 4: the driver came upon blocks that are free or belong to two files.
# shellcheck source=contrib/crashtest.d/lbud.sh
. /lbud.sh
media=$root/media/usb
# What fails here is a verdict, and no error of the test.
complaint=note
[ -d "$root" ] || make_root
# Without a journal ext4 must be checked first, and setup-lbu's fstab sees to it that nobody does. -p gives up on a file
# whose name did not reach the disk: that is what a person with -y is for.
if [ "$2" = ext4 ]; then
  e2fsck -p "$1" >/tmp/e2fsck.log 2>&1
  # 1: errors were corrected.
  if [ $? -gt 1 ]; then
    echo "CT note e2fsck -p gives up: $(sed -n '/UNEXPECTED/!s/^[^:]*: \(.\)/\1/p' /tmp/e2fsck.log | tail -n 1)"
    e2fsck -y "$1" >/tmp/e2fsck.log 2>&1
    [ $? -le 1 ] || exit 3
  fi
fi
mount -t "$2" "$1" "$media" || exit 3
dmesg -c >/dev/null
code=0
change "$(($3 + 1))"
if start_lbud; then
  commit_by_lbud || code=1
  change "$(($3 + 2))"
  commit_by_lbud || code=1
  change "$3"
  commit_by_lbud || code=1
  stop_lbud
else
  code=1
fi
umount "$media" || code=1
dmesg -c | grep -E '(FAT|EXT4)-fs.* error' >/tmp/errors && {
  sed 's/^/CT note /' /tmp/errors | head -n 3
  code=4
}
exit "$code"
