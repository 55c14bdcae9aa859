# shellcheck shell=sh
# One function for each behaviour, named as in alpine-conf tests/lbu_test. Each is called in a fresh root; `lbu` calls the
# link there, with ROOT set, as an administrator of a root would.
# shellcheck disable=SC2154 # root, work, code, host are the caller's
# shellcheck disable=SC2034 # behaviours is the caller's
# shellcheck disable=SC2329 # the behaviours are called by name

behaviours='usage include_usage inc_usage add_usage add_delete commit_usage ci_usage exclude_usage ex_usage delete_usage
  diff_usage list_usage ls_usage list_backup_usage lb_usage package_usage pkg_usage revert_usage status_usage stat_usage
  st_usage package package_encrypted package_pre_post_hooks commit commit_backup commit_delete_old commit_dryrun
  commit_encrypted revert_basic revert_file_not_found revert_no_media status_no_changes status_added status_deleted
  status_updated status_all_default exclude_add exclude_remove exclude_existing exclude_remove_nonexistent exclude_list
  include_list list_basic root_files listbackup_basic listbackup_no_media'

# A root with two files that a package has brought and somebody has changed, and no settings.
make_lbu_root() {
  roots=$((roots + 1))
  root=$work/lbu$roots
  mkdir -p "$root/etc" "$root/lib/apk/db" "$root/backup"
  printf 'P:alpine-baselayout\nF:etc\nR:hosts\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nR:localtime\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n' \
    >"$root/lib/apk/db/installed"
  echo 'hosts content' >"$root/etc/hosts"
  echo 'localtime content' >"$root/etc/localtime"
  list=$root/etc/apk/protected_paths.d/lbu.list
  current=$root/backup/$host.apkovl.tar.gz
}

# lbu [NAME=VALUE...] [-- ARGUMENT...]: called in the root.
lbu() {
  code=0
  (
    cd "$root" || exit 99
    while [ $# -gt 0 ]; do
      case $1 in
        *=*) export "${1?}" && shift ;;
        *) break ;;
      esac
    done
    export ROOT="$root"
    exec timeout $((60 * patience)) "$LBUD_BIN/lbu" "$@"
  ) >"$work/out" 2>"$work/err" </dev/null || code=$?
}

# gives CODE: how it ended.
gives() {
  [ "$code" -eq "$1" ] && return 0
  show "$work/out"
  show "$work/err"
  fail "it ends with $code, expected $1"
}

