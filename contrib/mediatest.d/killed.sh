# shellcheck shell=dash disable=SC2119 # what is given to functions is for some calls alone
# lbud is killed in the middle of a commit, and started again.
# shellcheck source=contrib/mediatest.d/verbs.sh
. /verbs.sh

# killed DISK TYPE STATE: the disk is a slow one.
killed() {
  scenario="killed, $2, $3"
  disk=$(device "$1")
  box
  size=250000
  fstab "$disk $media $2 noauto,ro 0 0"
  [ "$3" = none ] || mount -t "$2" -o ro "$disk" "$media"
  start || return
  change 1
  check 'the first commit' commit
  change 2
  began=$(milliseconds)
  check 'the second commit' commit
  duration=$(($(milliseconds) - began))
  number=2
  for part in 1 2 3 4 5 6 7 8 9; do
    number=$((number + 1))
    change "$number"
    moment=$((duration * part / 10))
    lbuctl commit >/tmp/commit 2>&1 &
    client=$!
    usleep $((moment * 1000))
    during=$(state)
    stop -KILL
    wait "$client"
    start || return
    when="killed after $moment of $duration ms ($during)"
    check "$when: the start puts it back" within 10 is_state "$3"
    commit
    # What was killed may have been saved already.
    check "$when: the next commit" is_saved
    check "$when: the snapshot is there" has "$1" "$number"
    check "$when: it is as it was" is_state "$3"
  done
  stop
  [ "$3" = none ] || umount "$media"
}
