import LbudCore
import Testing

@Suite("Bytes of the inotify queue")
struct InotifyDecodingTests {
  /// A record as the kernel lays it out: the name is ended by NULs up to a multiple of the header's 16 bytes.
  static func record(_ event: InotifyEvent) -> [UInt8] {
    let length = event.name.isEmpty ? 0 : (event.name.count / 16 + 1) * 16
    let padding = [UInt8](repeating: 0, count: length - event.name.count)
    return header(event, length: UInt32(length)) + event.name + padding
  }

  static func header(_ event: InotifyEvent, length: UInt32) -> [UInt8] {
    [UInt32(bitPattern: event.watch), event.mask.rawValue, event.cookie, length].flatMap { number in
      withUnsafeBytes(of: number) { Array($0) }
    }
  }

  /// What was handed out, and the error that ended it.
  static func decode(_ bytes: [UInt8]) -> (events: [InotifyEvent], error: InotifyDecodingError?) {
    var events: [InotifyEvent] = []
    let error = bytes.withUnsafeBytes { buffer -> InotifyDecodingError? in
      do throws(InotifyDecodingError) {
        try InotifyEvent.decode(buffer) { events.append($0) }
        return nil
      } catch {
        return error
      }
    }
    return (events, error)
  }

  static let samples: [InotifyEvent] = [
    InotifyEvent(watch: 1, mask: .created, name: "motd".bytes),
    InotifyEvent(watch: 7, mask: [.movedFrom, .isDirectory], cookie: 0xdead_beef, name: "old name".bytes),
    InotifyEvent(watch: 7, mask: [.movedTo, .isDirectory], cookie: 0xdead_beef, name: "new".bytes),
    InotifyEvent(watch: 2, mask: .selfDeleted),
    InotifyEvent(watch: 2, mask: .watchRemoved),
    InotifyEvent(watch: -1, mask: .queueOverflow),
    InotifyEvent(watch: .max, mask: .modified, name: [0xff, 0xfe, 0x0a, 0x80]),
    InotifyEvent(watch: 3, mask: .deleted, name: [UInt8](repeating: UInt8(ascii: "n"), count: 255)),
  ]

  @Test(arguments: samples)
  func oneRecord(event: InotifyEvent) {
    let decoded = Self.decode(Self.record(event))
    #expect(decoded.events == [event])
    #expect(decoded.error == nil)
  }

  @Test func manyRecordsComeInTheirOrder() {
    let decoded = Self.decode(Self.samples.flatMap(Self.record))
    #expect(decoded.events == Self.samples)
    #expect(decoded.error == nil)
  }

  @Test func anEmptyBufferIsNoEvent() {
    #expect(Self.decode([]).events.isEmpty)
    #expect(Self.decode([]).error == nil)
  }

  @Test("the padding is no part of the name, however long", arguments: [1, 14, 15, 16, 17, 31, 32, 254, 255])
  func padding(length: Int) {
    let event = InotifyEvent(watch: 1, mask: .created, name: [UInt8](repeating: 0xe9, count: length))
    #expect(Self.decode(Self.record(event)).events == [event])
  }

  @Test func aNameThatFillsItsFieldHasNoNul() {
    // The kernel always writes one; a decoder that needs it would read into the next record.
    let name = [UInt8](repeating: UInt8(ascii: "x"), count: 16)
    let event = InotifyEvent(watch: 1, mask: .created, name: name)
    let next = InotifyEvent(watch: 2, mask: .deleted)
    #expect(Self.decode(Self.header(event, length: 16) + name + Self.record(next)).events == [event, next])
  }

  @Test func aNameOfOnlyPaddingIsEmpty() {
    let event = InotifyEvent(watch: 1, mask: .attributes)
    #expect(Self.decode(Self.header(event, length: 16) + [UInt8](repeating: 0, count: 16)).events == [event])
  }

  @Test func bitsThatAreNotKnownAreKept() {
    let event = InotifyEvent(watch: 1, mask: .init(rawValue: 0x8000_0001))
    #expect(Self.decode(Self.record(event)).events.first?.mask.rawValue == 0x8000_0001)
  }

  @Test func aRecordCutAnywhereIsToldByItsBeginningAndWhatIsBeforeItIsKept() {
    let whole = Self.samples[0]
    let start = Self.record(whole).count
    let bytes = Self.record(whole) + Self.record(Self.samples[1])
    for cut in (start + 1)..<bytes.count {
      let decoded = Self.decode(Array(bytes[..<cut]))
      #expect(decoded.events == [whole], "cut at \(cut)")
      #expect(decoded.error?.offset == start, "cut at \(cut)")
    }
  }

  @Test func aTornHeaderAtTheBeginning() {
    #expect(Self.decode([1, 2, 3]).error?.offset == 0)
    #expect(Self.decode([UInt8](repeating: 0, count: 15)).error?.offset == 0)
  }

  @Test("a length beyond the buffer is no length", arguments: [1, 16, 0x7fff_ffff, 0xffff_ffff] as [UInt32])
  func lengthBeyondTheBuffer(length: UInt32) {
    let decoded = Self.decode(Self.header(InotifyEvent(watch: 1, mask: .created), length: length))
    #expect(decoded.events.isEmpty)
    #expect(decoded.error?.offset == 0)
  }

  @Test func recordsNeedNotBeAligned() {
    // A buffer handed on from the middle of another one: nothing promises four-byte alignment.
    let bytes = [0] + Self.record(Self.samples[1])
    var events: [InotifyEvent] = []
    bytes.withUnsafeBytes { buffer in
      try? InotifyEvent.decode(UnsafeRawBufferPointer(rebasing: buffer[1...])) { events.append($0) }
    }
    #expect(events == [Self.samples[1]])
  }

  @Test func theErrorSaysWhere() {
    #expect(
      Self.decode([UInt8](repeating: 0, count: 50)).error?.description
        == "the inotify queue returned a torn record at byte 48")
  }
}
