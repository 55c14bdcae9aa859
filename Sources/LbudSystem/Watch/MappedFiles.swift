import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Files that some process has mapped so that it can write into them.
enum MappedFiles {
  /// Their paths, as the kernel shows them to this process (proc_pid_maps(5)). A process that ends meanwhile has none any
  /// more; without /proc there are none.
  static func all() -> Set<[UInt8]> {
    let processes = Descriptor(owning: systemOpen("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    guard let names = try? processes.list(path: BytePath("proc")) else { return [] }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { buffer.deallocate() }
    var paths: Set<[UInt8]> = []
    for name in (0..<names.count).lazy.map({ names[$0] }) where name.allSatisfy(digits.contains) {
      read(openat(processes.raw, cString(name + Array("/maps".utf8)), O_RDONLY | O_CLOEXEC), buffer) {
        paths.insert($0)
      }
    }
    return paths
  }

  private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

  private static func read(_ raw: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ found: ([UInt8]) -> Void) {
    guard raw >= 0 else { return }
    let file = Descriptor(owning: raw)
    var held = 0
    while true {
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[held...])
      // A path is 4 KiB at most: a line always fits.
      guard let count = try? file.read(into: room, path: ""), count > 0 else { return }
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<(held + count)])
      var start = 0
      while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
        if let path = path(in: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) { found(path) }
        start = end + 1
      }
      held = bytes.count - start
      guard held < buffer.count else { return }
      UnsafeMutableRawBufferPointer(rebasing: buffer[..<held]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[start...]))
    }
  }

  /// The path of a line of maps that tells of a shared mapping to write into a file:
  /// `7f2c…-7f2c… rw-s 00000000 fe:00 1234      /etc/some.db`. The kernel writes a newline as `\012`.
  /// - Returns: nil for all other lines.
  static func path(in line: UnsafeRawBufferPointer) -> [UInt8]? {
    guard let space = line.firstIndex(of: UInt8(ascii: " ")), line.count > space + 5,
      line[space + 2] == UInt8(ascii: "w"), line[space + 4] == UInt8(ascii: "s"),
      let slash = line[space...].firstIndex(of: BytePath.separator)
    else { return nil }
    return decodingOctalEscapes(line[slash...])
  }
}
