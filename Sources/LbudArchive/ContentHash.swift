import Crypto
import LbudCore

extension SHA256 {
  /// The digest of what has been hashed so far.
  func contentDigest() throws -> ContentDigest {
    // Never nil, as both say 32 bytes; the type cannot know.
    guard let digest = ContentDigest(finalize()) else { throw ArchiveError.unexpectedDigest }
    return digest
  }
}
