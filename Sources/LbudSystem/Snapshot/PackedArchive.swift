import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// An archive that is on no media: in memory, and gone when it is let go.
package final class PackedArchive: Sendable {
  private let file: Descriptor
  /// What could not be packed as it is, in words.
  package let notes: [String]

  private init(_ file: consuming Descriptor, notes: [String]) {
    self.file = file
    self.notes = notes
  }

  /// Packs the entries, encrypted where the settings say so.
  /// - Parameter selected: in archive order.
  /// - Throws: `StoreError`.
  package static func make(
    _ selected: [SelectedEntry], facts: SnapshotFacts, root: RootDirectory, settings: Settings
  ) throws -> PackedArchive {
    do {
      let plain = try MemoryFile.make()
      let built = try SnapshotBuilder.build(
        CommitRecipe(selected), facts: facts, root: root, output: FileOutput(raw: plain.raw, path: MemoryFile.path))
      guard let cipher = settings.encryption else { return PackedArchive(plain, notes: built.notes) }
      guard let password = settings.password else { throw StoreError.passwordMissing(cipher) }
      try OpenSSL.check(password)
      let sealed = try MemoryFile.make()
      let size = try plain.status(path: MemoryFile.path).size
      try OpenSSL(cipher: cipher).encrypt(plain.raw, to: sealed.raw, size: size, with: password)
      return PackedArchive(sealed, notes: built.notes)
    } catch let error as FileError {
      throw StoreError("\(error)", hint: "mend it, or leave it out by a line in lbu.list")
    } catch let error as ArchiveError {
      throw StoreError("the archive could not be made: \(error)", hint: "see the log of lbud")
    }
  }

  /// - Parameter count: bytes at most.
  /// - Returns: nothing at the end.
  /// - Throws: `FileError`.
  package func read(at offset: UInt64, count: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let raw = file.raw
    let got = try retrying("read", MemoryFile.path) {
      bytes.withUnsafeMutableBytes { pread(raw, $0.baseAddress, $0.count, off_t(offset)) }
    }
    return Array(bytes.prefix(got))
  }
}
