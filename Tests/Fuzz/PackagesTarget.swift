import LbudCore

/// What apk keeps besides its database: an index in pieces, the world, the list of repositories.
let packages = Target(name: "packages") { bytes in
  var input = Input(bytes)
  let sizes = input.pieceSizes()
  let text = input.bytes
  let records = index(text, sizes: [.max])
  expectEqual(index(text, sizes: sizes), records, "an index in pieces and at once")
  for record in records {
    expect(!record.name.isEmpty && !record.version.isEmpty, "a package has a name and a version")
    expect(
      record.fileName.starts(with: record.name) && record.cacheFileName.starts(with: record.name), "its file's name")
  }

  let world = World(parsing: text)
  expect(world.problems.count <= 8, "the complaints are few")
  let again = World(parsing: Array(world.dependencies.map(\.text).joined(separator: " ".utf8)))
  expectEqual(again.dependencies, world.dependencies, "the world written again")
  for dependency in world.dependencies.prefix(8) { check(dependency) }
  for (left, right) in zip(records, records.dropFirst()).prefix(8) { check(left.version, right.version) }

  var list = RepositoryList(architecture: Array("x86_64".utf8))
  list.read(text)
  expectEqual(Set(list.local).count, list.local.count, "no repository is there twice")
}

/// Lines that are too long for any index are longer than an input gets.
private func index(_ text: [UInt8], sizes: [Int]) -> [PackageRecord] {
  var parser = PackageIndexParser()
  for piece in pieces(of: text, sizes: sizes) {
    expect((try? piece.withUnsafeBytes { try parser.feed($0) }) != nil, "no line is too long")
  }
  parser.finish()
  return parser.records
}

private func check(_ dependency: Dependency) {
  expectEqual(Dependency(dependency.text), dependency, "a dependency read again")
  if let version = dependency.version {
    expect(PackageVersion.isValid(version), "a version that is asked for is one")
    check(version, Array("1.2.3_rc4-r5".utf8))
  }
}

/// One is the later of the two, or they are equal, whoever asks.
private func check(_ left: [UInt8], _ right: [UInt8]) {
  guard PackageVersion.isValid(left), PackageVersion.isValid(right) else { return }
  let relation = PackageVersion.compare(left, right)
  let reverse = PackageVersion.compare(right, left)
  let mirrored: PackageVersion.Relation = relation == .less ? .greater : relation == .greater ? .less : relation
  expectEqual(reverse, mirrored, "the order of two versions the other way round")
  expectEqual(PackageVersion.compare(left, left), .equal, "a version and itself")
}
