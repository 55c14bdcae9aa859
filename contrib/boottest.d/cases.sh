# shellcheck shell=dash
# In the guest: a case's steps, in this boot and the next. What is to hold after the next boot is looked at there.
# shellcheck source=contrib/boottest.d/verbs.sh
. /test/verbs.sh

# MARK: a: a change, and time for lbud to find that nothing more changes

a_make() {
  settings LBUD_IDLE=2 LBUD_ON_SHUTDOWN=no
  change a
  check 'it is saved without a request' within 60 is_saved
  check 'because nothing more changed' status_says '^saved: .*idle'
  check 'the media is read-only again' is_read_only
}
a_check() { check 'the next boot has the change' is_state a; }

# MARK: b: a change, and at once poweroff

b_make() {
  settings LBUD_IDLE=600
  change b
}
b_check() { check 'the next boot has the change' is_state b; }

# MARK: c: services that write while they stop

c_make() {
  # One in each runlevel, and the second needs a third that is in none.
  rc-update -q add lastword-boot boot
  rc-update -q add lastword-default default
  for service in lastword-boot lastword-default; do rc-service "$service" start || failed "$service starts"; done
  settings LBUD_IDLE=600
  echo c >/run/lastword
}
c_check() {
  rc-update -q del lastword-boot boot
  rc-update -q del lastword-default default
  for service in lastword-boot lastword-default lastword-needed; do
    check "the next boot has what $service wrote while it stopped" says "/etc/lastword/$service" '^c$'
  done
  rm -rf /etc/lastword
}

# MARK: d: a transaction of apk

