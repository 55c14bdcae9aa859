import LbudCore

/// etc/passwd and etc/group, by which it is decided who may ask.
let accounts = Target(name: "accounts", longest: 1024) { bytes in
  var input = Input(bytes)
  let uid = UInt32(input.byte())
  let name = input.upTo(UInt8(ascii: "\n"))
  let text = input.bytes
  let groups = GroupTable(text)
  if let group = groups.group(named: name) {
    expect(groups.name(of: group.gid) != nil, "the number of a group has a name")
    expect(group.members.allSatisfy { !$0.isEmpty }, "a member has a name")
    expect(group.gid != .max, "no group is all of them")
  }
  let users = UserTable(text).names(of: uid)
  expect(users.allSatisfy { !$0.isEmpty && !$0.contains(UInt8(ascii: ":")) }, "a user has a name")
  // A line of anybody else's changes nothing of that.
  let more = text + Array("\nz:x:300:300:z,z:/:/bin/sh\n".utf8)
  expectEqual(UserTable(more).names(of: uid), users, "the users after one more line")
  if name != [UInt8(ascii: "z")] {
    expectEqual(GroupTable(more).group(named: name), groups.group(named: name), "the group after one more line")
  }
}