# says out|err PATTERN: the stream has a line that matches, or is empty where there is no pattern.
says() {
  if [ $# -eq 1 ]; then
    [ ! -s "$work/$1" ] || {
      show "$work/$1"
      fail "its $1 is not empty"
    }
    return 0
  fi
  grep -aqE -e "$2" "$work/$1" || {
    show "$work/out"
    show "$work/err"
    fail "its $1 has no line like: $2"
  }
}

# members [FILE]: the names in an archive.
members() { tar -tzf "${1:-$current}"; }

# keeps NAME...: the current snapshot has these members.
keeps() {
  members >"$work/members" || fail 'the snapshot cannot be listed'
  for member; do
    grep -qxF -e "$member" "$work/members" || {
      show "$work/members"
      fail "the snapshot lacks $member"
    }
  done
}

# saved NAME=CONTENT...: a snapshot of lbu's, made by tar, with names that begin with "./".
saved() {
  mkdir -p "$root/committed/etc"
  for pair; do printf '%s\n' "${pair#*=}" >"$root/committed/etc/${pair%%=*}"; done
  tar -czf "$current" -C "$root/committed" .
  rm -r "$root/committed"
}

# helps NAME VERB: -h shows the usage and is a success, a wrong option shows it on standard error and is none.
helps() {
  # shellcheck disable=SC2086 # no name: lbu itself
  lbu $1 -h
  gives 0
  says out "^usage: lbu${2:+ $2}"
  says err
  # shellcheck disable=SC2086
  lbu $1 -INVALID
  gives 1
  says out
  says err "^usage: lbu${2:+ $2}"
}

behaves_usage() {
  helps '' ''
  lbu
  gives 1
  says err '^usage: lbu'
  lbu nonsense
  gives 1
  says out
  says err '^usage: lbu'
}
behaves_include_usage() { helps include include; }
behaves_inc_usage() { helps inc include; }
behaves_add_usage() { helps add include; }
behaves_commit_usage() { helps commit commit; }
behaves_ci_usage() { helps ci commit; }
behaves_exclude_usage() { helps exclude exclude; }
behaves_ex_usage() { helps ex exclude; }
behaves_delete_usage() { helps delete exclude; }
behaves_diff_usage() { helps diff diff; }
behaves_list_usage() { helps list list; }
behaves_ls_usage() { helps ls list; }
behaves_list_backup_usage() { helps list-backup list-backup; }
behaves_lb_usage() { helps lb list-backup; }
behaves_package_usage() { helps package package; }
behaves_pkg_usage() { helps pkg package; }
behaves_revert_usage() { helps revert revert; }
behaves_status_usage() { helps status status; }
behaves_stat_usage() { helps stat status; }
behaves_st_usage() { helps st status; }

behaves_add_delete() {
  mkdir -p "$root/root/.ssh"
  lbu add -v root/.ssh
  gives 0
  says out "^Adding root/.ssh to .*/lbu.list\\.$"
  says err
  grep -qxF -e '+root/.ssh' "$list" || fail 'it is not in the list'
  lbu delete -v root/.ssh
  gives 0
  says out "^Removing root/.ssh from .*/lbu.list\\.$"
  says err
  equal 'the list' '-root/.ssh' "$(cat "$list")"
}

behaves_package() {
  lbu package
  gives 0
  says out
  says err
  members "$root/$host.apkovl.tar.gz" >"$work/members"
  grep -qx etc/hosts "$work/members" || fail 'it lacks etc/hosts'
  grep -qx etc/localtime "$work/members" || fail 'it lacks etc/localtime'
  # To a directory, to a file, to standard output, to a device.
  mkdir "$root/there"
  lbu pkg -v there
  gives 0
  says out "^Created there/$host.apkovl.tar.gz$"
  lbu pkg my.tar.gz
  gives 0
  members "$root/my.tar.gz" | grep -qx etc/hosts || fail 'my.tar.gz lacks etc/hosts'
  lbu pkg -
  gives 0
  members "$work/out" | grep -qx etc/hosts || fail 'standard output lacks etc/hosts'
  lbu pkg -v /dev/null
  gives 0
  says err '^etc/hosts$'
  [ -c /dev/null ] || fail '/dev/null is no device any more'
}

encrypted_settings() {
  mkdir -p "$root/etc/lbu"
  # shellcheck disable=SC2016 # lbu.conf is what is to expand it
  printf '%s\n' DEFAULT_CIPHER=aes-256-cbc 'ENCRYPTION=$DEFAULT_CIPHER' PASSWORD=foobar >"$root/etc/lbu/lbu.conf"
  chmod 600 "$root/etc/lbu/lbu.conf"
}

# decrypted FILE: its members, as the boot loader gets them.
decrypted() { openssl enc -d -aes-256-cbc -in "$1" -pass pass:foobar 2>/dev/null | tar -tz; }

behaves_package_encrypted() {
  encrypted_settings
  lbu package
  gives 0
  [ -e "$root/$host.apkovl.tar.gz.aes-256-cbc" ] || fail 'no encrypted archive was made'
  decrypted "$root/$host.apkovl.tar.gz.aes-256-cbc" | grep -qx etc/hosts || fail 'it lacks etc/hosts'
}

behaves_package_pre_post_hooks() {
  mkdir -p "$root/etc/lbu/pre-package.d" "$root/etc/lbu/post-package.d"
  # shellcheck disable=SC2016 # the hook is what is to expand it
  printf '#!/bin/sh\necho $0\n' >"$root/etc/lbu/pre-package.d/foo.sh"
  chmod +x "$root/etc/lbu/pre-package.d/foo.sh"
  cp "$root/etc/lbu/pre-package.d/foo.sh" "$root/etc/lbu/post-package.d/foo.sh"
  lbu package
  gives 0
  says out
  says err pre-package
  says err post-package
}

behaves_commit() {
  lbu LBU_BACKUPDIR=backup BACKUP_LIMIT=1 commit
  gives 0
  keeps etc/hosts etc/localtime
}

behaves_commit_backup() {
  lbu LBU_BACKUPDIR=backup BACKUP_LIMIT=1 commit
  gives 0
  lbu LBU_BACKUPDIR=backup BACKUP_LIMIT=1 commit
  gives 0
  keeps etc/hosts
  lbu LBU_BACKUPDIR=backup list-backup
  gives 0
  equal 'the backups' 1 "$(grep -cE "^$host\\.[0-9]{14}\\.tar\\.gz$" "$work/out")"
}

behaves_commit_delete_old() {
  touch "$root/backup/old.apkovl.tar.gz" "$root/backup/stale.apkovl.tar.gz"
  lbu LBU_BACKUPDIR=backup BACKUP_LIMIT=1 commit
  gives 1
  says err 'Please use -d to replace'
  [ ! -e "$current" ] || fail 'it saved all the same'
  lbu LBU_BACKUPDIR=backup BACKUP_LIMIT=1 commit -d
  gives 0
  [ ! -e "$root/backup/old.apkovl.tar.gz" ] || fail 'old.apkovl.tar.gz is still there'
  [ ! -e "$root/backup/stale.apkovl.tar.gz" ] || fail 'stale.apkovl.tar.gz is still there'
  keeps etc/hosts
}

behaves_commit_dryrun() {
  lbu LBU_BACKUPDIR=backup BACKUP_LIMIT=1 commit -n
  gives 0
  equal 'what is on the media' '' "$(find "$root/backup" -name '*.apkovl.tar.gz*')"
  says err '^etc/hosts$'
}

behaves_commit_encrypted() {
  encrypted_settings
  lbu LBU_BACKUPDIR=backup BACKUP_LIMIT=1 commit
  gives 0
  [ -f "$current.aes-256-cbc" ] || fail 'no encrypted archive was made'
  decrypted "$current.aes-256-cbc" | grep -qx etc/hosts || fail 'it lacks etc/hosts'
}

behaves_revert_basic() {
  saved hosts=current
  cp "$current" "$work/current"
  saved hosts=revision
  cp "$current" "$work/revision"
  mv "$current" "$root/backup/$host.20250101000000.tar.gz"
  cp "$work/current" "$current"
  lbu LBU_BACKUPDIR=backup revert -v "$host.20250101000000.tar.gz"
  gives 0
  says out "^Reverting to $host.20250101000000.tar.gz$"
  says err
  cmp -s "$current" "$work/revision" || fail 'the revision is not the current one'
  [ ! -e "$root/backup/$host.20250101000000.tar.gz" ] || fail 'the revision was not moved'
  lbu LBU_BACKUPDIR=backup list-backup
  gives 0
  equal 'the backups' 1 "$(wc -l <"$work/out")"
  cmp -s "$root/backup/LBUD/$(cat "$work/out")" "$work/current" || fail 'the backup is not what was current'
}

behaves_revert_file_not_found() {
  saved hosts=current
  cp "$current" "$work/current"
  lbu LBU_BACKUPDIR=backup revert nonexistent.tar.gz
  gives 1
  says out
  says err 'file not found'
  cmp -s "$current" "$work/current" || fail 'the current one was touched'
}

behaves_revert_no_media() {
  lbu revert somefile
  gives 1
  says out
  says err 'usage.*revert'
}

behaves_status_no_changes() {
  saved 'hosts=hosts content' 'localtime=localtime content'
  chmod 755 "$root/etc"
  lbu LBU_BACKUPDIR=backup status
  gives 0
  says out
  says err
}

behaves_status_added() {
  saved 'hosts=hosts content'
  lbu LBU_BACKUPDIR=backup status
  gives 0
  says err
  equal 'its output' 'A etc/localtime' "$(cat "$work/out")"
}

behaves_status_deleted() {
  saved 'hosts=hosts content' 'localtime=localtime content' 'extra=extra content'
  lbu LBU_BACKUPDIR=backup status
  gives 0
  says err
  equal 'its output' 'D etc/extra' "$(cat "$work/out")"
}

behaves_status_updated() {
  saved 'hosts=old hosts content' 'localtime=localtime content'
  # Older than what is saved: lbu passes over that.
  touch -t 202001010000 "$root/etc/hosts"
  lbu LBU_BACKUPDIR=backup status
  gives 0
  says err
  equal 'its output' 'U etc/hosts' "$(cat "$work/out")"
}

behaves_status_all_default() {
  lbu status -a
  gives 0
  says out '^U etc/hosts$'
  says out '^U etc/localtime$'
  says err
}

behaves_exclude_add() {
  lbu exclude -v etc/hosts
  gives 0
  says out '^Adding etc/hosts to '
  says err
  equal 'the list' -etc/hosts "$(cat "$list")"
  lbu list
  says out '^etc/localtime$'
  ! grep -qx etc/hosts "$work/out" || fail 'it is saved all the same'
}

listed() {
  mkdir -p "${list%/*}"
  printf '%s' "$1" >"$list"
}

behaves_exclude_remove() {
  listed '-etc/hosts
'
  lbu exclude -r -v etc/hosts
  gives 0
  says out '^Removing etc/hosts from '
  says err
  equal 'the list' '' "$(cat "$list")"
}

behaves_exclude_existing() {
  listed '-etc/hosts
'
  lbu exclude -v etc/hosts
  gives 0
  says out '^etc/hosts is already in '
  says err
  equal 'the list' -etc/hosts "$(cat "$list")"
}

behaves_exclude_remove_nonexistent() {
  listed ''
  lbu exclude -r -v etc/hosts
  gives 0
  says out '^etc/hosts is not in '
  says err
}

behaves_exclude_list() {
  listed '+etc/hosts
-etc/localtime
'
  lbu exclude -l -v
  gives 0
  says err
  equal 'its output' 'Exclude files: etc/localtime' "$(tr '\n' ' ' <"$work/out" | sed 's/ $//')"
}

behaves_include_list() {
  listed '+etc/hosts
-etc/localtime
'
  lbu include -l -v
  gives 0
  says err
  equal 'its output' 'Include files: etc/hosts' "$(tr '\n' ' ' <"$work/out" | sed 's/ $//')"
}

behaves_list_basic() {
  lbu list
  gives 0
  says out '^etc/hosts$'
  says out '^etc/localtime$'
  says err
}

behaves_root_files() {
  touch "$root/foo.txt" "$root/.gitignore"
  mkdir "$root/targetdir"
  ln -s targetdir "$root/linkdir"
  lbu add /foo.txt /.gitignore /linkdir
  gives 0
  says err
  lbu list
  gives 0
  for name in foo.txt '\.gitignore' linkdir; do says out "^$name$"; done
  says err
  lbu package
  gives 0
  says out
  says err
  members "$root/$host.apkovl.tar.gz" | tail -n 3 | sort >"$work/last"
  # apk stops at the first name without a slash.
  printf '%s\n' .gitignore foo.txt linkdir | cmp -s - "$work/last" || fail 'they are not the last ones'
}

behaves_listbackup_basic() {
  touch "$root/backup/$host.20200101000000.tar.gz" "$root/backup/$host.99991231235959.tar.gz"
  lbu LBU_BACKUPDIR=backup list-backup
  gives 0
  says err
  printf '%s\n' "$host.20200101000000.tar.gz" "$host.99991231235959.tar.gz" | cmp -s - "$work/out" ||
    fail "it lists: $(cat "$work/out")"
}

behaves_listbackup_no_media() {
  lbu list-backup
  gives 1
  says out '^usage:'
}
