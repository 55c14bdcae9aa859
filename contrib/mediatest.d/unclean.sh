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

# unclean DISK TYPE
unclean() {
  scenario="unclean, $2"
  checker=fsck.$2
  disk=$(device "$1")
  box
  fstab "$disk $media $2 noauto,ro 0 0"
  install_checkers
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
