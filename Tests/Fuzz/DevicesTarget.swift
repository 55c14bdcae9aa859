import LbudCore

/// What is on a block device, and what blkid says of it: any stick that is plugged in.
let devices = Target(name: "devices") { bytes in
  var input = Input(bytes)
  // Magic numbers are looked for up to 64 KiB: the input is a few places with what stands there.
  var device = [UInt8](repeating: 0, count: FileSystemIdentity.length - Int(input.byte()) * 256)
  let first = input.bytes(Int(input.byte()) * 8)
  device.replaceSubrange(..<first.count, with: first)
  while !input.rest.isEmpty {
    let place = (Int(input.byte()) << 8 | Int(input.byte())) * 2 % device.count
    let piece = input.bytes(Int(input.byte()) + 1).prefix(device.count - place)
    device.replaceSubrange(place..<(place + piece.count), with: piece)
  }
  let header = FileSystemHeader(device)
  let identity = FileSystemIdentity(device)
  if let header {
    expect(identity != nil, "what has a state has a type")
    expect(!header.needsCheck || !header.isClean, "what is clean needs no check")
  }
  expect(identity?.label.map { !$0.isEmpty && $0.count <= 256 } ?? true, "a label is short, or none")
  expect(identity?.uuid.map { $0.count <= 40 } ?? true, "a UUID is short")

  for found in BlockIdentity.parse(bytes) {
    expect(!found.device.isEmpty, "a device has a name")
    expect(found.matches(.path(found.device)), "a device is itself")
    if let uuid = found.uuid { expect(found.matches(.uuid(uuid)), "a device has its UUID") }
    if let label = found.label { expect(found.matches(.label(label)), "a device has its label") }
  }
}
