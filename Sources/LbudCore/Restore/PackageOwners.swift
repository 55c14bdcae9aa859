/// Which packages brought some files, by `lib/apk/db/installed` (`P:`, `F:` and `R:` lines).
package enum PackageOwners {
  package static func names(of paths: Set<BytePath>, in database: [UInt8]) -> [BytePath: String] {
    var owners: [BytePath: String] = [:]
    var package: ArraySlice<UInt8> = []
    var directory: BytePath?
    let directories = Set(paths.map(\.parent))
    for line in database.split(separator: UInt8(ascii: "\n")) where line.count >= 2 && line[line.startIndex + 1] == 58 {
      let value = line.dropFirst(2)
      switch line.first {
      case UInt8(ascii: "P"): (package, directory) = (value, nil)
      case UInt8(ascii: "F"):
        let path = BytePath(normalizing: value)
        directory = directories.contains(path) ? path : nil
      case UInt8(ascii: "R"):
        if let path = directory?.appending(value), paths.contains(path) { owners[path] = displayText(of: package) }
      default: break
      }
    }
    return owners
  }
}
