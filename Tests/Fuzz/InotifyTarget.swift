import LbudCore

/// What `read(2)` of an inotify descriptor returned. The kernel is trusted; the arithmetic is not.
let inotify = Target(name: "inotify", longest: 1024) { bytes in
  let (events, torn) = decode(bytes)
  if let torn {
    expect(torn >= 0 && torn < bytes.count, "the torn record begins inside")
    let (whole, error) = decode(Array(bytes[..<torn]))
    expectEqual(error, nil, "what is before the torn record is whole")
    expectEqual(whole, events, "what was told before the torn record")
  }
  expect(events.count * 16 <= bytes.count, "each record has a header of 16 bytes")
  for event in events { expect(!event.name.contains(0), "a name has no NUL") }

  let (again, error) = decode(events.flatMap(encode))
  expectEqual(error, nil, "events written again")
  expectEqual(again, events, "events written again")
}

private func decode(_ bytes: [UInt8]) -> (events: [InotifyEvent], torn: Int?) {
  var events: [InotifyEvent] = []
  let error = bytes.withUnsafeBytes { buffer in
    do throws(InotifyDecodingError) {
      try InotifyEvent.decode(buffer) { events.append($0) }
      return nil as InotifyDecodingError?
    } catch {
      return error
    }
  }
  return (events, error?.offset)
}

/// As the kernel writes them: the name is padded with NULs, of which there is at least one.
private func encode(_ event: InotifyEvent) -> [UInt8] {
  let length = event.name.isEmpty ? 0 : (event.name.count / 16 + 1) * 16
  let fields = [UInt32(bitPattern: event.watch), event.mask.rawValue, event.cookie, UInt32(length)]
  let header = fields.flatMap { field in (0..<4).map { UInt8(truncatingIfNeeded: field >> (8 * $0)) } }
  return header + event.name + Array(repeating: 0, count: length - event.name.count)
}
