import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

@Suite struct EntryListTests {
  private func roundTrip(_ entries: [SelectedEntry]) {
    let list = EntryList(entries)
    #expect(Array(list) == entries)
    #expect(list.count == entries.count)
    // Each time from the beginning.
    #expect(Array(list) == entries)
  }

  @Test func whatIsTakenIsGivenBack() {
    roundTrip([])
    let kinds: [FileKind] = [.file, .directory, .symlink, .fifo, .characterDevice, .blockDevice, .socket]
    let reasons: [Reason] = [
      .added, .changed, .metadata, .extendedAttributes, .newDirectory, .directoryMetadata, .unreadable, .included,
    ]
    roundTrip(kinds.flatMap { kind in reasons.map { SelectedEntry(BytePath("etc/\(kind)/\($0)"), kind, $0) } })
  }

  @Test func pathsAreBytesOfAnyLengthInAnyOrder() {
    let long = [UInt8](repeating: 0xFF, count: 255)
    let deep = (0..<40).reduce(BytePath("etc")) { path, _ in path.appending(long) }
    let paths = [
      BytePath.root, BytePath("etc"), deep, deep.appending([0x0A]), BytePath("etc"), deep, BytePath("a"),
      BytePath("etc/ab"), BytePath("etc/a"), BytePath(bytes: [0x80]), BytePath(bytes: Array("etc/\n \u{7F}".utf8)),
    ]
    roundTrip(paths.map { SelectedEntry($0, .file, .added) })
  }

  @Test(arguments: 0..<20) func anyPaths(seed: UInt64) {
    var generator = SeededNumbers(seed: seed)
    let paths = (0..<200).map { _ in
      BytePath(
        bytes: (0..<Int.random(in: 0...300, using: &generator)).map { _ in UInt8.random(in: 1...3, using: &generator) })
    }
    roundTrip(paths.map { SelectedEntry($0, .symlink, .changed) })
  }
}
