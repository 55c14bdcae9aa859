import LbudCore

/// lbu.conf, edited as text; the values that a shell made of it; and other small words of people.
let configuration = Target(name: "conf", longest: 1024) { bytes in
  var input = Input(bytes)
  let value = input.upTo(0)
  let text = input.bytes
  let edited = ShellText.setting("LBU_MEDIA", to: value, in: text)
  let newline = UInt8(ascii: "\n")
  let before = text.split(separator: newline)
  // A line whose value goes on in the next one is not edited: another one is added.
  if !value.contains(newline) {
    expectEqual(ShellText.setting("LBU_MEDIA", to: value, in: edited), edited, "the same value set twice")
    let after = edited.split(separator: newline)
    expect(after.count == before.count || after.count == before.count + 1, "at most one line more")
  }

  // Each line as one of the values that the shell prints.
  let pairs = before.compactMap { line -> (String, String)? in
    guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    return (String(decoding: line[..<equals], as: UTF8.self), String(decoding: line[(equals + 1)...], as: UTF8.self))
  }
  var problems: [Problem] = []
  let settings = Settings(values: Dictionary(pairs, uniquingKeysWith: { $1 }), problems: &problems)
  expect((0...100_000).contains(settings.backupLimit) && settings.hookTimeout >= 1, "numbers are within their bounds")
  expect(settings.media.map { !$0.contains("/") && $0 != ".." } ?? true, "the media is a name")

  let complaint = ShellComplaint.withoutWords(String(decoding: text, as: UTF8.self))
  expect(complaint.map { !$0.contains("\n") } ?? text.allSatisfy { $0 == newline }, "a complaint is one line")
  let word = String(decoding: value, as: UTF8.self)
  if let seconds = DurationText.seconds(word) {
    expect((1...DurationText.longest).contains(seconds.count), "a duration is up to a year")
    expectEqual(DurationText.seconds("\(seconds.count)s"), seconds, "a duration written again")
  }
}
