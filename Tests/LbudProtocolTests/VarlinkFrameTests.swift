import LbudProtocol
import Testing

@Suite struct VarlinkFrameTests {
  private func frames(_ pieces: [[UInt8]], limit: Int = 100) throws -> [[UInt8]] {
    var decoder = FrameDecoder(limit: limit)
    var frames: [[UInt8]] = []
    for piece in pieces {
      decoder.append(piece)
      while let frame = try decoder.next() { frames.append(frame) }
    }
    return frames
  }

  @Test(arguments: [1, 2, 3, 5, 100])
  func splitsAtNulWhateverThePieces(size: Int) throws {
    let stream = Array("{}\0\0{\"a\":1}\0rest".utf8)
    let pieces = stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) }
    #expect(try frames(pieces) == [Array("{}".utf8), [], Array("{\"a\":1}".utf8)])
  }

  @Test func knowsWhetherAFrameIsHalfThere() throws {
    var decoder = FrameDecoder()
    #expect(!decoder.isInsideFrame)
    decoder.append([1, 0, 2])
    #expect(try decoder.next() == [1])
    #expect(try decoder.next() == nil)
    #expect(decoder.isInsideFrame)
    decoder.append([0])
    #expect(try decoder.next() == [2])
    #expect(try decoder.next() == nil)
    #expect(!decoder.isInsideFrame)
  }

  @Test func takesAFrameOfExactlyTheLimit() throws {
    #expect(try frames([[1, 2, 3, 0]], limit: 3) == [[1, 2, 3]])
  }

  @Test func refusesALongerFrameBeforeItsEnd() {
    var decoder = FrameDecoder(limit: 3)
    decoder.append([1, 2, 3, 4])
    #expect(throws: FrameError.tooLong(limit: 3)) { try decoder.next() }
    // The stream is lost: nothing that follows is a frame.
    decoder.append([0, 5, 0])
    #expect(throws: FrameError.tooLong(limit: 3)) { try decoder.next() }
    #expect(!decoder.isInsideFrame)
  }

  @Test func refusesALongerFrameThatIsWhole() {
    #expect(throws: FrameError.tooLong(limit: 3)) { try frames([[1, 0, 1, 2, 3, 4, 0]], limit: 3) }
  }

  @Test func keepsManyFramesApartWhenTheyAreTakenOneByOne() throws {
    var decoder = FrameDecoder(limit: 10)
    for number in 0..<10_000 {
      let frame = [UInt8](repeating: UInt8(1 + number % 200), count: number % 7)
      decoder.append(frame.prefix(2))
      decoder.append(frame.dropFirst(2) + [0])
      #expect(try decoder.next() == frame)
    }
  }

  @Test(arguments: [
    ("{}", 1), ("[[],[]]", 2), (#"{"a":{"b":[1]}}"#, 3), (#""[[[[""#, 0), (#"["\"[[[["]"#, 1), (#"["\\",[]]"#, 2),
    (#"["\\\"[["]"#, 1), ("]]]][[", 2), ("", 0), (#"{"[":"{"}"#, 1),
  ])
  func measuresNesting(text: String, depth: Int) throws {
    try checkNesting(of: text.utf8, limit: depth)
    if depth > 0 {
      #expect(throws: FrameError.tooDeep(limit: depth - 1)) { try checkNesting(of: text.utf8, limit: depth - 1) }
    }
  }

  @Test func refusesAMillionBrackets() {
    let hostile = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
    #expect(throws: FrameError.tooDeep(limit: defaultNestingLimit)) { try checkNesting(of: hostile) }
  }
}
