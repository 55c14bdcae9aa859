import LbudCore
import Testing

@testable import LbudArchive

@Suite("Files larger than memory should have to hold")
struct StreamingTests {
  /// Keeps nothing.
  struct CountingOutput: ArchiveOutput {
    var size: UInt64 = 0
    var largestWrite = 0

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
      size += UInt64(bytes.count)
      largestWrite = max(largestWrite, bytes.count)
    }

    mutating func truncate(to position: UInt64) throws {
      size = position
    }
  }

  @Test func twoHundredMegabytesPassThroughSmallBuffers() throws {
    let size: UInt64 = 200_000_000
    let block = Fixture.random(4096)
    var delivered: UInt64 = 0
    var largestRead = 0
    var writer = try ArchiveWriter(output: CountingOutput(), level: 1)
    var member = Entry("etc/large", .file(size: size)).member
    member.body = .file(size: size)
    _ = try writer.append(member) { target in
      largestRead = max(largestRead, target.count)
      let count = min(block.count, target.count, Int(size - delivered))
      target.copyBytes(from: block.prefix(count))
      delivered += UInt64(count)
      return count
    }
    let (output, record) = try writer.finish(facts)
    #expect(record.tarSize == 512 + size + UInt64(TarLayout.padding(after: size)) + 1024)
    #expect(largestRead <= 65_536)
    #expect(output.largestWrite <= Deflater.size + 1024)
    #expect(record.spans?.first?.tarSize == record.tarSize - 1024)
  }

  @Test func theReaderAsksForNoMoreThanItsBuffer() throws {
    let size: UInt64 = 50_000_000
    let header = try TarEncoder.headers(of: Entry("etc/large", .file(size: size)).member)
    var left = size
    var atStart = true
    var largest = 0
    var reader = TarReader { target in
      largest = max(largest, target.count)
      if atStart {
        atStart = false
        target.copyBytes(from: header)
        return header.count
      }
      let count = min(target.count, Int(left))
      left -= UInt64(count)
      return count
    }
    #expect(try reader.next()?.body == .file(size: size))
    _ = try reader.digest()
    #expect(left == 0)
    #expect(largest <= 128 * 1024)
  }
}
