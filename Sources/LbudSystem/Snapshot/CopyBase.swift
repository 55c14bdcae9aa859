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
  private let file: Descriptor
  private let path: String
  /// Where in the file each span begins.
  private let offsets: [UInt64]

  /// - Throws: `StoreError.baseIsAnother` where the file is not the one that is known; `FileError`.
  init(_ base: CommitRecipe.Base, _ file: consuming Descriptor, path: String) throws {
    // A record that cannot be read is no longer the one that is known.
    guard let record = try? SnapshotStore.record(of: file, path: path), record == base.record, let spans = record.spans,
      spans.count == base.entries.spans.count + 1
    else { throw StoreError.baseIsAnother(path) }
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
