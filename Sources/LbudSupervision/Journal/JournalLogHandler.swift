#if Systemd
  import CSystemd
  import Glibc
  import Logging

  /// Sends the log to the journal, with fields that journalctl(1) can search by. What the journal does not take goes to
  /// another log.
  package struct JournalLogHandler: LogHandler {
    package var logLevel = Logger.Level.info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let fallback: any LogHandler

    package init(label: String, fallback: any LogHandler) {
      self.label = label
      self.fallback = fallback
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
      var all = metadata
      all.merge(metadataProvider?.get() ?? [:]) { _, new in new }
      all.merge(event.metadata ?? [:]) { _, new in new }
      if let error = event.error { all["error"] = "\(error)" }
      let fields = JournalFields(event, label: label, metadata: all).fields
      if Self.send(fields) < 0 { fallback.log(event: event) }
    }

    /// - Returns: negative errno.
    private static func send(_ fields: [[UInt8]]) -> Int32 {
      // One buffer for all, which stays where it is while the kernel reads it.
      var bytes = Array(fields.joined())
      return bytes.withUnsafeMutableBytes { buffer in
        var vectors: [iovec] = []
        var offset = 0
        for field in fields {
          vectors.append(iovec(iov_base: buffer.baseAddress.map { $0 + offset }, iov_len: field.count))
          offset += field.count
        }
        return sd_journal_sendv(vectors, Int32(vectors.count))
      }
    }
  }
#endif
