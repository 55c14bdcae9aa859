import Glibc
import LbudCore
import LbudDaemon
import LbudProtocol
import Testing

@Suite struct PeerTests {
  /// Two connected sockets; who made them is at both ends.
  private func withPair(_ body: (CInt) throws -> Void) throws {
    var ends: [CInt] = [-1, -1]
    #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    try body(ends[0])
  }

  private var ownGroups: [UInt32] {
    var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
    let count = getgroups(CInt(groups.count), &groups)
    return Array(groups.prefix(Int(max(0, count))))
  }

  @Test func theKernelSaysWhoItIs() throws {
    try withPair { end in
      let peer = try #require(Peer(connectedTo: end))
      #expect(peer.uid == geteuid() && peer.gid == getegid() && peer.pid == getpid())
      // Linux 4.13.
      #expect(peer.groups?.sorted() == ownGroups.sorted())
    }
  }

  /// The kernel says how much room it needs, and is asked again.
  @Test func thereIsRoomForAllGroups() throws {
    try withPair { end in
      #expect(Peer.groups(connectedTo: end, room: 0)?.sorted() == ownGroups.sorted())
      #expect(Peer.groups(connectedTo: end, room: 70_000)?.sorted() == ownGroups.sorted())
    }
  }

  @Test func whatIsNoSocketHasNobody() {
    #expect(Peer(connectedTo: -1) == nil)
  }
}

@Suite struct MembersTests {
  private let members = Members(
    name: "lbud", group: GroupTable.Group(gid: 900, members: [Array("alice".utf8), [0xff]]))

  private func peer(_ gid: UInt32, _ groups: [UInt32]?) -> Peer { Peer(uid: 1000, gid: gid, pid: 1, groups: groups) }

  @Test func whatTheProcessIsCounts() {
    #expect(members.include(peer(900, []), called: []))
    #expect(members.include(peer(1000, [4, 900, 5]), called: []))
    #expect(!members.include(peer(1000, [4, 5]), called: []))
    // The file says alice is one: she has not logged in since.
    #expect(!members.include(peer(1000, [4, 5]), called: [Array("alice".utf8)]))
    #expect(!members.include(peer(1000, []), called: [Array("alice".utf8)]))
  }

  @Test func onAnOldKernelTheFileCounts() {
    #expect(members.include(peer(900, nil), called: []))
    #expect(members.include(peer(1000, nil), called: [Array("al".utf8), Array("alice".utf8)]))
    #expect(members.include(peer(1000, nil), called: [[0xff]]))
    #expect(!members.include(peer(1000, nil), called: [Array("bob".utf8)]))
    #expect(!members.include(peer(1000, nil), called: []))
  }

  @Test func withoutTheGroupNobodyIsMeant() {
    let none = Members(name: "lbud", group: nil)
    #expect(!none.include(peer(900, [900]), called: [Array("alice".utf8)]))
    #expect(!none.include(peer(0, nil), called: [[]]))
  }
}
