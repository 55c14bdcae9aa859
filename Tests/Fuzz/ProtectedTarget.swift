import LbudCore

/// The protected paths, and what they say about any path: followed down the tree, and matched from the root.
let protected = Target(name: "protected", longest: 1024) { bytes in
  var input = Input(bytes)
  let name = input.byte() & 1 == 0 ? "lbu.list" : "more.list"
  let path = BytePath(normalizing: input.upTo(0))
  let content = input.bytes
  let paths = ProtectedPaths(lists: [.init(name: Array(name.utf8), content: content)])
  let lines = content.split(separator: UInt8(ascii: "\n")).filter { $0.first != UInt8(ascii: "#") }
  // Three are apk's own.
  expectEqual(paths.rules.count, lines.count + 3, "a rule a line")
  expect(paths.problems.count <= lines.count, "no more than one problem a line")
  expect(paths.rules.allSatisfy { !$0.components.isEmpty }, "a rule has a component")
  expect(paths.included.isEmpty || name == "lbu.list", "only lbu's list includes")

  // Two lists in a row are one.
  if let middle = content.lastIndex(of: UInt8(ascii: "\n")) {
    let halves = [content[..<middle], content[(middle + 1)...]]
    let both = ProtectedPaths(lists: halves.map { .init(name: Array(name.utf8), content: Array($0)) })
    expectEqual(both.rules, paths.rules, "the rules of a list in two")
    expectEqual(both.included, paths.included, "what a list in two includes")
  }

  guard !path.isRoot, !path.bytes.contains(0) else { return }
  let directory = Scope(paths).directory(at: path.parent)
  expectEqual(directory.mode, mode(of: path.parent, paths), "the mode of a directory")
  let file = path.isTopLevel ? .none : lastRule(for: path, paths)?.mode ?? mode(of: path.parent, paths)
  expectEqual(directory.mode(ofFile: path.name), file, "the mode of a file")
}

/// That of the last rule that matches the whole path; else its parent's.
private func mode(of directory: BytePath, _ paths: ProtectedPaths) -> ProtectMode {
  guard !directory.isRoot else { return .none }
  return lastRule(for: directory, paths)?.mode ?? mode(of: directory.parent, paths)
}

private func lastRule(for path: BytePath, _ paths: ProtectedPaths) -> ProtectedPaths.Rule? {
  let names = path.components
  return paths.rules.last { rule in
    rule.components.count == names.count && zip(rule.components, names).allSatisfy { $0.matches($1) }
  }
}
