import CLbud

/// What a process holds in memory, a password among it, must not end in a file.
package enum CoreDumps {
  /// Forbids dumps of this process, and those of what it starts. To be called first of all.
  ///
  /// Nobody but root may look at its memory from then on either, nor at what it has open (PR_SET_DUMPABLE, ptrace(2)). That
  /// ends with execve(2), where the limit goes on. The limit is one byte, which no file of a dump can keep, and not none,
  /// which does not keep the kernel from handing a dump to a program (core_pattern with a |): one does (fs/coredump.c).
  package static func forbid() {
    // Neither fails, but where the limit is lower already.
    if clbud_limit_core(1) != 0 { _ = clbud_limit_core(0) }
    _ = clbud_set_dumpable(0)
  }
}
