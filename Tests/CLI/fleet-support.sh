# shellcheck shell=sh
# What the tests of LBUD_PUBLISH have in common, beside support.sh and servers/servers.sh. All that lbud says of it stands here.
# shellcheck disable=SC2154 # work, root, servers, log are of support.sh and of servers.sh

# MARK: What lbud says

# is_published URL: status says that the newest snapshot is there.
is_published() {
  lbuctl status
  plain "$work/out" | grep -qxF -e "published: $1 (TIME)"
}

# published URL: waits until it is so.
published() {
  published_url=$1
  wait_until "it is published: $1" is_published "$published_url"
}

# is_refused URL WHY: status says that it is not there, and why; the line behind it says what to do.
is_refused() {
  lbuctl status
  plain "$work/out" >"$work/plain-out"
  grep -qE '^not published: ' "$work/plain-out" || return 1
  grep -A 1 -F -e "degraded: $1: the newest snapshot is not published: $2" "$work/plain-out" | grep -q '^  [^ ]'
}

# not_published URL WHY: waits until status says so, and sees that the log does. WHY is the beginning of what is said.
not_published() {
  refused_url=$1 refused_why=$2
  wait_until "status has: $2" is_refused "$refused_url" "$refused_why"
  logged "not published: $2"
}

# unpublishable SHOWN WHY: the same of an LBUD_PUBLISH that cannot be followed.
unpublishable() {
  refused_url=$1 refused_why=$2
  wait_until "status has: $2" is_refused "$refused_url" "$refused_why"
  logged "nothing is published: LBUD_PUBLISH: $2"
}

# A name that no name server has to be asked for: a part of it is too long.
nameless=$(printf '%064d' 0).invalid

# why MODE: what is said of a server that is so (servers/faulty.py).
why() {
  case $1 in
    401) echo '401, the server wants other credentials' ;;
    403) echo '403, the server forbids it' ;;
    404 | 409) echo "$1, there is no such folder" ;;
    405) echo '405, the server takes no PUT' ;;
    move-405) echo '405, the server takes no MOVE' ;;
    413) echo '413, the snapshot is too large for the server' ;;
    500 | hidden) echo '500, an error of the server' ;;
    503) echo '503, the server has too much to do' ;;
    507 | early-507) echo '507, the server has no space left' ;;
    redirect) echo "301, a redirect to $elsewhere" ;;
    temporary) echo "307, a redirect to $elsewhere" ;;
    cut | close | short) echo 'the server has cut the connection' ;;
    garbage) echo 'the server does not speak HTTP' ;;
    hang | stall) echo 'the server does not answer in time' ;;
    refused) echo 'nobody answers at 127.0.0.1' ;;
    unresolved) echo "$nameless has no address" ;;
    stranger) echo "the server's certificate is not one for localhost that can be trusted: SSL certificate problem: unable to get local issuer certificate" ;;
    other) echo "the server's certificate is not one for localhost that can be trusted: SSL: no alternative certificate subject name matches" ;;
    expired) echo "the server's certificate is not one for localhost that can be trusted: SSL certificate problem: certificate has expired" ;;
    readable) echo '/etc/lbu/publish.curl is not used, since others than root may read it or own it' ;;
    absent) echo '/etc/lbu/other.curl cannot be read: ' ;;
    *) fail "nobody knows what is said of: $1" ;;
  esac
}

# MARK: A box that publishes

# settings LINE...: lbu.conf of a box that saves when asked, and these lines; lbud follows a change of it by itself.
settings() {
  printf '%s\n' LBU_BACKUPDIR=/backup LBUD_AUTO=no LBUD_ON_SHUTDOWN=no "$@" >"$root/etc/lbu/lbu.conf.part"
  mv "$root/etc/lbu/lbu.conf.part" "$root/etc/lbu/lbu.conf"
}

# credentials LINE...: curl's configuration.
credentials() {
  rm -f "$root/etc/lbu/publish.curl"
  (umask 077 && printf '%s\n' "$@" >"$root/etc/lbu/publish.curl")
}

# machine: what the boot loader would find in /sys, in the root: two interfaces, of which the second is up, and a UUID.
mac=52:54:00:12:34:56
uuid=0f0b2c3d-1111-2222-3333-444455556666
machine() {
  for interface in eth0:2:52:54:00:00:00:01:down eth1:3:$mac:up; do
    name=${interface%%:*} rest=${interface#*:}
    folder=$root/sys/class/net/$name
    mkdir -p "$folder/device"
    echo "${rest%%:*}" >"$folder/ifindex"
    echo "${rest##*:}" >"$folder/operstate"
    rest=${rest#*:}
    echo "${rest%:*}" >"$folder/address"
  done
  mkdir -p "$root/sys/class/dmi/id" "$root/proc"
  echo "$uuid" >"$root/sys/class/dmi/id/product_uuid"
  echo 'BOOT_IMAGE=vmlinuz-lts ip=dhcp' >"$root/proc/cmdline"
}

# change: something to save, of which a new snapshot has some 200 kB.
change() { head -c 200000 /dev/urandom >"$root/etc/changed"; }

# fetch URL: what a machine that boots gets, in $work/fetched. The boot loader encodes nothing.
fetch() {
  curl -q -g -sS -f --noproxy '*' --max-time 30 ${ca:+--cacert "$ca"} -o "$work/fetched" "$1" 2>"$work/err" || {
    show "$work/err"
    fail "nobody can fetch $1"
  }
}

# has_newest URL: it is the snapshot on the media, byte by byte.
has_newest() {
  fetch "$1"
  cmp -s "$work/fetched" "$(snapshot)" || fail "$1 is not the newest snapshot"
}

# no_secret WORD...: neither status, in words and in JSON, nor log, journal of commits, or what lbud keeps of its own has the word, nor
# the same in base64 as it stands in a request, nor a control character of a server.
no_secret() {
  {
    for asked in status 'status --json' log; do
      # shellcheck disable=SC2086 # a command with its option
      lbuctl $asked
      cat "$work/out" "$work/err"
    done
    find "$root/run/lbud" -type f -exec cat {} +
    cat "$log"
  } >"$work/shown"
  for word; do
    for form in "$word" "$(printf %s "$word" | base64)"; do
      ! grep -aqF -e "$form" "$work/shown" || fail "it shows the secret: $(grep -aF -e "$form" "$work/shown" | head -n 1)"
    done
  done
  ! grep -aq "$(printf '[\033\007]')" "$work/shown" || fail 'a control character came through'
}
