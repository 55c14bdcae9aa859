# shellcheck shell=bash
# Completion of lbu's subcommands and options, for bash. lbuctl's own comes from: lbuctl --generate-completion-script=bash
_lbu() {
  local word=${COMP_WORDS[COMP_CWORD]} verb='' index options=''
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case ${COMP_WORDS[index]} in
      -*) ;;
      *) verb=${COMP_WORDS[index]} && break ;;
    esac
  done
  case $verb in
    '') options='commit diff exclude include list list-backup package revert status' ;;
    commit | ci) options='-d -e -n -p' ;;
    exclude | ex | delete | include | inc | add) options='-l -r' ;;
    package | pkg) options='-e -p' ;;
    status | stat | st) options='-a' ;;
  esac
  case $verb:$word in
    :-* | *:-*) [ -n "$verb" ] || options='' && options="$options -h -q -v" ;;
    exclude:* | ex:* | delete:* | include:* | inc:* | add:* | package:* | pkg:*)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    :*) ;;
    *) options=$(cd /media 2>/dev/null && printf '%s\n' *) ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
}
complete -F _lbu lbu
