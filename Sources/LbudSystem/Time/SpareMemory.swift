import CLbud

/// Memory that lbud has used for a while and holds for the next time.
package enum SpareMemory {
  /// Gives it back to the kernel. For the end of work that does not come again soon: a box in diskless mode has its files in
  /// memory, too.
  package static func giveBack() { clbud_trim_memory() }
}
