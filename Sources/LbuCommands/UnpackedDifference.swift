import LbudCore
import LbudProtocol

/// What is there in one of two unpacked archives and not in the other, as lbu compares them: a directory that an archive
/// does not hold is there all the same once it is unpacked, where something in it is.
struct UnpackedDifference: Equatable {
  /// What the present state has and the snapshot has not.
  let new: [BytePath]
  /// The other way round.
  let gone: [BytePath]

  /// - Parameter now: the entries of the present state.
  init(now: [BytePath], _ changes: [ChangeReport]) {
    let added = Set(changes.filter { $0.kind == .added }.map(\.path.path))
    let before = now.filter { !added.contains($0) } + changes.filter { $0.kind == .deleted }.map(\.path.path)
    let (nowAll, beforeAll) = (Self.unpacked(now), Self.unpacked(before))
    new = nowAll.subtracting(beforeAll).sorted()
    gone = beforeAll.subtracting(nowAll).sorted()
  }

  /// The entries and every directory on the way to them.
  private static func unpacked(_ entries: [BytePath]) -> Set<BytePath> {
    var all = Set(entries)
    for entry in entries {
      var folder = entry.parent
      while !folder.isRoot, all.insert(folder).inserted { folder = folder.parent }
    }
    return all
  }
}
