/// What files will take on the media.
package struct SpaceNeed: Equatable, Sendable {
  /// Bytes of each file that will be there in addition, at least for a while.
  package var files: [UInt64]

  /// Blocks for directories, tables and whatever else the file system makes of a new name.
  static let blocksForNames: UInt64 = 4

  /// What to do where there is not room enough.
  package static let remedy = "lower BACKUP_LIMIT, remove old snapshots from its folder LBUD, or what else is on it"

  package init(files: [UInt64]) { self.files = files }

  /// - Parameter block: what the file system gives a file at least, in bytes.
  package func bytes(block: UInt64) -> UInt64 {
    let block = max(1, block)
    return files.reduce(block.multipliedReportingOverflow(by: Self.blocksForNames).partialValue) { sum, size in
      let (rounded, overflow) = size.addingReportingOverflow(block - 1)
      guard !overflow else { return .max }
      let (total, tooMuch) = sum.addingReportingOverflow(rounded / block * block)
      return tooMuch ? .max : total
    }
  }

  /// Bytes that a gzipped tar of these contents takes at most.
  /// - Parameter tarBytes: of the headers and contents, padded.
  package static func archiveBound(tarBytes: UInt64) -> UInt64 {
    // What does not compress is stored, 5 bytes more for each 5,000 at worst (libdeflate deflate_compress.c,
    // libdeflate_deflate_compress_bound); then the spans' frames and the record, which fits a gzip extra field.
    tarBytes.addingSaturated(tarBytes / 512 + 128 * 1024)
  }

  /// The bytes that an entry takes in a tar: its header, a long name's, its content, each in blocks of 512.
  package static func tarBytes(nameLength: Int, contentSize: UInt64) -> UInt64 {
    let names: UInt64 = nameLength > 100 ? 1024 + UInt64(nameLength) : 0
    let (size, overflow) = contentSize.addingReportingOverflow(512 * 3 + names)
    return overflow ? .max : size / 512 * 512
  }

  /// A number of bytes for a person, as `lbuctl` shows sizes.
  package static func shown(_ bytes: UInt64) -> String {
    switch bytes {
    case ..<1000: "\(bytes) B"
    case ..<1_000_000: "\((bytes + 999) / 1000) kB"
    default: "\(bytes / 1_000_000).\(bytes / 100_000 % 10) MB"
    }
  }
}

extension UInt64 {
  /// The sum, or the largest number there is.
  package func addingSaturated(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
