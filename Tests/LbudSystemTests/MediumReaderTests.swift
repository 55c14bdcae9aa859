import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// Reading past the page cache, on whatever file system the tests have.
@Suite struct MediumReaderTests {
  @Test("any place and any length gives the file's bytes", arguments: [0, 1, 511, 4096, 262_144, 600_001])
  func readsAnywhere(size: Int) throws {
    let directory = TemporaryDirectory()
    let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ ($0 >> 8)) }
    TreeBuilder(directory.path).file(BytePath("file"), content)
    let raw = open(directory.path + "/file", O_RDONLY | O_CLOEXEC)
    let file = Descriptor(owning: raw)
    let flags = fcntl(raw, F_GETFL)
    do {
      let reader = MediumReader(file, path: "file")
      for (offset, length) in [(0, 10), (1, 5000), (4095, 2), (262_140, 9), (500_000, 200_000), (600_000, 5), (3, 1)] {
        var read: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
        defer { buffer.deallocate() }
        while read.count < length {
          let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(length - read.count)])
          let count = try reader.read(at: UInt64(offset + read.count), into: rest)
          if count == 0 { break }
          read += buffer[..<count]
        }
        #expect(read == Array(content.dropFirst(offset).prefix(length)), "\(length) bytes at \(offset)")
      }
    }
    #expect(fcntl(raw, F_GETFL) == flags, "what was changed is put back")
    withExtendedLifetime(directory) {}
  }

  @Test func whatIsWrittenMeanwhileIsReadFromTheMediumToo() throws {
    let directory = TemporaryDirectory()
    let raw = open(directory.path + "/file", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    let file = Descriptor(owning: raw)
    _ = [UInt8](repeating: 5, count: 9000).withUnsafeBytes { write(raw, $0.baseAddress, $0.count) }
    let reader = MediumReader(file, path: "file")
    var byte: UInt8 = 0
    let count = try withUnsafeMutableBytes(of: &byte) { try reader.read(at: 8999, into: $0) }
    #expect(count == 1 && byte == 5)
    withExtendedLifetime(directory) {}
  }
}
