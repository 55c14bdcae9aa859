/// All checks, and the answer that they come to.
package struct Diagnosis: Equatable, Sendable {
  package let checks: [Check]

  /// - Parameter checks: in any order.
  package init(_ checks: [Check]) {
    self.checks = Check.ID.allCases.flatMap { id in checks.filter { $0.id == id } }
  }

  /// Whether nothing failed. What could not be looked at is no failure.
  package var isGood: Bool { !checks.contains { $0.state == .failed } }

  /// The answer, in one sentence without a full stop.
  package var sentence: String {
    let failed = subjects(.failed)
    guard failed.isEmpty else {
      return "if the power failed now, this box would not come back as it is: "
        + failed.map(\.subject).joined(separator: ", ")
    }
    // That a root has no runlevels is nothing that was left out.
    let unseen = subjects(.skipped).filter { ![.service, .packages].contains($0) }
    let reservation = unseen.isEmpty ? "" : ", as far as can be told without \(Self.list(unseen.map(\.subject)))"
    return "if the power failed now, this box would come back as it is" + reservation
  }

  private func subjects(_ state: Check.State) -> [Check.ID] { checks.filter { $0.state == state }.map(\.id) }

  /// `a, b and c`.
  private static func list(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}
