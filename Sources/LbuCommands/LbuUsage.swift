import LbudProtocol

/// What lbu says of itself. Scripts look for the line that begins with `usage:`.
enum LbuUsage {
  static func text(_ verb: LbuArguments.Verb?) -> String {
    "lbu \(lbudVersion) (lbud)\n" + (verb.map(about) ?? overview)
  }

  private static let overview = """
    Save what a diskless box would lose at a reboot.

    usage: lbu <subcommand> [options] [args]

    Subcommands:
      commit (ci)            save to the media
      diff                   show what has changed since, line by line
      exclude (ex, delete)   leave files out
      include (inc, add)     take files in
      list (ls)              show what would be saved
      list-backup (lb)       show the old snapshots
      package (pkg)          save to a file
      revert                 boot an old snapshot next
      status (stat, st)      show what has changed since

    Options of all:
      -h  show the help of a subcommand
      -q  say less
      -v  say more

    """

  private static func about(_ verb: LbuArguments.Verb) -> String {
    switch verb {
    case .commit: commit
    case .diff:
      """
      Show what has changed since the last commit, line by line. Exits with 1 where anything has.

      usage: lbu diff [<media>]

      """
    case .exclude: editing("exclude|ex|delete", "exclude", "Leave files out of what is saved.")
    case .include: editing("include|inc|add", "include", "Take files into what is saved.")
    case .list:
      """
      List the files that would be saved.

      usage: lbu list|ls

      """
    case .listBackup:
      """
      List the old snapshots on the media.

      usage: lbu list-backup|lb [<media>]

      """
    case .package: package
    case .revert:
      """
      Have an old snapshot boot next, one of those that lbu list-backup shows. lbud saves nothing by itself until then, or
      until it is asked to.

      usage: lbu revert <revision> [<media>]

      """
    case .status:
      """
      Show what has changed since the last commit: A for added, D for deleted, U for updated.

      usage: lbu status|st [-av] [<media>]

      Options:
        -a  compare with what the packages have brought
        -v  show what is included and excluded too

      """
    }
  }

  private static let commit = """
    Save what has changed to the media.

    usage: lbu commit|ci [-denv] [-p <password>] [<media>]

    Options:
      -d             remove other boxes' overlays, once this one's snapshot is safe
      -e             encrypt it, by ENCRYPTION or else DEFAULT_CIPHER
      -n             save nothing, show what would be saved
      -p <password>  of the encryption; everybody can read it in the list of processes
      -v             say what is done

    <media> is the name of a directory in /media. Where none is given it is LBU_MEDIA; where LBU_BACKUPDIR is set it is that
    directory, and nothing is mounted. These, BACKUP_LIMIT, ENCRYPTION and PASSWORD are taken from /etc/lbu/lbu.conf, or
    else from the environment. For the names of ciphers: openssl list -cipher-commands

    """

  private static let package = """
    Save to a file.

    usage: lbu package|pkg [-ev] [-p <password>] [<directory>|<file>|-]

    Options:
      -e             encrypt it, by ENCRYPTION or else DEFAULT_CIPHER
      -p <password>  of the encryption; everybody can read it in the list of processes
      -v             say what is done

    In a directory, or where nothing is given in the present one, it is called HOST.apkovl.tar.gz. With - it goes to
    standard output, and is not encrypted.

    """

  private static func editing(_ names: String, _ verb: String, _ summary: String) -> String {
    """
    \(summary) They are listed in /etc/apk/protected_paths.d/lbu.list.

    usage: lbu \(names) [-rv] <file> ...
           lbu \(names) [-v] -l

    Options:
      -l  show the list
      -r  take files out of the \(verb) list
      -v  say what is done

    """
  }
}
