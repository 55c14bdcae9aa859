import LbudCore

/// What lbud reads of its own in /run and on the media, and of the kernel's in /proc.
let run = Target(name: "run", longest: 1024) { bytes in
  let boot = "b"
  if let hold = try? Hold.restored(from: bytes, boot: boot) {
    let again = try? Hold.restored(from: hold.kept(boot: boot), boot: boot)
    expect(again != nil, "a hold that is kept is read again")
    _ = hold.words
    _ = hold.isOver(at: Instant(nanoseconds: 1))
    if let again {
      expect(again.until == hold.until && again.since == hold.since && again.uid == hold.uid, "whose and how long")
      expect(again.why == hold.why && again.isOfRevert == hold.isOfRevert, "why")
    }
  }
  if let confirmation = try? Confirmation(kept: bytes) {
    expectEqual(try? Confirmation(kept: confirmation.kept), confirmation, "a confirmation that is kept is read again")
    var adopted = confirmation
    _ = adopted.adopt(boot: boot, now: Instant(nanoseconds: 5), wall: 5)
    _ = adopted.adopt(boot: "another", now: Instant(nanoseconds: .max), wall: .max)
    _ = confirmation.extended(to: "a", current: "b").words + confirmation.otherwise
  }
  let holder = LockTable.writer(in: bytes, major: 8, minor: 1, inode: 12)
  expect(holder?.pid.map { $0 > 0 } ?? true, "a process has a number")
}
