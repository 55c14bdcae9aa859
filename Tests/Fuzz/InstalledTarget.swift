import FoundationEssentials
import LbudCore

/// apk's database of what is installed: a file that a power cut can tear anywhere.
let installed = Target(name: "installed", longest: 2048) { bytes in
  let database = InstalledDatabase(parsing: bytes)
  // Eight complaints, and once each of the letters that nobody knows.
  expect(database.problems.count <= 8 + 256, "the complaints are few")

  let etc = BytePath("etc")
  let kept = InstalledDatabase(parsing: bytes) { $0.isInside(etc) }
  expect(kept.files.keys.allSatisfy { $0.isInside(etc) }, "only what is asked for is kept")
  expect(kept.files.keys.allSatisfy { database.files[$0] != nil }, "what is kept is there without asking")
  expectEqual(kept.directories, database.directories.filter { $0.key.isInside(etc) }, "the directories that are kept")

  let again = InstalledDatabase(parsing: written(database))
  expectEqual(again.directories, database.directories, "the directories written again")
  expectEqual(again.files, database.files.filter { isOrdinary($0.key, in: database) }, "the files written again")
  expect(again.problems.isEmpty, "what is written again is well-formed: \(again.problems)")

  for (path, file) in database.files {
    expect(file.permissions.mode <= 0o7777, "a mode has permission bits only")
    expect(file.digest.map { $0.bytes.count == 20 } ?? true, "a digest has 20 bytes")
    _ = file.reason(
      kind: .file, digest: file.digest, attributes: file.attributes,
      permissions: database.directories[path] ?? file.permissions)
  }
}

/// Whether its name is one, and stands in the directory that it belongs to: what apk writes.
private func isOrdinary(_ path: BytePath, in database: InstalledDatabase) -> Bool {
  BytePath(normalizing: path.bytes) == path && !path.name.isEmpty && database.directories[path.parent] != nil
}

/// Every file and every directory as a package of its own; all are of one name, so that the last word on a directory counts.
private func written(_ database: InstalledDatabase) -> [UInt8] {
  var lines: [[UInt8]] = []
  func line(_ letter: String, _ value: [UInt8]) { lines.append(Array("\(letter):".utf8) + value) }
  func permissions(_ permissions: InstalledDatabase.Permissions) -> String {
    "\(permissions.uid):\(permissions.gid):\(String(permissions.mode, radix: 8))"
  }
  for (path, file) in database.files where isOrdinary(path, in: database) {
    let isCut = file.digest?.kind == .sha256Cut
    line("P", Array("a".utf8))
    line("f", Array("\(isCut ? "S" : "")\(file.ignoresAttributes ? "x" : "")-".utf8))
    line("F", path.parent.bytes)
    line("R", path.name)
    let attributes = file.attributes.bytes
    let kind = attributes.count == 20 ? "Q1" : "Q2"
    let ending = attributes.isEmpty ? "" : ":\(kind)\(Data(attributes).base64EncodedString())"
    line("a", Array((permissions(file.permissions) + ending).utf8))
    if let digest = file.digest { line("Z", Array("Q1\(Data(digest.bytes).base64EncodedString())".utf8)) }
    lines.append([])
  }
  for (path, owned) in database.directories {
    line("P", Array("a".utf8))
    line("F", path.bytes)
    line("M", Array(permissions(owned).utf8))
    lines.append([])
  }
  return lines.flatMap { $0 + [UInt8(ascii: "\n")] }
}
