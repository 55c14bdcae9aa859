/// A view of one header block in the reader's buffer: good only until the reader goes on.
struct TarBlock {
  struct Problem: Error {
    let reason: String
  }

  private let bytes: UnsafeRawBufferPointer

  /// Takes the first 512 bytes.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<TarLayout.blockSize])
  }

  var isZero: Bool {
    for offset in stride(from: 0, to: TarLayout.blockSize, by: 8)
    where bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 {
      return false
    }
    return true
  }

  /// Old tars added up signed characters (GNU tar manual, "Basic Tar Format"), so either sum will do.
  var hasGoodChecksum: Bool {
    guard let recorded = TarNumber.read(field(TarLayout.checksum)) else { return false }
    // Two bytes of eight at a time, in lanes of 16 bits that 64 words cannot fill.
    let lanes: UInt64 = 0x00FF_00FF_00FF_00FF
    var (sums, negative): (UInt64, Int64) = (0, 0)
    for offset in stride(from: 0, to: TarLayout.blockSize, by: 8) {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      sums += (word & lanes) + (word >> 8 & lanes)
      negative += Int64((word & 0x8080_8080_8080_8080).nonzeroBitCount)
    }
    var sum = stride(from: 0, to: 64, by: 16).reduce(Int64(0)) { $0 + Int64(sums >> UInt64($1) & 0xFFFF) }
    // The field itself counts as blanks.
    for byte in bytes[TarLayout.checksum] {
      sum += Int64(UInt8(ascii: " ")) - Int64(byte)
      negative -= Int64(byte >> 7)
    }
    return recorded == sum || recorded == sum - 256 * negative
  }

  var type: UInt8 { bytes[TarLayout.type] }

  /// The name with the prefix that POSIX puts in front of it.
  var name: [UInt8] {
    let name = text(TarLayout.name)
    guard bytes[TarLayout.magic].starts(with: TarLayout.posixMagic) else { return name }
    let prefix = text(TarLayout.prefix)
    return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
  }

  var linkName: [UInt8] { text(TarLayout.linkName) }

  /// - Throws: `Problem` for what is no number.
  func number(_ range: Range<Int>, called what: String) throws(Problem) -> Int64 {
    guard let value = TarNumber.read(field(range)) else { throw Problem(reason: "\(what) is not a number") }
    return value
  }

  private func field(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[range])
  }

  /// Up to the first NUL; there is none where the field is full.
  private func text(_ range: Range<Int>) -> [UInt8] {
    Array(bytes[range].prefix { $0 != 0 })
  }
}
