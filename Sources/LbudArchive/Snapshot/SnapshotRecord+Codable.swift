/// Flat in JSON; what is not known is passed over.
extension SnapshotRecord: Codable {
  private enum Key: String, CodingKey {
    case formatVersion, host, time, reason, uid, user, message, changedCount, aside, readBack
    case entryCount, tarSize, tarSHA256, compressedSize, compressedSHA256, members, spans
  }

  /// - Throws: `ArchiveError.newerRecord` before anything else is looked at, as the rest may mean something else there.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let version = try values.decode(Int.self, forKey: .formatVersion)
    guard version <= Self.currentFormat else { throw ArchiveError.newerRecord(formatVersion: version) }
    formatVersion = version
    facts = SnapshotFacts(
      host: try values.decode(String.self, forKey: .host),
      time: try values.decode(Int64.self, forKey: .time),
      reason: try values.decode(String.self, forKey: .reason),
      uid: try values.decode(UInt32.self, forKey: .uid),
      user: try values.decodeIfPresent(String.self, forKey: .user),
      message: try values.decodeIfPresent(String.self, forKey: .message),
      changedCount: try values.decode(Int.self, forKey: .changedCount))
    facts.isAside = try values.decodeIfPresent(Bool.self, forKey: .aside) ?? false
    facts.isReadBack = try values.decodeIfPresent(Bool.self, forKey: .readBack)
    entryCount = try values.decode(Int.self, forKey: .entryCount)
    tarSize = try values.decode(UInt64.self, forKey: .tarSize)
    tarSHA256 = version == 1 ? try values.decode(String.self, forKey: .tarSHA256) : nil
    compressedSize = try values.decode(UInt64.self, forKey: .compressedSize)
    compressedSHA256 = try values.decodeIfPresent(String.self, forKey: .compressedSHA256)
    // In format 2 nothing else tells whether the content is what it was.
    let table =
      version == 1
      ? try values.decodeIfPresent(String.self, forKey: .members) : try values.decode(String.self, forKey: .spans)
    spans = try table.map { text in
      guard let spans = SpanTable.decode(text, hasProofs: version > 1) else {
        throw DecodingError.dataCorruptedError(
          forKey: version == 1 ? .members : .spans, in: values, debugDescription: "the table of spans is malformed")
      }
      return spans
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(formatVersion, forKey: .formatVersion)
    try values.encode(facts.host, forKey: .host)
    try values.encode(facts.time, forKey: .time)
    try values.encode(facts.reason, forKey: .reason)
    try values.encode(facts.uid, forKey: .uid)
    try values.encodeIfPresent(facts.user, forKey: .user)
    try values.encodeIfPresent(facts.message, forKey: .message)
    try values.encode(facts.changedCount, forKey: .changedCount)
    if facts.isAside { try values.encode(true, forKey: .aside) }
    try values.encodeIfPresent(facts.isReadBack, forKey: .readBack)
    try values.encode(entryCount, forKey: .entryCount)
    try values.encode(tarSize, forKey: .tarSize)
    try values.encodeIfPresent(tarSHA256, forKey: .tarSHA256)
    try values.encode(compressedSize, forKey: .compressedSize)
    try values.encodeIfPresent(compressedSHA256, forKey: .compressedSHA256)
    try values.encodeIfPresent(spans.map(SpanTable.encode), forKey: formatVersion == 1 ? .members : .spans)
  }
}
