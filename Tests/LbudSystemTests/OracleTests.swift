import FoundationEssentials
import Glibc
import LbudCore
import LbudSystem
import LbudTestSupport
import Testing

/// What the real `apk audit` said of random roots (apk-tools 3.0.6).
@Suite struct OracleTests {
  @Test(.enabled(if: geteuid() == 0, "needs root to set owners"), arguments: OracleCase.all)
  func agreesWithApk(_ oracle: OracleCase) throws {
    let directory = TemporaryDirectory()
    oracle.build(in: directory.path)
    let root = try RootDirectory(path: directory.path)
    var control = ControlFiles(root: root)
    let loaded = control.load()
    let tree = try OverlayTree(root: root, selection: loaded.selection)
    var journal = Journal()
    try tree.rescan(into: &journal, at: Instant(nanoseconds: 0))
    try tree.update(&journal, at: Instant(nanoseconds: 0))

    let audit = tree.entries.filter { $0.reason != .included }.map { [$0.reason.letter, UInt8(ascii: " ")] + $0.name }
    #expect(Set(audit.map(percentEncoded)) == Set(oracle.audit.map { percentEncoded(percentDecoded($0)) }))
    #expect(audit.count == oracle.audit.count)
    let list = tree.entries.map(\.name)
    #expect(Set(list.map(percentEncoded)) == Set(oracle.list.map { percentEncoded(percentDecoded($0)) }))
    #expect(list.count == Set(oracle.list).count)
    #expect(Set(journal.changes.keys) == Set(tree.entries.map(\.path)))
  }

  @Test func allCasesAreThere() {
    #expect(OracleCase.all.count == 120)
  }
}

struct OracleCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Entry: Decodable, Sendable {
    var path: String
    var type: String
    var mode: String
    var uid: UInt32
    var gid: UInt32
    var content: String?
    var target: String?
    var xattrs: [String: String]?
  }

  var name: String
  var installed: String
  var tree: [Entry]
  var audit: [String]
  var list: [String]

  var testDescription: String { name }

  static let all: [OracleCase] = {
    guard let directory = try? RootDirectory(path: #filePath.replacing("/OracleTests.swift", with: "/Fixtures")),
      let text = try? directory.read(BytePath("audit-random.jsonl"), limit: 16 << 20)
    else { return [] }
    return text.split(separator: UInt8(ascii: "\n")).compactMap { line in
      do { return try JSONDecoder().decode(OracleCase.self, from: Data(line)) } catch {
        print("a case that cannot be read: \(error)")
        return nil
      }
    }
  }()

  func build(in base: String) {
    let builder = TreeBuilder(base)
    for entry in tree {
      let path = BytePath(bytes: percentDecoded(entry.path))
      let mode = mode_t(entry.mode, radix: 8) ?? 0
      switch entry.type {
      case "dir": builder.directory(path)
      case "file": builder.file(path, percentDecoded(entry.content ?? ""))
      case "symlink": builder.symlink(path, to: percentDecoded(entry.target ?? ""))
      case "fifo": builder.fifo(path)
      default: Issue.record("unknown type \(entry.type)")
      }
      for (name, value) in entry.xattrs ?? [:] {
        #expect(builder.attribute(path, name, percentDecoded(value)), "setxattr \(path): errno \(errno)")
      }
      builder.owner(path, uid: entry.uid, gid: entry.gid)
      if entry.type != "symlink" { builder.mode(path, mode) }
    }
    builder.file(InstalledDatabase.path, percentDecoded(installed))
  }
}

func percentDecoded(_ text: String) -> [UInt8] {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
      bytes.append(value)
      rest = rest.dropFirst(2)
    } else {
      bytes.append(byte)
    }
  }
  return bytes
}

func percentEncoded(_ bytes: [UInt8]) -> String {
  bytes.map {
    (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "%") ? String(UnicodeScalar($0)) : "%" + hexadecimal($0)
  }
  .joined()
}
