import LbudCore

/// What is known of the files of a directory, in the order of the bytes of their names.
///
/// A box has a record for each of its files, all the time. So the records are packed, one behind the other in one array,
/// and the names are in another. What a record cannot hold is kept aside: it is rare.
struct FileTable {
  private var records: [PackedFile] = []
  /// Of each file the length of the name, the name, and a symlink's target; in the order in which they came.
  private var text: [UInt8] = []
  /// Bytes of `text` that belong to no record any more.
  private var unusedText = 0
  /// Of the first file that came; nearly always that of the directory and of all that is in it.
  private var device: UInt64 = 0
  private var aside: [[UInt8]: KnownFile] = [:]

  var count: Int { records.count }
  var isEmpty: Bool { records.isEmpty }

  subscript(name: [UInt8]) -> KnownFile? {
    get {
      let (index, isFound) = name.withUnsafeBytes { position(of: $0) }
      return isFound ? file(at: index) : nil
    }
    set {
      let (index, isFound) = name.withUnsafeBytes { position(of: $0) }
      if let newValue {
        isFound ? replace(at: index, name, newValue) : insert(name, newValue, at: index)
      } else if isFound {
        remove(at: index)
      }
    }
  }

  /// - Parameter index: in the order of the names.
  func name(at index: Int) -> [UInt8] { Array(text[nameRange(records[index])]) }

  func file(at index: Int) -> KnownFile {
    let record = records[index]
    if record.isAside, let file = aside[name(at: index)] { return file }
    return record.file(device: device) { Array(text[targetRange(record)]) }
  }

  /// Whether what is known of a file is right as long as its signature is this one.
  func holds(_ name: UnsafeRawBufferPointer, settledAs signature: FileStatus.Signature) -> Bool {
    let (index, isFound) = position(of: name)
    guard isFound else { return false }
    let record = records[index]
    guard record.isAside else { return record.isSettled && record.signature(device: device) == signature }
    let file = file(at: index)
    return file.isSettled && file.signature == signature
  }

  // MARK: Changing

  /// Takes in the digest of the file that is known.
  mutating func learn(_ digest: ContentDigest, at index: Int) {
    var file = file(at: index)
    guard case .file(let size, _) = file.fingerprint.content else { return }
    file.fingerprint.content = .file(size: size, digest: digest)
    replace(at: index, name(at: index), file)
  }

  private mutating func insert(_ name: [UInt8], _ file: KnownFile, at index: Int) {
    if records.isEmpty { device = file.signature.identity.device }
    var record = pack(name, file)
    record.place = append(name, file)
    records.insert(record, at: index)
  }

  private mutating func replace(at index: Int, _ name: [UInt8], _ file: KnownFile) {
    let former = records[index]
    if former.isAside { aside[name] = nil }
    var record = pack(name, file)
    record.place = former.place
    if former.targetLength != record.targetLength || target(of: file) != text[targetRange(former)] {
      unusedText += extent(former)
      record.place = append(name, file)
    }
    records[index] = record
    dropUnusedText()
  }

  private mutating func remove(at index: Int) {
    let former = records[index]
    if former.isAside { aside[name(at: index)] = nil }
    unusedText += extent(former)
    records.remove(at: index)
    if records.isEmpty { self = FileTable() }
    dropUnusedText()
  }

  private mutating func pack(_ name: [UInt8], _ file: KnownFile) -> PackedFile {
    if let record = PackedFile(file, device: device) { return record }
    aside[name] = file
    return .aside
  }

  // MARK: Memory

  /// Makes room for what is to come at most.
  mutating func reserve(files: Int, bytesOfNames: Int) {
    records.reserveCapacity(files)
    text.reserveCapacity(bytesOfNames + files)
  }

  /// Gives back what growing has taken in advance, where it is much.
  mutating func fit() {
    if Self.isWide(records) { records = records.withUnsafeBufferPointer { Array($0) } }
    if Self.isWide(text) { text = text.withUnsafeBufferPointer { Array($0) } }
  }

  private static func isWide<Element>(_ array: [Element]) -> Bool {
    array.capacity - array.count > array.count / 8 + 64 / MemoryLayout<Element>.stride
  }

