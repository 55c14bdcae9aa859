/// What `etc/group` says: a line is NAME:PASSWORD:GID:MEMBER,MEMBER (group(5)). Names are bytes.
package struct GroupTable: Equatable, Sendable {
  package struct Group: Equatable, Sendable {
    package var gid: UInt32
    /// Names of users; whose primary group it is are not among them.
    package var members: [[UInt8]]

    package init(gid: UInt32, members: [[UInt8]] = []) {
      self.gid = gid
      self.members = members
    }
  }

  package static let path = BytePath("etc/group")

  private let text: [UInt8]

  package init(_ text: [UInt8]) { self.text = text }

  /// The first group of this name.
  package func group(named name: [UInt8]) -> Group? {
    guard !name.isEmpty else { return nil }
    for line in text.split(separator: UInt8(ascii: "\n")) {
      // Of a line that is torn, the number may be: it counts only with a colon behind it.
      guard let fields = accountFields(line, count: 4), fields[0].elementsEqual(name),
        let gid = accountNumber(fields[2])
      else { continue }
      return Group(gid: gid, members: fields[3].split(separator: UInt8(ascii: ",")).map(Array.init))
    }
    return nil
  }

  /// The first name of a group with this number.
  package func name(of gid: UInt32) -> [UInt8]? {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      if let fields = accountFields(line, count: 4), accountNumber(fields[2]) == gid { return Array(fields[0]) }
    }
    return nil
  }
}
