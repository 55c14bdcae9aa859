/// Reads what is written like an APKINDEX: paragraphs of lines `X:value`, one a package (apk-tools 3.0.6 `database.c`,
/// `apk_db_index_read`, and `package.c`, `apk_pkgtmpl_add_info`). It is fed in pieces, since an index may have tens of
/// megabytes, and keeps only the packages that are asked for.
package struct PackageIndexParser {
  /// Lines that are too long for any package: what is read is no index.
  package struct NoIndex: Error, Equatable {
    package var line: Int
  }

  package private(set) var records: [PackageRecord] = []
  private let mayKeep: (_ name: [UInt8], _ version: [UInt8]) -> Bool
  private let keeps: (PackageRecord) -> Bool
  private var record = PackageRecord(name: [], version: [])
  /// Decoded only once it is known that the package may be kept: an index has tens of thousands.
  private var identity: [UInt8] = []
  private var dependencies: [UInt8] = []
  private var provides: [UInt8] = []
  private var isInstallable = true
  /// A line whose end has not come yet.
  private var begun: [UInt8] = []
  private var number = 0

  private static let lineLimit = 1 << 20

  /// - Parameters:
  ///   - mayKeep: is asked first, and quickly; not for a package that needs no file.
  ///   - keeps: is asked with a record that has no dependencies and provides yet.
  package init(
    mayKeep: @escaping (_ name: [UInt8], _ version: [UInt8]) -> Bool = { _, _ in true },
    keeps: @escaping (PackageRecord) -> Bool = { _ in true }
  ) {
    self.mayKeep = mayKeep
    self.keeps = keeps
  }

  /// - Throws: `NoIndex`.
  package mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(NoIndex) {
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let piece = rest[..<end]
      rest = rest[(end + 1)...]
      if begun.isEmpty {
        readLine(piece)
      } else {
        begun.append(contentsOf: piece)
        readLine(begun)
        begun.removeAll(keepingCapacity: true)
      }
    }
    begun.append(contentsOf: rest)
    guard begun.count <= Self.lineLimit else { throw NoIndex(line: number + 1) }
  }

  /// The end of the text; the last package needs no empty line behind it.
  package mutating func finish() {
    if !begun.isEmpty { readLine(begun) }
    begun = []
    endOfPackage()
  }

  private mutating func readLine(_ line: some BidirectionalCollection<UInt8>) {
    number += 1
    guard let letter = line.first else { return endOfPackage() }
    guard line.dropFirst().first == UInt8(ascii: ":") else { return }
    switch letter {
    case UInt8(ascii: "P"): record.name = Array(line.dropFirst(2))
    case UInt8(ascii: "V"): record.version = Array(line.dropFirst(2))
    case UInt8(ascii: "C"): identity = Array(line.dropFirst(2))
    case UInt8(ascii: "S"): record.size = Self.number(line.dropFirst(2))
    case UInt8(ascii: "I"): record.installedSize = Self.number(line.dropFirst(2))
    case UInt8(ascii: "D"): dependencies = Array(line.dropFirst(2))
    case UInt8(ascii: "p"): provides = Array(line.dropFirst(2))
    default:
      // What a newer apk has invented: a small letter may be passed over, a capital makes the package uninstallable.
      if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter), !Self.known.contains(letter) {
        isInstallable = false
      }
    }
  }

  private static let known = Set("PVTULADCSIFMRZ".utf8)

  private mutating func endOfPackage() {
    keepRecord()
    record = PackageRecord(name: [], version: [])
    (identity, dependencies, provides, isInstallable) = ([], [], [], true)
  }

  private mutating func keepRecord() {
    guard isInstallable, !record.name.isEmpty, !record.version.isEmpty,
      record.installedSize == 0 || mayKeep(record.name, record.version)
    else { return }
    record.identity = DigestField(identity[...])?.bytes ?? []
    // Where one dependency is none, apk does not install the package.
    guard keeps(record), let needed = Self.dependencies(in: dependencies) else { return }
    record.dependencies = needed
    record.provides = Self.words(in: provides).compactMap { Dependency($0) }
    records.append(record)
  }

  private static func words(in text: [UInt8]) -> [ArraySlice<UInt8>] { text.split(separator: UInt8(ascii: " ")) }

  private static func dependencies(in text: [UInt8]) -> [Dependency]? {
    var found: [Dependency] = []
    for word in words(in: text) {
      guard let dependency = Dependency(word) else { return nil }
      found.append(dependency)
    }
    return found
  }

  private static func number(_ digits: some Collection<UInt8>) -> UInt64 {
    UInt64(String(decoding: Array(digits), as: UTF8.self)) ?? 0
  }
}
