# shellcheck shell=dash
# In the guest: what contrib/crashtest orders.

# What was written goes to the disk by itself within a second or two, not half a minute, so that what a real box's
# background writes do between two commits is in the log as well.
echo 50 >/proc/sys/vm/dirty_writeback_centisecs
echo 100 >/proc/sys/vm/dirty_expire_centisecs

# record NAME TYPE SECTORS PROCEDURE STEPS
record() {
  /record.sh "$(device "$1")" "$2" "$3" "$4" "$5" || echo "CT error: recording $1 fails with $?"
}

# judge NAME TYPE SECTORS GRAIN SEED SAMPLES RESTARTS
judge() {
  base=$(device "$1") && log=$(device "$1.log") || return
  began=$(cut -d ' ' -f 1 /proc/uptime)
  /bin/judge "$1" "$base" "$log" "$3" "$2" "$4" "$5" "$6" "$7" || echo "CT error: judging $1 fails with $?"
  echo "CT time $1 $began $(cut -d ' ' -f 1 /proc/uptime)"
}
