import LbudProtocol

/// The splitting of a stream into Varlink's frames, whatever the pieces it comes in; and the check of their nesting.
let frames = Target(name: "frames") { bytes in
  var input = Input(bytes)
  let limit = Int(input.byte())
  let sizes = input.pieceSizes()
  let stream = input.bytes

  var decoder = FrameDecoder(limit: limit)
  var found = Frames()
  for piece in pieces(of: stream, sizes: sizes) where !found.isTooLong {
    decoder.append(piece)
    found.take(from: &decoder)
  }
  let wanted = Frames(splitting: stream, limit: limit)
  expectEqual(found, wanted, "the frames of a stream in pieces and of a split one")
  if found.isTooLong {
    decoder.append([0, 1, 0])
    expect((try? decoder.next()) == nil, "after an error there is no other frame")
  } else {
    expectEqual(decoder.isInsideFrame, stream.last.map { $0 != 0 } ?? false, "a frame is begun")
  }
  for frame in found.frames { checkDepth(of: frame) }
}

private struct Frames: Equatable {
  var frames: [[UInt8]] = []
  var isTooLong = false

  init() {}

  init(splitting stream: [UInt8], limit: Int) {
    let parts = stream.split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
    let short = parts.prefix { $0.count <= limit }
    isTooLong = short.count < parts.count
    // What stands behind the last NUL is no frame yet.
    frames = Array(isTooLong ? short : short.dropLast())
  }

  mutating func take(from decoder: inout FrameDecoder) {
    do {
      while let frame = try decoder.next() { frames.append(frame) }
    } catch {
      isTooLong = true
    }
  }
}

/// JSON that passes is nested no deeper than the limit.
private func checkDepth(of frame: [UInt8]) {
  let limit = 4
  guard (try? checkNesting(of: frame, limit: limit)) != nil else {
    expect(frame.count > limit, "a few bytes are not nested too deeply")
    return
  }
  guard let value = try? decodeJSON(JSONValue.self, from: frame) else { return }
  expect(depth(of: value) <= limit, "the nesting was checked")
}

private func depth(of value: JSONValue) -> Int {
  switch value {
  case .array(let values): 1 + (values.map(depth).max() ?? 0)
  case .object(let members): 1 + (members.values.map(depth).max() ?? 0)
  default: 0
  }
}
