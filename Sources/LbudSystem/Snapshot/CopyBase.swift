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
  let entries: SavedEntries
  let spans: [SnapshotRecord.Span]
  /// Whether what is copied is read back and checked afterwards.
  let isReadBack: Bool
  private let file: Descriptor
  private let path: String
  /// Where in the file each span begins.
  private let offsets: [UInt64]

  /// - Throws: `StoreError.baseIsAnother` where the file is not the one that is known; `FileError`.
  init(_ base: CommitRecipe.Base, _ file: consuming Descriptor, path: String, isReadBack: Bool) throws {
    // A record that cannot be read is no longer the one that is known.
    guard let record = try? SnapshotStore.record(of: file, path: path), record == base.record, let spans = record.spans,
      spans.count == base.entries.spans.count + 1
    else { throw StoreError.baseIsAnother(path) }
    self.isReadBack = isReadBack
    self.file = file
    self.path = path
    self.spans = spans
    entries = base.entries
    var offset: UInt64 = 0
    offsets = spans.map { span in
      defer { offset += span.compressedSize }
      return offset
    }
  }

  func offset(of span: Int) -> UInt64 { offsets[span] }

  /// Compressed bytes of some spans.
  func size(of places: Range<Int>) -> UInt64 { spans[places].reduce(0) { $0 + $1.compressedSize } }

  /// Appends spans to another file without a way through this program's memory, where the file systems allow that.
  /// - Parameter copied: takes how many bytes are done so far.
  /// - Throws: `FileError`.
  func copy(_ places: Range<Int>, to output: FileOutput, copied: (UInt64) -> Void) throws {
    guard let first = places.first else { return }
    var output = output
    let (start, size) = (offsets[first], size(of: places))
    var done: UInt64 = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { buffer.deallocate() }
    var isByKernel = true
    while done < size {
      if isByKernel {
        // Piece by piece, for whoever looks how far it is.
        let count = clbud_copy_range(file.raw, Int64(start + done), output.raw, Int(min(size - done, 8 << 20)))
        if count > 0 { done += UInt64(count) } else { isByKernel = count < 0 && errno == EINTR }
      } else {
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(clamping: size - done)))
        let count = try read(at: start + done, into: room)
        guard count > 0 else { throw StoreError.baseIsAnother(path) }
        try output.write(UnsafeRawBufferPointer(rebasing: room[..<count]))
        done += UInt64(count)
      }
      copied(done)
    }
  }

  /// - Throws: `FileError`.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let raw = file.raw
    return try retrying("read", path) { pread(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
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
