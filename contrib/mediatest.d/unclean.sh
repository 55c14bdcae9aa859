# shellcheck shell=dash disable=SC2119 # what is given to functions is for some calls alone
# A disk that says of itself that nobody unmounted it is checked before it is written to.
# shellcheck source=contrib/mediatest.d/verbs.sh
. /verbs.sh

# is_clean DISK TYPE
is_clean() {
  case $2 in
    # The file system's state, in the boot sector of FAT16; and the superblock's, 1 is clean.
    vfat) [ "$(number_at "$1" 37 1)" -eq 0 ] ;;
    ext4) [ "$(number_at "$1" 1082 2)" -eq 1 ] ;;
  esac
}
# Past the page cache, which belongs to the file system.
number_at() { dd if="$(device "$1")" bs=4096 count=1 iflag=direct 2>/dev/null | od -A n -t "u$3" -j "$2" -N "$3"; }

# make_unclean DISK TYPE: a header as a power cut leaves it; dd has no more to do on FAT, and e2fsck does not mind a sum.
make_unclean() {
  case $2 in
    vfat) printf '\001' | dd of="$(device "$1")" bs=1 seek=37 conv=notrunc 2>/dev/null ;;
    ext4) /checkers/debugfs -w -R 'ssv state 0' "$(device "$1")" >/dev/null 2>&1 ;;
  esac
  sync
  ! is_clean "$1" "$2" || echo "CT error: $1 is clean"
}

# box_on DISK TYPE makes a box whose media that is, and which has the checkers.
box_on() {
  disk=$(device "$1")
  box
  fstab "$disk $media $2 noauto,ro 0 0"
  install_checkers
}

# unclean DISK TYPE
unclean() {
  scenario="unclean, $2"
  checker=fsck.$2
  box_on "$1" "$2"
  make_unclean "$1" "$2"
  start || return
  change 1
  check 'a commit' commit
  check 'the disk was checked' says /tmp/checks "^$checker .*$disk"
  [ ! -e /tmp/checks ] || quote 'was run' /tmp/checks
  check 'and is clean' is_clean "$1" "$2"
  check 'the snapshot is there' has "$1" 1
  check 'the log tells' says /tmp/lbud.log "$checker"
  quote 'log' /tmp/lbud.log

  install_checkers
  change 2
  check 'a commit on a clean disk' commit
  check 'runs no checker' not ls /tmp/checks
  stop

  make_unclean "$1" "$2"
  install_checkers
  start || return
  change 3
  check 'a commit after a new start' commit
  check 'the disk was checked' says /tmp/checks "^$checker .*$disk"
  check 'and is clean' is_clean "$1" "$2"
  check 'the snapshot is there' has "$1" 3

  # As the boot leaves it.
  make_unclean "$1" "$2"
  mount -t "$2" -o ro "$disk" "$media"
  before=$(mounted_as)
  install_checkers
  change 4
  check 'a commit where it is mounted read-only, unclean' commit
  quote 'mounted read-only, commit says' /tmp/commit
  if [ -e /tmp/checks ]; then
    quote 'mounted read-only, was run' /tmp/checks
  else
    tell 'mounted read-only: no checker was run'
  fi
  lbuctl status >/tmp/status 2>&1
  quote 'mounted read-only, status' /tmp/status
  check 'it is mounted as it was' is_mounted_as "$before"
  check 'the snapshot is there' has "$1" 4
  umount "$media"

  make_unclean "$1" "$2"
  remove_checkers
  change 5
  check 'without a checker: a commit' commit
  quote 'without a checker, commit says' /tmp/commit
  lbuctl status >/tmp/status 2>&1
  quote 'without a checker, status' /tmp/status
  check 'the snapshot is there' has "$1" 5

  make_unclean "$1" "$2"
  install_checkers 4
  change 6
  # Whether it may be saved nevertheless is lbud's to decide; that the checker failed must be said.
  commit
  tell "a checker that gives up: commit exits with $?"
  quote 'a checker that gives up, commit says' /tmp/commit
  lbuctl status >/tmp/status 2>&1
  check 'a checker that gives up: it is said' says_any "$checker"
  check 'nothing is mounted' is_state none
  install_checkers
  commit
  check 'with one that works: saved' is_saved
  check 'the snapshot is there' has "$1" 6
  stop
  remove_checkers
}

says_any() { grep -q "$1" /tmp/commit /tmp/status; }

# What a power cut in the middle of a rename leaves on ext4 without a journal: two names of one file, which says of itself
# that it has one. Whoever removes either of them without a check takes the file from the other.

