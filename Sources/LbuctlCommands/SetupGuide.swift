import LbudSystem

/// Who is asked, and what is taken where nobody is.
struct SetupGuide {
  /// Whether all that is suggested is taken.
  let takesSuggestions: Bool
  private let isTerminal = TerminalScreen.keys != nil

  init(takesSuggestions: Bool) { self.takesSuggestions = takesSuggestions }

  /// Before anything is done: whether there is an answer to everything.
  /// - Throws: `Failure`.
  func check(_ options: [(name: String, isGiven: Bool)]) throws(Failure) {
    let open = options.filter { !$0.isGiven }.map(\.name)
    guard !open.isEmpty, !takesSuggestions, !isTerminal else { return }
    throw Failure(
      .usage, "there is no terminal to ask for \(open.joined(separator: ", "))",
      hint: "give them, or --yes for what is suggested; lbuctl setup --help")
  }

  /// - Throws: `Failure` where whoever is asked has gone.
  /// - Parameter suggested: looked for where nothing is given.
  func answer(
    _ question: String, given: String?, suggested: @autoclosure () -> String
  ) throws(Failure) -> String {
    if let given { return given }
    let suggested = suggested()
    if takesSuggestions { return suggested }
    Voice.say(bytes: Array("\(question) [\(suggested)]: ".utf8))
    guard let line = readLine() else {
      Voice.say("")
      throw Failure(.failed, "nobody answers, and nothing more is done", hint: "lbuctl setup again, when you like")
    }
    let answer = line.drop { $0 == " " }
    return answer.isEmpty ? suggested : String(answer)
  }

  /// - Throws: as `answer`.
  func isYes(_ question: String, given: Bool?) throws(Failure) -> Bool {
    if let given { return given }
    while true {
      switch try answer(question, given: nil, suggested: "yes").lowercased() {
      case "yes", "y": return true
      case "no", "n": return false
      default: Voice.say("yes or no")
      }
    }
  }
}
