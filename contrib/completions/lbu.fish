# Completion of lbu's subcommands and options, for fish. lbuctl's own comes from: lbuctl --generate-completion-script=fish
set -l commit commit ci
set -l edit exclude ex delete include inc add
set -l package package pkg
set -l status_verbs status stat st
set -l media $commit diff list-backup lb $status_verbs

complete -c lbu -f
complete -c lbu -n __fish_use_subcommand -a commit -d 'save to the media'
complete -c lbu -n __fish_use_subcommand -a diff -d 'show what has changed since, line by line'
complete -c lbu -n __fish_use_subcommand -a exclude -d 'leave files out'
complete -c lbu -n __fish_use_subcommand -a include -d 'take files in'
complete -c lbu -n __fish_use_subcommand -a list -d 'show what would be saved'
complete -c lbu -n __fish_use_subcommand -a list-backup -d 'show the old snapshots'
complete -c lbu -n __fish_use_subcommand -a package -d 'save to a file'
complete -c lbu -n __fish_use_subcommand -a revert -d 'boot an old snapshot next'
complete -c lbu -n __fish_use_subcommand -a status -d 'show what has changed since'
complete -c lbu -s h -d 'show a help'
complete -c lbu -s q -d 'say less'
complete -c lbu -s v -d 'say more'
complete -c lbu -n "__fish_seen_subcommand_from $commit" -s d -d 'remove other overlays'
complete -c lbu -n "__fish_seen_subcommand_from $commit" -s n -d 'save nothing'
complete -c lbu -n "__fish_seen_subcommand_from $commit $package" -s e -d 'encrypt it'
complete -c lbu -n "__fish_seen_subcommand_from $commit $package" -s p -x -d 'the password'
complete -c lbu -n "__fish_seen_subcommand_from $edit" -s l -d 'show the list'
complete -c lbu -n "__fish_seen_subcommand_from $edit" -s r -d 'take files out of the list'
complete -c lbu -n "__fish_seen_subcommand_from $edit $package" -F
complete -c lbu -n "__fish_seen_subcommand_from $status_verbs" -s a -d 'compare with the packages'
complete -c lbu -n "__fish_seen_subcommand_from $media" -a '(path basename /media/* 2>/dev/null)'