# crossed DISK NAME: the current snapshot is LBUD/NAME too.
crossed() {
  scenario="two names of one file, $2"
  disk=$(device "$1")
  box
  fstab "$disk $media ext4 noauto,ro 0 0"
  remove_checkers
  start || return
  change 1
  check 'a commit' commit
  stop
  crossed_once "$1" "$2" mounted
  crossed_once "$1" "$2" 'without a checker'
}

# crossed_once DISK NAME WAY
crossed_once() {
  # debugfs makes a link without counting it.
  /checkers/debugfs -w -R "ln /box.apkovl.tar.gz /LBUD/$2" "$disk" >/dev/null 2>&1
  /checkers/debugfs -w -R 'ssv state 0' "$disk" >/dev/null 2>&1
  sync
  # As the boot leaves it.
  [ "$3" != mounted ] || mount -t ext4 -o ro "$disk" "$media"
  start || return
  saved=$(cat /etc/commit)
  for number in $((saved + 1)) $((saved + 2)) $((saved + 3)); do
    change "$number"
    # To refuse is as good; but what was acknowledged must be there.
    if commit; then saved=$number; fi
    quote "$3: commit" /tmp/commit
  done
  check "$3: the snapshot that was acknowledged last is there" has "$1" "$saved"
  stop
  [ "$(state)" = none ] || umount "$media"
  /checkers/e2fsck -f -y "$disk" >/dev/null 2>&1
  check "$3: also after a check" has "$1" "$saved"
  # For whatever comes next.
  start || return
  change "$number"
  check "$3: and a commit after it" commit
  stop
}

# half_made DISK: a power cut while a directory was made leaves its name, and nothing in it, not even the two that each has.
# vfat takes a look at such a name for an error that turns the file system read-only.
half_made() {
  scenario='a directory half made, vfat'
  box
  fstab "$(device "$1") $media vfat noauto,ro 0 0"
  start || return
  for number in 1 2 3; do
    change "$number"
    check "commit $number" commit
    check 'the snapshot is there' has "$1" "$number"
  done
  stop
}

# What a power cut in the middle of a block leaves on ext4 without a journal: a directory whose checksum is wrong, which
# nobody can list. The check that comes before a commit mends it, so a commit has to come to it.

# torn_folder DISK: the folder of the old snapshots is such a directory.
torn_folder() {
  scenario='the folder of old snapshots torn, ext4'
  tears=0
  box_on "$1" ext4
  start || return
  change 1
  check 'a commit' commit
  change 2
  check 'another commit' commit
  stop
  torn_folder_once "$1" 'not mounted' 3
  torn_folder_once "$1" mounted 4
  torn_folder_once "$1" 'not mounted, nothing changed'
  torn_folder_once "$1" 'mounted, nothing changed'

  tear_folder "$1"
  remove_checkers
  start || return
  change 5
  check 'without a checker: nothing is saved' not commit
  quote 'without a checker: commit' /tmp/commit
  check 'without a checker: it is said what to do' says /tmp/commit "^lbuctl: hint: the file system of $media is damaged: "
  install_checkers
  check 'with one again: a commit' commit
  check 'the snapshot is there' has "$1" 5
  stop
  remove_checkers
}

# torn_folder_once DISK WAY [NUMBER]: which change is made, if any.
torn_folder_once() {
  tear_folder "$1"
  case $2 in
    # As the boot leaves it.
    mounted*) mount -t ext4 -o ro "$disk" "$media" ;;
  esac
  install_checkers
  start || return
  check "$2: status says that it cannot be read" status_says "^degraded: $media: cannot list $media/LBUD: bad message"
  quote "$2: status" /tmp/status
  [ -z "${3-}" ] || change "$3"
  check "$2: a commit" commit
  quote "$2: commit" /tmp/commit
  check "$2: the disk was checked" says /tmp/checks "^fsck.ext4 .*$disk"
  check "$2: status has nothing of it any more" not status_says '^degraded'
  check "$2: the snapshot is there" has "$1" "$(cat /etc/commit)"
  stop
  [ "$(state)" = none ] || umount "$media"
}

# tear_folder DISK
tear_folder() {
  tears=$((tears + 1))
  block=$(/checkers/debugfs -R 'blocks /LBUD' "$disk" 2>/dev/null | tr -d ' ')
  # s_log_block_size of the superblock.
  block_size=$((1024 << $(number_at "$1" 1048 4)))
  # Into the room behind the last name, where only the checksum tells; each time something else, since the check takes
  # what it finds there for good.
  printf 'tear %s' "$tears" | dd of="$disk" bs=1 seek=$((block * block_size + block_size / 2)) conv=notrunc 2>/dev/null
  /checkers/debugfs -w -R 'ssv state 0' "$disk" >/dev/null 2>&1
  sync
}
