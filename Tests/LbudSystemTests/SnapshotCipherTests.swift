import Testing

@testable import LbudSystem

/// Whether a file on the media is encrypted, by its name as it is known: beside another box's overlay it lies in the folder.
@Suite struct SnapshotCipherTests {
  @Test(
    arguments: [
      ("box.apkovl.tar.gz", nil), ("box.apkovl.tar.gz.aes-256-cbc", "aes-256-cbc"),
      ("LBUD/box.20260101000000.tar.gz", nil), ("LBUD/box.20260101000000.tar.gz.aes-256-cbc", "aes-256-cbc"),
    ] as [(String, String?)])
  func isTold(name: String, cipher: String?) {
    #expect(SnapshotStore.cipher(of: name) == cipher)
  }
}
