# shellcheck shell=dash disable=SC2119 # what is given to functions is for some calls alone
# fstab says LABEL=, and there are two such disks.
# shellcheck source=contrib/mediatest.d/verbs.sh
. /verbs.sh

# same_label DISK OTHER
same_label() {
  scenario='two disks with one label'
  first=$(device "$1") second=$(device "$2")
  box
  fstab "LABEL=LBUDTEST $media vfat noauto,ro 0 0"
  start || return
  change 1
  check 'no commit' not commit
  quote 'commit says' /tmp/commit
  check 'the first is named' says /tmp/commit "$first"
  check 'the second is named' says /tmp/commit "$second"
  check 'nothing is mounted' is_state none
  pull "$2"
  check 'a commit when one of them is gone' commit
  check 'the snapshot is there' has "$1" 1
  stop
}