d_make() {
  settings LBUD_IDLE=1 BACKUP_LIMIT=50
  mkdir -p /etc/apk/commit_hooks.d
  cp /test/lbud.apk-hook /etc/apk/commit_hooks.d/lbud
  chmod 755 /etc/apk/commit_hooks.d/lbud
  commit
  before=$(snapshots)
  (
    flock -x 9
    for number in 1 2 3 4 5 6 7 8 9 10; do
      mkdir -p /etc/package$number
      for name in one two "$(printf 'thr\377\377')"; do echo "$number" >"/etc/package$number/$name"; done
      printf 'P:package%s\nV:1\n\n' $number >>/lib/apk/db/installed
      usleep 100000
      # Longer than LBUD_IDLE: without the lock it would be saved here.
      [ "$number" -ne 5 ] || sleep 3
    done
    printf 'package%s\n' 1 2 3 4 5 6 7 8 9 10 >>/etc/apk/world
    tell "saved in the middle: $(($(snapshots) - before)) snapshots"
    # As apk does: the lock is held yet.
    for hook in /etc/apk/commit_hooks.d/*; do
      [ ! -x "$hook" ] || "$hook" post-commit || failed "the hook ends with $?"
    done
  ) 9>>/lib/apk/db/lock
  check 'it is saved once it is over' within 60 is_saved
  check 'in one snapshot, and no more come' stays 3 are_snapshots $((before + 1))
  check 'which has all of it' is_transaction_in "$media/box.apkovl.tar.gz"
}

# is_transaction_in SNAPSHOT
is_transaction_in() (
  rm -rf /tmp/unpacked
  mkdir -p /tmp/unpacked
  tar -C /tmp/unpacked -zxf "$1" && is_transaction /tmp/unpacked
)

# is_transaction ROOT
is_transaction() {
  for number in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(cat "$1/etc/package$number"/* | tr -d '\n')" = "$number$number$number" ] &&
      grep -qx "package$number" "$1/etc/apk/world" || return
  done
}

d_check() {
  check 'the next boot has all of it' is_transaction ''
  rm -rf /etc/package* /etc/apk/commit_hooks.d
  : >/etc/apk/world
}

# MARK: e: the machine is killed; the host says when

e_settings() {
  settings LBUD_AUTO=no LBUD_ON_SHUTDOWN=no
  change e0 100000
  check 'the first commit' commit
}

# e_kill NUMBER: the host measures from "changed".
e_kill() {
  change "e$1" 100000
  echo "CT host changed $1"
  usleep 300000
  echo "CT host committing $1"
  commit || failed "commit $1"
  echo "CT host acknowledged $1"
}

# e_check OLD NEW prints which of the two is there, whole.
e_check() {
  for tag; do
    if is_state "$tag"; then
      echo "CT state $tag"
      return
    fi
  done
  echo 'CT state neither'
  failed "the boot has $1 or $2, whole: it has $(cat /etc/state/tag)"
}

# MARK: f: the media comes late, is read-only, is full

late_make() {
  change late
  check 'without media status says so' within 30 status_says 'not mounted|not there|missing|cannot be used|[Nn]o such|no device'
  quote 'status' /tmp/said
  echo 'CT host attach'
  check 'the commit comes by itself once it is there' within 75 is_saved
}
late_check() { check 'the next boot has the change' is_state late; }

readonly_make() {
  settings LBUD_AUTO=no
  before=$(mounted_as)
  change readonly
  check 'the media is read-only before' is_read_only
  check 'a commit' commit
  check 'the media is as it was' test "$(mounted_as)" = "$before"
}
readonly_check() {
  check 'the next boot has the change' is_state readonly
  check 'the media is read-only' is_read_only
}

full_make() {
  settings LBUD_IDLE=600
  change before
  commit || failed 'the commit before'
  mount -o remount,rw "$media"
  dd if=/dev/zero of="$media/filler" bs=4096 2>/dev/null
  sync
  mount -o remount,ro "$media"
  change full 3000000
  check 'no commit' not commit
  quote 'commit says' /tmp/said
  check 'status says so' status_says '^last error: .*(space|full|room)'
}
full_check() {
  check 'the next boot has the snapshot before' is_state before
  mount -o remount,rw "$media"
  rm -f "$media/filler"
  mount -o remount,ro "$media"
  change room
  check 'a commit when there is room' commit
}

# MARK: g: a hold

g_make() {
  settings LBUD_IDLE=1
  change kept
  check 'a change before the hold is saved' within 60 is_saved
  check 'a hold' lbuctl hold -m 'trying out'
  change tried
  check 'status says that it is held, and why' within 10 status_says 'trying out'
  check 'nothing is saved' stays 3 not is_saved
}
g_check() { check 'the next boot is as before the hold' is_state kept; }

# MARK: h: ten boots

# h_make NUMBER
h_make() {
  h_check $(($1 - 1))
  [ "$1" -gt 1 ] || settings LBUD_IDLE=600
  mkdir -p /etc/ten
  echo "$1" >"/etc/ten/$(printf 'n\377 %s' "$1")"
  # One half asks, the other leaves it to the shutdown.
  [ $(($1 % 2)) -eq 0 ] || commit || failed "commit $1"
}

# h_check NUMBER: the changes up to this one are there.
h_check() {
  wanted=0
  while [ "$wanted" -lt "$1" ]; do
    wanted=$((wanted + 1))
    [ "$(cat "/etc/ten/$(printf 'n\377 %s' "$wanted")" 2>/dev/null)" = "$wanted" ] || {
      failed "boot $1 has the change of boot $wanted"
      return
    }
  done
  passed "after $1 boots all $1 changes are there"
}

# MARK: i: lbud is killed

i_make() {
  settings LBUD_IDLE=2
  for round in 1 2; do
    change "i$round"
    victim=$(pidof lbud)
    kill -9 "$victim"
    check "$round: another lbud comes" within 30 is_another "$victim"
    check "$round: it knows what is unsaved" status_says '^unsaved: [1-9]'
    check "$round: it saves that" within 60 is_saved
  done
}
is_another() { [ "$(pidof lbud)" != "$1" ] && answers; }
i_check() { check 'the next boot has the last change' is_state i2; }

# MARK: j: a commit that nobody confirms

j_make() {
  settings LBUD_IDLE=600
  change j1
  check 'the commit before' commit
  change j2
  lbuctl commit --confirm 60 --reboot >/tmp/said 2>&1 || failed 'the commit that is to be confirmed'
  quote 'commit says' /tmp/said
  echo 'CT host committed'
}
j_wait() {
  check 'the next boot has what is to be confirmed' is_state j2
  check 'status says that it is to be confirmed' status_says '^to be confirmed within'
  quote 'status' /tmp/said
  # Of what it does in the end nobody can tell but the console.
  tail -f /var/log/lbud.log | sed 's/^/CT info j-unconfirmed log: /' &
}
j_check() {
  check 'the boot after that has the snapshot before' is_state j1
  check 'nothing is to be confirmed any more' not status_says '^to be confirmed'
  check 'the unconfirmed one is kept' test "$(snapshots)" -ge 2
}
