import LbudCore

/// Which snapshot is meant: one of the three, or the newest.
package struct ReferenceReport: Codable, Sendable, Equatable {
  package var back: Int?
  /// Seconds since 1970.
  package var at: Double?
  package var name: WirePath?

  package init(_ reference: SnapshotReference) {
    switch reference {
    case .back(let count): back = count
    case .asOf(let time): at = Double(time)
    case .named(let name): self.name = WirePath(bytes: name)
    }
  }

  /// - Parameter parameter: what the call has it as.
  /// - Throws: `VarlinkError` where it says more than one thing, or nothing that can be.
  package func reference(_ parameter: String) throws(VarlinkError) -> SnapshotReference {
    switch (back, at, name) {
    case (nil, nil, nil): return .back(0)
    case (let count?, nil, nil):
      guard count >= 0 else { throw .invalidParameter(parameter + ".back") }
      return .back(count)
    case (nil, let time?, nil):
      guard let time = Int64(exactly: time.rounded(.down)) else { throw .invalidParameter(parameter + ".at") }
      return .asOf(time)
    case (nil, nil, let name?): return .named(name.rawBytes)
    default: throw .invalidParameter(parameter)
    }
  }
}
