import LbudCore
import LbudProtocol
import Testing

@testable import LbuCommands

@Suite("What lbu status shows of directories that no archive holds")
struct UnpackedDifferenceTests {
  private func difference(now: [String], _ changes: (String, ChangeReport.Kind)...) -> UnpackedDifference {
    UnpackedDifference(
      now: now.map { BytePath($0) },
      changes.map { ChangeReport(path: WirePath($0.0), kind: $0.1, first: 0, last: 0, generation: 1) })
  }

  @Test func aNewFileBringsItsDirectories() {
    let difference = difference(now: ["etc/hosts", "root/.ssh/key"], ("root/.ssh/key", .added))
    #expect(difference.new == ["root", "root/.ssh", "root/.ssh/key"].map { BytePath($0) })
    #expect(difference.gone.isEmpty)
  }

  @Test func aFileThatIsGoneTakesThem() {
    let difference = difference(now: ["etc/hosts"], ("root/.ssh/key", .deleted))
    #expect(difference.gone == ["root", "root/.ssh", "root/.ssh/key"].map { BytePath($0) })
    #expect(difference.new.isEmpty)
  }

  @Test("a directory that only one archive holds is in both, where something in it is")
  func aDirectoryWithSomethingInIt() {
    let gone = difference(now: ["etc/hosts"], ("etc", .deleted))
    #expect(gone.gone.isEmpty && gone.new.isEmpty)
    let new = difference(now: ["etc", "etc/hosts"], ("etc", .added))
    #expect(new.gone.isEmpty && new.new.isEmpty)
  }

  @Test func whatHasChangedIsNeither() {
    let difference = difference(now: ["etc/hosts"], ("etc/hosts", .modified))
    #expect(difference.new.isEmpty && difference.gone.isEmpty)
  }
}
