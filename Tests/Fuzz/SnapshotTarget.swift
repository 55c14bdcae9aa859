import LbudCore

@testable import LbudArchive

/// A whole snapshot: as it lies on a medium, or one that lbud makes of the input and something then damages.
let snapshot = Target(name: "snapshot", longest: 8192) { bytes in
  var input = Input(bytes)
  if input.byte() & 1 == 0 { checkFile(input.bytes) } else { checkDamage(&input) }
}

// MARK: Any file

private func checkFile(_ file: [UInt8]) {
  let limits = SnapshotIndex.Limits(entries: 1000, names: 1 << 16)
  let record = checkedRecord(file)
  let findings = try? SnapshotCheck.run(fileSize: UInt64(file.count), limits: limits, readAt: randomAccess(file))
  expect(findings != nil, "whatever is wrong is a finding")
  let isReadable = (try? SnapshotIndex.read(fileSize: UInt64(file.count), readAt: randomAccess(file))) != nil
  expect(isReadable || !(findings?.isWhole ?? false) || isNewer(file), "what is found whole can be read")
  guard let index = try? SnapshotIndex.read(fileSize: UInt64(file.count), limits: limits, readAt: randomAccess(file))
  else { return }
  expect(index.entries.count <= limits.entries, "the limit of entries holds")
  expectEqual(index.record, record, "a snapshot that is read is one that passes the check")
  for path in index.entries.keys { expectHarmless(path) }
  // What is asked for one by one is what the index tells, but for a file's digest.
  let paths = Set(index.entries.keys)
  let contents = try? SnapshotContents.read(
    fileSize: UInt64(file.count), paths: paths, contentsOf: paths, limits: .init(file: 1 << 16, total: 1 << 18),
    readAt: randomAccess(file))
  guard let contents else { return expect(false, "a snapshot that is read is read again for its contents") }
  for (path, fingerprint) in index.entries {
    guard let entry = contents.entries[path] else { return expect(false, "\(path) has a content") }
    expect(isSame(entry.fingerprint, fingerprint), "\(path) is the same: \(entry.fingerprint), \(fingerprint)")
    if let content = entry.content { expectEqual(UInt64(content.count), entry.size, "the size of \(path)") }
  }
}

/// The record, if the file passes the check; whether bytes that mean nothing are as they were does not count.
private func checkedRecord(_ file: [UInt8]) -> SnapshotRecord? {
  do {
    return try SnapshotRecord.check(fileSize: UInt64(file.count), readAt: randomAccess(file))
  } catch ArchiveError.wrongFileHash {
    return try? SnapshotRecord.read(fileSize: UInt64(file.count), readAt: randomAccess(file))
  } catch {
    return nil
  }
}

private func isNewer(_ file: [UInt8]) -> Bool {
  do { _ = try SnapshotRecord.read(fileSize: UInt64(file.count), readAt: randomAccess(file)) } catch {
    if case .newerRecord? = error as? ArchiveError { return true }
  }
  return false
}

private func isSame(_ entry: Fingerprint, _ indexed: Fingerprint) -> Bool {
  var indexed = indexed
  if case .file(let size, _) = indexed.content { indexed.content = .file(size: size, digest: nil) }
  return entry == indexed
}

func randomAccess(_ bytes: [UInt8]) -> (UInt64, UnsafeMutableRawBufferPointer) -> Int {
  { offset, target in
    let part = bytes.dropFirst(Int(clamping: offset)).prefix(target.count)
    target.copyBytes(from: part)
    return part.count
  }
}

// MARK: Damage

/// A damaged snapshot is refused, or it is what it was.
private func checkDamage(_ input: inout Input) {
  let spanSize = Int(input.byte()) * 32
  let edits = (0..<Int(input.byte() & 7)).map { _ in (Int(input.byte()) << 8 | Int(input.byte()), input.byte()) }
  let cut = Int(input.byte())
  var archive = input.bytes
  mendChecksums(&archive)
  let entries = TarContents(archive, sizes: [.max]).entries
  do {
    var file = try made(of: entries, spanSize: spanSize)
    guard let whole = try? SnapshotIndex.read(fileSize: UInt64(file.count), readAt: randomAccess(file)) else {
      // A hard link to nothing is all that is wrong with what lbud writes.
      return expect(entries.contains { if case .hardLink = $0.member.body { true } else { false } }, "it can be read")
    }
    for path in whole.entries.keys { expectHarmless(path) }
    let original = file
    for (place, change) in edits { file[place % file.count] ^= change }
    file.removeLast(cut < 128 ? 0 : min(file.count, cut - 127))
    if let damaged = try? SnapshotIndex.read(fileSize: UInt64(file.count), readAt: randomAccess(file)) {
      expectEqual(damaged.entries, whole.entries, "a damaged snapshot that is taken")
    }
    let findings = try SnapshotCheck.run(fileSize: UInt64(file.count), readAt: randomAccess(file))
    if findings.isWhole, findings.record != nil { expectEqual(file, original, "each bit is covered") }
  } catch {
    expect(false, "a snapshot can be made: \(error)")
  }
}

private func made(of entries: [TarContents.Entry], spanSize: Int) throws -> [UInt8] {
  var writer = try ArchiveWriter(output: Memory(), spanSize: spanSize, level: 1)
  for entry in entries {
    guard case .file = entry.member.body else {
      try writer.append(entry.member)
      continue
    }
    var rest = entry.content[...]
    _ = try writer.append(entry.member) { target in
      let part = rest.prefix(target.count)
      target.copyBytes(from: part)
      rest = rest.dropFirst(part.count)
      return part.count
    }
  }
  let facts = SnapshotFacts(host: "box", time: 1_700_000_000, reason: "idle", uid: 0, changedCount: 1)
  let (output, record) = try writer.finish(facts)
  expectEqual(record.entryCount, entries.count, "the entries of the record")
  return output.bytes
}

private struct Memory: ArchiveOutput {
  var bytes: [UInt8] = []

  mutating func write(_ bytes: UnsafeRawBufferPointer) { self.bytes += bytes }
  mutating func truncate(to position: UInt64) { bytes.removeSubrange(Int(position)...) }
}
