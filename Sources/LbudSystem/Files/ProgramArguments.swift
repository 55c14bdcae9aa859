import CLbud

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The program's arguments as the bytes they are, its name the first of them.
package enum ProgramArguments {
  package static func from(_ start: Int) -> [[UInt8]] {
    (start..<max(start, Int(clbud_argument_count()))).compactMap { index in
      clbud_argument(Int32(index)).map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
  }

  /// Takes all but the program's name out of the process list, where everybody can read them. What `from` has returned stays.
  package static func erase() {
    for index in 1..<max(1, clbud_argument_count()) { clbud_erase_argument(index) }
  }
}
