import Crypto
import LbudCore

extension SHA256 {
  /// The digest of what has been hashed so far.
  func contentDigest() throws -> ContentDigest {
    // Never nil, as both say 32 bytes; the type cannot know.
    guard let digest = finalize().withUnsafeBytes({ ContentDigest(memory: $0) }) else {
      throw ArchiveError.unexpectedDigest
    }
    return digest
  }
}
