# shellcheck shell=dash disable=SC2119 # what is given to functions is for some calls alone
# The disk is pulled, and comes back.
# shellcheck source=contrib/mediatest.d/verbs.sh
. /verbs.sh

absence='[Nn]o such|[Nn]ot there|cannot be used|[Ii]nput/output|is gone|no device|no disk|missing'

# pulled DISK TYPE SOURCE STATE: while nothing is to be saved.
pulled() {
  scenario="pulled, $2, $3, $4"
  box LBUD_AUTO=yes LBUD_IDLE=1 LBUD_MIN_INTERVAL=1 LBUD_MAX_DELAY=60
  install_checkers
  fstab "$3 $media $2 noauto,ro 0 0"
  [ "$4" = none ] || mount -t "$2" -o ro "$(device "$1")" "$media"
  change 1
  start || return
  check 'saved without a request' within 30 is_saved
  come_back "$1" "$4" 2
  # Once more, since what lbud did then must not be in its way.
  come_back "$1" "$4" 3
  stop
  [ "$(state)" = none ] || umount "$media"
}

# come_back DISK STATE NUMBER
come_back() {
  pull "$1"
  change "$3"
  sleep 3
  check "$3: status says that the disk is gone" within 40 status_says "$absence"
  quote "$3: status" /tmp/status
  check "$3: so does the log" says /tmp/lbud.log "$absence"
  tail -n 5 /tmp/lbud.log >/tmp/tail
  quote "$3: log" /tmp/tail
  check "$3: a commit says why it cannot be made" not commit
  quote "$3: commit" /tmp/commit
  plug "$1"
  plugged=$(milliseconds)
  check "$3: saved without a request when it is back" within 75 is_saved
  tell "$3: $(($(milliseconds) - plugged)) ms after it is back"
  check_state "$2" "$3"
  check "$3: the snapshot is there" has "$1" "$3"
}

# check_state STATE WHEN: a mount whose device was pulled is dead; whoever mounted it is to decide what becomes of it.
check_state() {
  if [ "$1" = none ]; then
    check "$2: nothing is mounted" within 5 is_state none
  else
    tell "$2: $(mounted_as | cut -d ' ' -f 1-4)"
  fi
}

# pulled_in_commit DISK TYPE SOURCE STATE: the disk is a slow one.
pulled_in_commit() {
  scenario="pulled in a commit, $2, $3, $4"
  box LBUD_AUTO=yes LBUD_IDLE=1 LBUD_MIN_INTERVAL=1 LBUD_MAX_DELAY=60
  install_checkers
  size=250000
  fstab "$3 $media $2 noauto,ro 0 0"
  [ "$4" = none ] || mount -t "$2" -o ro "$(device "$1")" "$media"
  change 1
  start || return
  check 'saved without a request' within 60 is_saved
  number=1
  for moment in 100 2000 4500; do
    number=$((number + 1))
    change "$number"
    within 20 status_says 'a commit is being made' || failed 'the commit begins'
    usleep $((moment * 1000))
    pull "$1"
    check "$moment ms: lbud lives" is_alive
    check "$moment ms: status says what happened" within 40 status_says "$absence|^last error"
    quote "$moment ms: status" /tmp/status
    tail -n 5 /tmp/lbud.log >/tmp/tail
    quote "$moment ms: log" /tmp/tail
    plug "$1"
    check "$moment ms: saved without a request when it is back" within 100 is_saved
    check_state "$4" "$moment ms"
    check "$moment ms: the snapshot is there" has "$1" "$number"
  done
  stop
  [ "$(state)" = none ] || umount "$media"
}
