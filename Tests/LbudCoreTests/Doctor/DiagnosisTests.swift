import Testing

@testable import LbudCore

/// The answer that all checks come to.
@Suite struct DiagnosisTests {
  private static func all(_ states: [Check.ID: Check.State] = [:]) -> Diagnosis {
    Diagnosis(Check.ID.allCases.reversed().map { Check($0, states[$0] ?? .ok, "\($0)") })
  }

  @Test(
    arguments: [
      ([:], true, "if the power failed now, this box would come back as it is"),
      ([.clock: .warning], true, "if the power failed now, this box would come back as it is"),
      // That there is no such thing is nothing left open.
      (
        [.service: .skipped, .packages: .skipped], true, "if the power failed now, this box would come back as it is"
      ),
      (
        [.devices: .skipped], true,
        "if the power failed now, this box would come back as it is, as far as can be told without other devices"
      ),
      (
        [.media: .skipped, .devices: .skipped, .space: .skipped], true,
        "if the power failed now, this box would come back as it is, as far as can be told without the media, "
          + "other devices and the room for commits"
      ),
      (
        [.changes: .failed, .hostname: .failed, .devices: .skipped], false,
        "if the power failed now, this box would not come back as it is: unsaved changes, the host name"
      ),
    ] as [([Check.ID: Check.State], Bool, String)])
  func answers(states: [Check.ID: Check.State], isGood: Bool, sentence: String) {
    let diagnosis = Self.all(states)
    #expect(diagnosis.isGood == isGood)
    #expect(diagnosis.sentence == sentence)
  }

  @Test func tellsThemInOneOrder() { #expect(Self.all().checks.map(\.id) == Check.ID.allCases) }
}
