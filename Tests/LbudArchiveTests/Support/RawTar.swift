import LbudCore

@testable import LbudArchive

/// Tars put together byte by byte, to be wrong in one place.
struct RawTar {
  var bytes: [UInt8] = []

  /// A ustar header with a good checksum; `edit` may change anything before that is computed.
  static func header(
    _ name: [UInt8], type: Character = "0", size: Int = 0, magic: String = "ustar\u{0}00",
    edit: (inout [UInt8]) -> Void = { _ in }
  ) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    block.replaceSubrange(0..<min(100, name.count), with: name.prefix(100))
    TarNumber.write(0o644, to: TarLayout.mode, of: &block)
    TarNumber.write(Int64(size), to: TarLayout.size, of: &block)
    block[TarLayout.type] = type.asciiValue ?? 0
    block.replaceSubrange(257..<(257 + magic.utf8.count), with: Array(magic.utf8))
    edit(&block)
    return sealed(block)
  }

  static func sealed(_ header: [UInt8]) -> [UInt8] {
    var block = header
    block.replaceSubrange(TarLayout.checksum, with: Array("        ".utf8))
    let sum = block.reduce(0) { $0 + Int64($1) }
    TarNumber.write(sum, to: 148..<155, of: &block)
    return block
  }

  /// An entry with content, padded.
  static func entry(_ name: String, type: Character = "0", content: [UInt8] = []) -> [UInt8] {
    header(Array(name.utf8), type: type, size: content.count) + padded(content)
  }

  static func padded(_ content: [UInt8]) -> [UInt8] {
    content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// An `x` entry of these records.
  static func pax(_ records: [(String, [UInt8])]) -> [UInt8] {
    let body = records.flatMap { key, value -> [UInt8] in
      let rest = [32] + Array((key + "=").utf8) + value + [10]
      // The length counts its own digits.
      var length = rest.count + 1
      while String(length).utf8.count + rest.count != length { length = String(length).utf8.count + rest.count }
      return Array(String(length).utf8) + rest
    }
    return entry("PaxHeaders/x", type: "x", content: body)
  }

  static let end = [UInt8](repeating: 0, count: 1024)
}

/// What reading `tar` to its end fails with.
func failure(ofTar tar: [UInt8]) -> ArchiveError? {
  do {
    _ = try entries(ofTar: tar)
    return nil
  } catch { return error as? ArchiveError }
}
