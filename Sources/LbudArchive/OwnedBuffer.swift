/// Memory that stays where it is and is freed with its owner: zlib keeps pointers into it between calls.
struct OwnedBuffer: ~Copyable {
  /// Large enough to make calls rare, small enough for a machine with 64 MiB.
  static let usualSize = 64 * 1024

  let bytes: UnsafeMutableRawBufferPointer

  init(count: Int = usualSize) {
    bytes = .allocate(byteCount: count, alignment: 16)
  }

  deinit {
    bytes.deallocate()
  }
}
