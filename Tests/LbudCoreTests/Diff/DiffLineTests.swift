import LbudCore
import Testing

/// What a unified diff has no words for.
@Suite struct DiffLineTests {
  private let words = DiffLine(
    owners: OwnerNames(users: [0: "root", 100: "chrony"], groups: [0: "root", 101: "wheel"]))

  private func lines(
    _ old: Fingerprint?, _ new: Fingerprint?, path: String = "etc/x", absence: DiffLine.Absence = .removed
  ) -> [String] {
    words.lines(BytePath(path), from: old, to: new, absence: absence).map { String(decoding: $0, as: UTF8.self) }
  }

  private func entry(
    _ content: Fingerprint.Content, mode: UInt16 = 0o644, uid: UInt32 = 0, gid: UInt32 = 0
  ) -> Fingerprint {
    Fingerprint(content: content, mode: mode, uid: uid, gid: gid)
  }

  private func link(_ target: String) -> Fingerprint { entry(.symlink(target: Array(target.utf8)), mode: 0o777) }

  private let file = Fingerprint.Content.file(size: 3, digest: nil)

  @Test func modesAndOwners() {
    #expect(lines(entry(file), entry(file, mode: 0o600)) == ["mode of etc/x: 0644 root:root -> 0600 root:root"])
    #expect(
      lines(entry(file, mode: 0o4755), entry(file, mode: 0, uid: 100, gid: 101))
        == ["mode of etc/x: 4755 root:root -> 0000 chrony:wheel"])
    #expect(
      lines(entry(.directory, uid: 7, gid: 8), entry(.directory, uid: 4_294_967_295, gid: 100))
        == ["mode of etc/x: 0644 7:8 -> 0644 4294967295:100"])
    #expect(lines(entry(file), entry(.file(size: 9, digest: nil))).isEmpty)
  }

  @Test func whatOneSideHas() {
    #expect(lines(nil, entry(file)) == ["file etc/x: added, 0644 root:root"])
    #expect(lines(entry(.directory, mode: 0o1777), nil) == ["directory etc/x: removed, 1777 root:root"])
    #expect(lines(entry(file), nil, absence: .unselected) == ["file etc/x: no longer selected, 0644 root:root"])
    #expect(lines(nil, entry(.fifo)) == ["fifo etc/x: added, 0644 root:root"])
    #expect(lines(nil, link("/a b")) == ["symbolic link etc/x: added, to \"/a b\", 0777 root:root"])
    #expect(
      lines(entry(.blockDevice(major: 8, minor: 1)), nil) == ["block device 8:1 etc/x: removed, 0644 root:root"])
    #expect(lines(nil, nil).isEmpty)
  }

  @Test func linksAndKinds() {
    #expect(lines(link("old"), link("new\n")) == ["symbolic link etc/x: old -> \"new\\n\""])
    #expect(
      lines(entry(file), link("there"))
        == ["kind of etc/x: file, 0644 root:root -> symbolic link to there, 0777 root:root"])
    #expect(
      lines(entry(.directory, mode: 0o755), entry(file, uid: 100))
        == ["kind of etc/x: directory, 0755 root:root -> file, 0644 chrony:root"])
    #expect(
      lines(entry(.characterDevice(major: 1, minor: 3)), entry(.characterDevice(major: 1, minor: 5)))
        == ["kind of etc/x: character device 1:3, 0644 root:root -> character device 1:5, 0644 root:root"])
    var moved = link("new")
    moved.uid = 100
    #expect(
      lines(link("old"), moved)
        == ["symbolic link etc/x: old -> new", "mode of etc/x: 0777 root:root -> 0777 chrony:root"])
  }

  @Test func aNameCannotForgeALine() {
    #expect(
      lines(entry(file), entry(file, mode: 0o600), path: "etc/x\n--- a/etc/shadow")
        == ["mode of \"etc/x\\n--- a/etc/shadow\": 0644 root:root -> 0600 root:root"])
  }
}
