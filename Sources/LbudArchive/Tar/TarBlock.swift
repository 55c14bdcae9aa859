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
    var unsigned: Int64 = 0
    var signed: Int64 = 0
    for index in 0..<TarLayout.blockSize {
      let byte = TarLayout.checksum.contains(index) ? UInt8(ascii: " ") : bytes[index]
      unsigned += Int64(byte)
      signed += Int64(Int8(bitPattern: byte))
    }
    return recorded == unsigned || recorded == signed
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
