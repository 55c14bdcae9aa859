/// One record of the inotify queue, see inotify(7).
package struct InotifyEvent: Equatable, Sendable {
  /// The bits of `sys/inotify.h` that lbud asks for or is told unasked.
  package struct Mask: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let modified = Mask(rawValue: 0x0000_0002)
    package static let attributes = Mask(rawValue: 0x0000_0004)
    package static let closedAfterWriting = Mask(rawValue: 0x0000_0008)
    package static let movedFrom = Mask(rawValue: 0x0000_0040)
    package static let movedTo = Mask(rawValue: 0x0000_0080)
    package static let created = Mask(rawValue: 0x0000_0100)
    package static let deleted = Mask(rawValue: 0x0000_0200)
    package static let selfDeleted = Mask(rawValue: 0x0000_0400)
    package static let selfMoved = Mask(rawValue: 0x0000_0800)
    package static let unmounted = Mask(rawValue: 0x0000_2000)
    package static let queueOverflow = Mask(rawValue: 0x0000_4000)
    package static let watchRemoved = Mask(rawValue: 0x0000_8000)
    package static let onlyDirectory = Mask(rawValue: 0x0100_0000)
    package static let excludeUnlinked = Mask(rawValue: 0x0400_0000)
    package static let isDirectory = Mask(rawValue: 0x4000_0000)

    /// What a watch of lbud's asks for. `closedAfterWriting` is there for writers through mmap, whose stores the kernel
    /// does not report but whose descriptor is closed in the end.
    package static let watchDirectory: Mask = [
      .modified, .attributes, .closedAfterWriting, .movedFrom, .movedTo, .created, .deleted, .selfDeleted, .selfMoved,
      .onlyDirectory, .excludeUnlinked,
    ]
  }

  package var watch: Int32
  package var mask: Mask
  package var cookie: UInt32
  /// The entry's name in the watched directory; empty when the event is about the directory itself.
  package var name: [UInt8]

  package init(watch: Int32, mask: Mask, cookie: UInt32 = 0, name: [UInt8] = []) {
    self.watch = watch
    self.mask = mask
    self.cookie = cookie
    self.name = name
  }

  /// Bytes of the fixed part: watch, mask, cookie and the length of the name, 32 bits each.
  static let headerSize = 16

  /// Decodes what one `read(2)` of an inotify descriptor returned.
  /// - Throws: `InotifyDecodingError` where the bytes end inside a record; the kernel never returns part of one.
  package static func decode(
    _ buffer: UnsafeRawBufferPointer, _ body: (InotifyEvent) -> Void
  ) throws(InotifyDecodingError) {
    var offset = 0
    while offset < buffer.count {
      guard buffer.count - offset >= headerSize else { throw InotifyDecodingError(offset: offset) }
      func field<T: FixedWidthInteger>(_ at: Int, _: T.Type) -> T {
        buffer.loadUnaligned(fromByteOffset: offset + at, as: T.self)
      }
      let length = Int(field(12, UInt32.self))
      guard buffer.count - offset - headerSize >= length else { throw InotifyDecodingError(offset: offset) }
      // The kernel pads the name with NULs to a multiple of the header's size.
      let name = buffer[(offset + headerSize)..<(offset + headerSize + length)].prefix { $0 != 0 }
      body(
        InotifyEvent(
          watch: field(0, Int32.self), mask: Mask(rawValue: field(4, UInt32.self)), cookie: field(8, UInt32.self),
          name: Array(name)))
      offset += headerSize + length
    }
  }
}

/// Bytes that are no sequence of inotify records.
package struct InotifyDecodingError: Error, Equatable, CustomStringConvertible {
  /// Where the record begins that is not whole, in bytes.
  package var offset: Int

  package var description: String { "the inotify queue returned a torn record at byte \(offset)" }
}
