import CLbud

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What a process holds in memory, a password among it, must not end in a file.
package enum CoreDumps {
  /// Forbids dumps of this process, and those of what it starts. To be called first of all.
  ///
  /// The limit goes on with execve(2). It is one byte, which no file of a dump can keep, and not none, which does not keep the
  /// kernel from handing a dump to a program (core_pattern with a |): one does (fs/coredump.c).
  ///
  /// Where it is root's, only who has all of root's capabilities may look at its memory from then on, or at what it has open
  /// (PR_SET_DUMPABLE, ptrace(2)). Where it is somebody else's, he could read what it reads in any case, and could not look at
  /// his own process any more.
  package static func forbid() {
    // Neither fails, but where the limit is lower already.
    if clbud_limit_core(1) != 0 { _ = clbud_limit_core(0) }
    if geteuid() == 0 { _ = clbud_set_dumpable(0) }
  }
}