  /// A symlink whose target changes all the time must not fill the memory.
  private mutating func dropUnusedText() {
    guard unusedText > 256, unusedText > text.count / 2 else { return }
    var kept: [UInt8] = []
    kept.reserveCapacity(text.count - unusedText)
    for index in records.indices {
      let place = kept.count
      kept.append(contentsOf: text[records[index].place..<targetRange(records[index]).upperBound])
      records[index].place = place
    }
    text = kept
    unusedText = 0
  }
}

// MARK: Names

extension FileTable {
  /// Where a name is, or would be. In a listing that is in order each new name is the last.
  private func position(of name: UnsafeRawBufferPointer) -> (index: Int, isFound: Bool) {
    records.withUnsafeBufferPointer { records in
      text.withUnsafeBytes { text in
        func order(_ index: Int) -> Int { byteOrder(Self.name(at: records[index].place, in: text), name) }
        if !records.isEmpty, order(records.count - 1) < 0 { return (records.count, false) }
        let index = records.indices.firstPlace { order($0) < 0 }
        return (index, index < records.count && order(index) == 0)
      }
    }
  }

  /// The names that another sequence, in order too, does not have.
  func names(absentFrom present: NameList) -> [[UInt8]] {
    var absent: [[UInt8]] = []
    var other = 0
    for index in records.indices {
      let range = nameRange(records[index])
      let isPresent = text.withUnsafeBytes { text in
        let name = UnsafeRawBufferPointer(rebasing: text[range])
        while other < present.count {
          let order = present.withBytes(at: other) { byteOrder($0, name) }
          if order >= 0 { return order == 0 }
          other += 1
        }
        return false
      }
      if !isPresent { absent.append(Array(text[range])) }
    }
    return absent
  }

  /// A length takes one byte; no kernel's own file system has names that need the four more.
  private static let longName = UInt8.max

  private mutating func append(_ name: [UInt8], _ file: KnownFile) -> Int {
    let place = text.count
    if name.count < Int(Self.longName) {
      text.append(UInt8(name.count))
    } else {
      text.append(Self.longName)
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: name.count).littleEndian) { text.append(contentsOf: $0) }
    }
    text.append(contentsOf: name)
    text.append(contentsOf: target(of: file))
    return place
  }

  /// The target as far as the text has it: what is kept aside keeps its own.
  private func target(of file: KnownFile) -> ArraySlice<UInt8> {
    guard case .symlink(let target) = file.fingerprint.content, PackedFile(file, device: device) != nil else {
      return []
    }
    return target[...]
  }

  private static func nameRange(at place: Int, in text: UnsafeRawBufferPointer) -> Range<Int> {
    let short = text[place]
    guard short == longName else { return place + 1..<place + 1 + Int(short) }
    let length = UInt32(littleEndian: text.loadUnaligned(fromByteOffset: place + 1, as: UInt32.self))
    return place + 5..<place + 5 + Int(length)
  }

  private static func name(at place: Int, in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: text[nameRange(at: place, in: text)])
  }

  private func nameRange(_ record: PackedFile) -> Range<Int> {
    text.withUnsafeBytes { Self.nameRange(at: record.place, in: $0) }
  }

  private func targetRange(_ record: PackedFile) -> Range<Int> {
    let end = nameRange(record).upperBound
    return end..<end + record.targetLength
  }

  /// Bytes that the record has in the text.
  private func extent(_ record: PackedFile) -> Int { targetRange(record).upperBound - record.place }
}

extension FileTable: Sequence {
  struct Iterator: IteratorProtocol {
    fileprivate let table: FileTable
    private var index = 0

    fileprivate init(table: FileTable) { self.table = table }

    mutating func next() -> (name: [UInt8], file: KnownFile)? {
      guard index < table.count else { return nil }
      defer { index += 1 }
      return (table.name(at: index), table.file(at: index))
    }
  }

  func makeIterator() -> Iterator { Iterator(table: self) }

  var keys: some Sequence<[UInt8]> { records.lazy.map { Array(text[nameRange($0)]) } }
}
