# shellcheck shell=dash disable=SC2119 # what is given to functions is for some calls alone
# A file system that fsck.ext4 -p gives up at, since it asks a person: a box that nobody comes to has to be saved to as well.
# shellcheck source=contrib/mediatest.d/unclean.sh
. /unclean.sh

# lost_name DISK: a power cut between the two blocks that tell of a file leaves one without a name.
lost_name() {
  scenario='a file has lost its name, ext4'
  box_on "$1" ext4
  start || return
  change 1
  check 'a commit' commit
  stop
  lost_name_once "$1" 'not mounted' 2
  lost_name_once "$1" mounted 3
  remove_checkers
}

# lost_name_once DISK WAY NUMBER
lost_name_once() {
  # debugfs takes a name away and counts nothing.
  echo "$3" >/tmp/lost
  /checkers/debugfs -w -R "write /tmp/lost /lost$3" "$disk" >/dev/null 2>&1
  /checkers/debugfs -w -R "unlink /lost$3" "$disk" >/dev/null 2>&1
  make_unclean "$1" ext4
  # As the boot leaves it.
  [ "$2" != mounted ] || mount -t ext4 -o ro "$disk" "$media"
  install_checkers
  start || return
  change "$3"
  : >/tmp/lbud.log
  check "$2: a commit" commit
  quote "$2: commit" /tmp/commit
  check "$2: it was checked carefully first" says /tmp/checks "^fsck.ext4 -p $disk"
  check "$2: then looked at" says /tmp/checks "^fsck.ext4 -n $disk"
  check "$2: then thoroughly" says /tmp/checks "^fsck.ext4 -y $disk"
  told="$disk: was not unmounted cleanly; fsck.ext4 -p could not mend it \(Unattached inode [0-9]+\), fsck.ext4 -y has: Connect to /lost\+found, .*; look into lost"
  check "$2: the answer says so" says /tmp/commit "^note: $told"
  check "$2: the log says so" within 10 says /tmp/lbud.log "warning lbud: .* $told"
  check "$2: the snapshot is there" has "$1" "$3"
  stop
  [ "$(state)" = none ] || umount "$media"
  check "$2: and is clean" /checkers/e2fsck -f -n "$disk"
  check "$2: what has lost its name is kept" is_kept "$1" "$3"
}

# is_kept DISK TEXT
is_kept() {
  mount -o ro "$(device "$1")" /m || return
  cat /m/lost+found/* 2>/dev/null | grep -qx "$2"
  code=$?
  umount /m
  return "$code"
}

# refuses WHY ADVICE: no commit is made of the change, and no checker is told to do all.
refuses() {
  check 'no commit' not commit
  quote 'commit says' /tmp/commit
  check 'it is said why' says /tmp/commit "^lbuctl: error: $media was not unmounted cleanly, and $1"
  check 'and what to do' says /tmp/commit "^lbuctl: hint: $2"
  check 'no checker was told to do all' not says /tmp/checks 'fsck.ext4 -y'
  check 'nothing is mounted' is_state none
}

# dying DISK OPTION, which is unclean: where blocks cannot be read a checker that may answer "yes" to all writes zeros there.
# With that option it is seen.
dying() {
  scenario="a disk that cannot be read everywhere, ext4, $2"
  box_on "$1" ext4
  start || return
  change 1
  refuses "fsck.ext4 $2 $disk cannot read or write all of it: Error reading block [0-9]+ " \
    'the medium may be dying: dmesg tells'
  check 'it was checked carefully' says /tmp/checks "^fsck.ext4 $2 $disk"
  stop
  remove_checkers
}

# left_to_person DISK, which is damaged and has a journal: that is no work of a power cut.
left_to_person() {
  scenario='a damaged disk with a journal'
  box_on "$1" ext4
  start || return
  change 1
  refuses "fsck.ext4 -p $disk cannot mend it by itself: Unattached inode [0-9]+\$" \
    "nothing is written to it before somebody runs: fsck.ext4 -y $disk"
  /sbin/fsck.ext4 -y "$disk" >/dev/null 2>&1
  check 'once somebody has done that: a commit' commit
  check 'the snapshot is there' has "$1" 1
  stop
  remove_checkers
}

# much DISK, which is unclean, and of which there is more to say than a power cut leaves: a person is to see that first.
much() {
  scenario='a disk that is damaged all over'
  box_on "$1" ext4
  # shellcheck disable=SC2016 # for the checker's shell
  sed -i '2a [ "$1" != -n ] || { yes "Inode 12 is not as it should be.  Fix? no" | head -n 10000; exit 4; }' /sbin/fsck.ext4
  start || return
  change 1
  refuses "fsck.ext4 -n $disk cannot mend it by itself: the process's output exceeded the limit of 262144 bytes\$" \
    "nothing is written to it before somebody runs: fsck.ext4 -y $disk"
  install_checkers
  check 'where a checker says less: a commit' commit
  check 'the snapshot is there' has "$1" 1
  stop
  remove_checkers
}

# dying_fat DISK, which is unclean: fsck.vfat ends as if it had mended something. lbud can do without it, and saves.
dying_fat() {
  scenario='a disk that cannot be read everywhere, vfat'
  box_on "$1" vfat
  start || return
  change 1
  check 'a commit' commit
  quote 'commit says' /tmp/commit
  told="$disk: was not unmounted cleanly, and fsck.vfat -p $disk gives up: (Read|Got) [0-9]+ bytes .*; the medium may be"
  check 'it is said what the checker said' says /tmp/commit "^note: $told"
  check 'the snapshot is there' has "$1" 1
  check 'it is not clean' not is_clean "$1" vfat
  stop
  remove_checkers
}
