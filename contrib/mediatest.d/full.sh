# shellcheck shell=dash disable=SC2119 # what is given to functions is for some calls alone
# There is no room, or not for such a name.
# shellcheck source=contrib/mediatest.d/verbs.sh
. /verbs.sh

# by_hand COMMAND... with the media mounted read-write.
by_hand() {
  # lbud may look at what has been mounted, or unmounted, and then it is busy for a moment.
  within 5 mount -t vfat "$disk" "$media" || echo "CT error: the media cannot be mounted by hand"
  "$@"
  within 5 umount "$media" || echo "CT error: the media cannot be unmounted by hand"
}

# leave BYTES: fills the disk but for these.
leave() {
  dd if=/dev/zero of="$media/filler" bs=4096 2>/dev/null
  sync
  filled=$(stat -c %s "$media/filler")
  truncate -s $((filled - $1)) "$media/filler"
}

# full DISK
full() {
  scenario='full'
  disk=$(device "$1")
  box
  fstab "$disk $media vfat noauto,ro 0 0"
  start || return
  change 1
  check 'the first commit' commit
  by_hand leave 40000
  size=200000
  change 2
  check 'no commit where the disk is full' not commit
  quote 'commit says' /tmp/commit
  check 'it says how much is needed, and how much is there' says /tmp/commit '[0-9].*[0-9]+ ?(k|M|b|B)'
  check 'nothing is mounted' is_state none
  check 'the snapshot before is there' has "$1" 1
  check 'status has the error' status_says '^last error'
  by_hand rm "$media/filler"
  check 'a commit when there is room' commit
  check 'the snapshot is there' has "$1" 2
  stop
}

# fill_root makes names of 8.3, one entry each, until the top directory has no more room.
fill_root() {
  index=0
  while touch "$media/G$index.BIN" 2>/dev/null; do index=$((index + 1)); done
}

# rename_to NAME: the box gets another host name, and lbud has noticed.
rename_to() {
  name_box "$1"
  sleep 1
}

# root_full DISK
root_full() {
  scenario='root directory full'
  disk=$(device "$1")
  box
  fstab "$disk $media vfat noauto,ro 0 0"
  by_hand fill_root
  start || return
  change 1
  check 'no first commit' not commit
  quote 'first, commit says' /tmp/commit
  check 'it says that it is the directory' says /tmp/commit 'director'
  by_hand rm -f "$media/G10.BIN" "$media/G11.BIN" "$media/G12.BIN" "$media/G13.BIN" "$media/G14.BIN"
  check 'a commit with five entries free' commit
  check 'the snapshot is there' has "$1" 1
  by_hand fill_root
  change 2
  check 'a replacement needs none' commit
  check 'the snapshot is there' has "$1" 2
  rename_to box-with-another-name
  change 3
  check 'no commit under a new name' not commit
  quote 'new name, commit says' /tmp/commit
  check 'nothing is mounted' is_state none
  check 'the snapshot before is there' has "$1" 2
  # Neighbours, since the entries of a long name are.
  by_hand rm -f "$media/G20.BIN" "$media/G21.BIN" "$media/G22.BIN" "$media/G23.BIN" "$media/G24.BIN" "$media/G25.BIN"
  check 'a commit when there is room' commit
  check 'the snapshot is there' has "$1" 3 box-with-another-name
  stop
}

# colon DISK: what no name on FAT can have.
colon() {
  scenario='host name with a colon'
  disk=$(device "$1")
  box
  fstab "$disk $media vfat noauto,ro 0 0"
  start || return
  change 1
  check 'the first commit' commit
  rename_to a:b
  change 2
  check 'no commit' not commit
  quote 'commit says' /tmp/commit
  check 'it says that it is the name' says /tmp/commit 'name'
  check 'nothing is mounted' is_state none
  check 'the snapshot before is there' has "$1" 1
  rename_to box2
  check 'a commit under a better name' commit
  check 'the snapshot is there' has "$1" 2 box2
  stop
}
