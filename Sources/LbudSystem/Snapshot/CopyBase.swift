import CLbud
import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The open file of a snapshot that spans are copied from.
final class CopyBase {
  /// Relative to the media.
  let name: String
  let record: SnapshotRecord
  let entries: SavedEntries
  let spans: [SnapshotRecord.Span]
  private let file: Descriptor
  private let path: String
  /// Whether what is copied is read back and checked afterwards.
  private let isReadBack: Bool
  /// Where in the file each span begins.
  private let offsets: [UInt64]

  /// - Throws: `StoreError.baseIsAnother` where the file is not the one that is known.
  init(_ base: CommitRecipe.Base, _ file: consuming Descriptor, path: String, isReadBack: Bool) throws(StoreError) {
    // A record that cannot be read is no longer the one that is known.
    guard let record = try? SnapshotStore.record(of: file, path: path), record == base.record, let spans = record.spans,
      spans.count == base.entries.spans.count + 1
    else { throw StoreError.baseIsAnother(path) }
    self.isReadBack = isReadBack
    self.file = file
    self.path = path
    self.record = record
    self.spans = spans
    (name, entries) = (base.name, base.entries)
    var offset: UInt64 = 0
    offsets = spans.map { span in
      defer { offset += span.compressedSize }
      return offset
    }
  }

  /// Compressed bytes of some spans.
  func size(of places: Range<Int>) -> UInt64 { offsets[places.upperBound] - offsets[places.lowerBound] }

  /// Appends spans to another file: without a way through this program's memory where they are read back afterwards and the
  /// file systems allow it; else each is compared with its sum.
  /// - Parameter copied: takes how many bytes are done so far.
  /// - Throws: `FileError`; `StoreError.baseIsAnother` where a span is not what it was.
  func copy(_ places: Range<Int>, to output: FileOutput, copied: (UInt64) -> Void) throws {
    let start = offsets[places.lowerBound]
    var position = start
    if isReadBack { position = copyByKernel(start..<offsets[places.upperBound], to: output) { copied($0 - start) } }
    var output = output
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { buffer.deallocate() }
    for place in places where position < offsets[place + 1] {
      let isWhole = position == offsets[place]
      var sum: UInt32 = 0
      while position < offsets[place + 1] {
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(clamping: offsets[place + 1] - position)))
        let count = try Descriptor.read(file.raw, at: position, into: room, path: path)
        guard count > 0 else { throw StoreError.baseIsAnother(path) }
        let bytes = UnsafeRawBufferPointer(rebasing: room[..<count])
        sum = CRC32.update(sum, bytes)
        try output.write(bytes)
        position += UInt64(count)
        copied(position - start)
      }
      guard !isWhole || sum == spans[place].proof?.sum else { throw StoreError.baseIsAnother(path) }
    }
  }

  /// - Returns: as far as it went.
  private func copyByKernel(_ range: Range<UInt64>, to output: FileOutput, told: (UInt64) -> Void) -> UInt64 {
    var position = range.lowerBound
    while position < range.upperBound {
      // Piece by piece, for whoever looks how far it is.
      let count = clbud_copy_range(
        file.raw, Int64(position), output.raw, Int(min(range.upperBound - position, 8 << 20)))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      position += UInt64(count)
      told(position)
    }
    return position
  }
}

extension StoreError {
  /// What was to be copied is not the snapshot that was known: all is made anew.
  static func baseIsAnother(_ path: String) -> StoreError {
    var error = StoreError(
      "\(path) is not what it was when lbud read it last", hint: "nothing of it is used; try again: lbuctl commit")
    error.isAboutBase = true
    return error
  }
}
