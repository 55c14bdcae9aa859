import LbudCore

/// The file that `lbu include` edits, which is a person's too: nothing changes but what was asked for.
let lbuList = Target(name: "lbulist", longest: 1024) { bytes in
  var input = Input(bytes)
  let mode: LbuList.Mode = input.byte() & 1 == 0 ? .include : .exclude
  let names = (0..<Int(input.byte() & 3) + 1).map { _ in input.upTo(UInt8(ascii: "\n")) }
  let text = input.bytes
  let list = LbuList(text)
  expectEqual(list.bytes, text, "a list that nobody edited")

  var edited = list
  do {
    let edits = try edited.add(mode, names)
    expectEqual(edits.filter { $0.mode == mode }.count, names.count, "each name's edit")
  } catch {
    return expectEqual(edited, list, "a list after an edit that was refused")
  }
  expectEqual(LbuList(edited.bytes), edited, "an edited list read again")
  for name in names {
    expect(has(edited, mode, name) && !has(edited, opposite(mode), name), "\(name) is in one mode")
  }
  expectEqual(others(edited, names), others(list, names), "the other lines")
  expectRules(of: edited)

  var twice = edited
  let second = try? twice.add(mode, names)
  expectEqual(twice, edited, "the same edit twice")
  expect(
    second?.allSatisfy { $0.outcome == .alreadyThere || $0.outcome == .notThere } ?? false, "nothing is done twice")

  var removed = edited
  _ = removed.remove(mode, names)
  for name in names { expect(!has(removed, mode, name), "\(name) is removed") }
  expectEqual(others(removed, names), others(list, names), "the other lines after a removal")
  var removedTwice = removed
  _ = removedTwice.remove(mode, names)
  expectEqual(removedTwice, removed, "the same removal twice")
}

private func opposite(_ mode: LbuList.Mode) -> LbuList.Mode { mode == .include ? .exclude : .include }

private func has(_ list: LbuList, _ mode: LbuList.Mode, _ name: [UInt8]) -> Bool {
  lines(list).contains { isSame($0, sign: mode.sign, name) }
}

/// Lines that are about none of the names.
private func others(_ list: LbuList, _ names: [[UInt8]]) -> [[UInt8]] {
  lines(list).filter { line in
    !names.contains { isSame(line, sign: UInt8(ascii: "+"), $0) || isSame(line, sign: UInt8(ascii: "-"), $0) }
  }
}

private func lines(_ list: LbuList) -> [[UInt8]] { list.bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) } }

/// But for slashes at either end of a name, and, as lbu has it, blanks at either end of the line.
private func isSame(_ line: [UInt8], sign: UInt8, _ name: [UInt8]) -> Bool {
  [line, trimmed(line)].contains { $0.first == sign && withoutSlashes(Array($0.dropFirst())) == withoutSlashes(name) }
}

private func withoutSlashes(_ name: [UInt8]) -> [UInt8] {
  let isSlash = { (byte: UInt8) in byte == UInt8(ascii: "/") }
  return Array(name.drop(while: isSlash).reversed().drop(while: isSlash).reversed())
}

private func trimmed(_ line: [UInt8]) -> [UInt8] {
  let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  let front = line.drop(while: isBlank)
  return Array(front.prefix((front.lastIndex { !isBlank($0) } ?? front.startIndex - 1) - front.startIndex + 1))
}

/// apk and lbu see the same names in it.
private func expectRules(of list: LbuList) {
  let paths = ProtectedPaths(lists: [.init(name: Array("lbu.list".utf8), content: list.bytes)])
  expectEqual(paths.included, list.entries(.include), "what apk takes for included")
}
