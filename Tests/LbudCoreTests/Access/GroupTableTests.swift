import LbudCore
import Testing

@Suite struct GroupTableTests {
  private func group(_ name: String, _ text: String) -> GroupTable.Group? {
    GroupTable(Array(text.utf8)).group(named: Array(name.utf8))
  }

  @Test func theFirstOfANameCounts() {
    let text = "root:x:0:root\nlbud:x:900:alice,bob\nlbud:x:901:carol\n"
    #expect(group("lbud", text) == .init(gid: 900, members: [Array("alice".utf8), Array("bob".utf8)]))
    #expect(group("root", text)?.gid == 0)
    #expect(group("wheel", text) == nil)
  }

  @Test func aNameIsNotItsBeginning() {
    #expect(group("lbu", "lbud:x:900:\n") == nil)
    #expect(group("lbud", "lbudx:x:900:\n") == nil)
    #expect(group("", ":x:900:\n") == nil)
    #expect(group("+", "+:::\n") == nil)
  }

  @Test func withoutMembers() {
    #expect(group("lbud", "lbud:x:900:\n") == .init(gid: 900))
    #expect(group("lbud", "lbud:x:900:,,\n") == .init(gid: 900))
    #expect(group("lbud", "lbud::900:") == .init(gid: 900))
  }

  /// Written by an editor that was cut off: the number may be the beginning of another one.
  @Test(arguments: ["l", "lbud", "lbud:", "lbud:x", "lbud:x:", "lbud:x:9", "lbud:x:90", "lbud:x:900"])
  func aTornLineIsNone(line: String) {
    #expect(group("lbud", line) == nil)
    #expect(group("lbud", line + "\nlbud:x:7:") == .init(gid: 7))
  }

  @Test(arguments: [
    "", "-1", "+5", " 5", "5 ", "0x5", "٥", "4294967295", "4294967296", "99999999999999999999999", "900\r",
  ])
  func whatIsNoNumber(number: String) {
    #expect(group("lbud", "lbud:x:\(number):alice\n") == nil)
  }

  @Test func theGreatestNumber() {
    #expect(group("lbud", "lbud:x:4294967294:\n")?.gid == 4_294_967_294)
    #expect(group("lbud", "lbud:x:000900:\n")?.gid == 900)
  }

  @Test func namesAreBytes() {
    let name: [UInt8] = [0xff, 0x20, 0xe9]
    let text = name + Array(":x:900:".utf8) + [0xfe] + Array(",a b\n".utf8)
    let table = GroupTable(Array("other:x:1:\n".utf8) + text)
    #expect(table.group(named: name) == .init(gid: 900, members: [[0xfe], Array("a b".utf8)]))
    #expect(table.group(named: [0xff, 0x20, 0xea]) == nil)
    #expect(table.name(of: 900) == name)
    #expect(table.name(of: 901) == nil)
    let long = [UInt8](repeating: 0xc3, count: 255)
    #expect(GroupTable(long + Array(":x:5:".utf8)).group(named: long)?.gid == 5)
  }

  @Test func aUserMayHaveSeveralNames() {
    let table = UserTable(
      Array("root:x:0:0::/:/bin/sh\nalice:x:1000:100:::\nbob:x:1001:100:::\nal:x:1000:100:::\ntorn:x:1000".utf8))
    #expect(table.names(of: 1000) == [Array("alice".utf8), Array("al".utf8)])
    #expect(table.names(of: 7) == [])
  }
}
