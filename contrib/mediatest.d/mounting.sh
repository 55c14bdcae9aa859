# shellcheck shell=dash disable=SC2119 # what is given to functions is for some calls alone
# The media is mounted, and made writable, for a commit alone.
# shellcheck source=contrib/mediatest.d/verbs.sh
. /verbs.sh

# mounting DISK TYPE
mounting() {
  scenario="mounting, $2"
  disk=$(device "$1")
  box
  fstab "$disk $media $2 noauto,ro 0 0"
  start || return
  check 'the start leaves it unmounted' is_state none
  change 1
  check 'a commit mounts it' commit
  check 'and unmounts it' is_state none
  check 'the snapshot is there' has "$1" 1
  check 'status knows the snapshot' status_says "saved: $media/box.apkovl.tar.gz"
  check 'and leaves it unmounted' is_state none
  stop

  # Flags that a careless remount loses.
  mount -t "$2" -o ro,nosuid,nodev,noexec,noatime "$disk" "$media"
  before=$(mounted_as)
  # So that it has not to grow where a power cut in the middle would be seen.
  [ "$2" != vfat ] || check 'its folder has room on FAT from the beginning' [ "$(stat -c %s "$media/LBUD")" -ge 16384 ]
  start || return
  check 'the start leaves it read-only' is_mounted_as "$before"
  change 2
  check 'a commit makes it writable' commit
  check 'and then as it was, with all its flags' is_mounted_as "$before"
  check 'the snapshot is there' has "$1" 2

  mount -o remount,rw,nosuid,nodev,noexec,noatime "$disk" "$media"
  before=$(mounted_as)
  change 3
  check 'a commit takes it writable' commit
  check 'and leaves it so' is_mounted_as "$before"
  check 'the snapshot is there' has "$1" 3
  umount "$media"

  change 4
  check 'a commit mounts it after somebody unmounted it' commit
  check 'and unmounts it' is_state none
  check 'the snapshot is there' has "$1" 4

  # A reader that comes while lbud has it mounted, and stays.
  change 5
  (
    until is_state rw; do usleep 10000; done
    exec 3<"$media/box.apkovl.tar.gz"
    sleep 5
  ) &
  reader=$!
  check 'a commit succeeds while somebody reads there' commit
  tell "with the reader it is: $(state)"
  quote 'commit says' /tmp/commit
  wait "$reader"
  change 6
  check 'the next commit succeeds' commit
  check 'and nothing is mounted' is_state none
  check 'the snapshot is there' has "$1" 6
  stop
}

# refusals DISK: what stands in fstab, or does not.
refusals() {
  scenario='fstab'
  disk=$(device "$1")
  box
  fstab "# $disk $media vfat noauto,ro 0 0"
  start || return
  change 1
  check 'no line for the media: no commit' not commit
  quote 'no line' /tmp/commit
  check 'nothing is written into the directory in memory' not ls "$media"/*.apkovl.tar.gz
  fstab "/dev/vdz $media vfat noauto,ro 0 0"
  check 'a device that is not there: no commit' not commit
  check 'it is named' says /tmp/commit /dev/vdz
  quote 'no device' /tmp/commit
  fstab "$disk $media ext4 noauto,ro 0 0"
  check 'another type than the disk has: no commit' not commit
  quote 'another type' /tmp/commit
  fstab "$disk $media vfat noauto,ro,no-such-option=1 0 0"
  check 'a wrong option: no commit' not commit
  quote 'wrong option' /tmp/commit
  check 'nothing is mounted' is_state none
  fstab "UUID=1BAD-0001 $media auto noauto,ro,umask=0077 0 0"
  check 'UUID= and auto: a commit' commit
  check 'the snapshot is there' has "$1" 1
  change 2
  fstab "LABEL=LBUDTEST $media vfat noauto,ro 0 0"
  check 'LABEL=: a commit' commit
  check 'the snapshot is there' has "$1" 2
  stop
}

# write_protected DISK: as a card with its switch on.
write_protected() {
  scenario='write-protected'
  box
  fstab "$(device "$1") $media vfat noauto,ro 0 0"
  start || return
  change 1
  check 'no commit' not commit
  check 'it says why' says /tmp/commit '[Rr]ead-only|write-protect'
  quote 'commit says' /tmp/commit
  check 'nothing is mounted' is_state none
  stop
}
