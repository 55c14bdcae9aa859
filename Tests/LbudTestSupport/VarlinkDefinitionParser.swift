package struct VarlinkSyntaxError: Error, CustomStringConvertible {
  package let line: Int
  package let expected: String

  package var description: String { "line \(line): expected \(expected)" }
}

/// Reads a definition, word by word.
struct VarlinkDefinitionParser {
  private typealias Definition = VarlinkDefinition
  private let bytes: [UInt8]
  private var position = 0
  /// What stands directly above the word that comes next.
  private var comment = ""

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func definition() throws -> VarlinkDefinition {
    skipSpace()
    let about = comment
    try expect("interface")
    let name = try word("the name of an interface") { $0.isLetterOrDigit || $0 == "." || $0 == "-" }
    guard name.contains(".") else { throw error("a name with a dot") }
    var members: [Definition.Member] = []
    while skipSpace() {
      let member = try member()
      // Types, methods and errors share one name space.
      guard !members.contains(where: { $0.name == member.name }) else {
        throw error("another name than \(member.name)")
      }
      members.append(member)
    }
    let definition = VarlinkDefinition(name: name, comment: about, members: members)
    for member in members {
      for kind in [member.kind, member.reply] { try see(that: kind, isIn: definition) }
    }
    return definition
  }

  private mutating func member() throws -> Definition.Member {
    let about = comment
    let keyword = try word("type, method or error") { $0.isLetterOrDigit }
    guard let role = Definition.Role(rawValue: keyword) else { throw error("type, method or error") }
    let name = try word("a name") { $0.isLetterOrDigit }
    guard name.utf8.first.map(UnicodeScalar.init)?.isUpper ?? false else { throw error("a name in upper case") }
    let kind = try parenthesized()
    var member = Definition.Member(role: role, name: name, comment: about, kind: kind)
    if role == .method {
      try expect("->")
      member.reply = try parenthesized()
    }
    if role != .type {
      for case .enumeration in [member.kind, member.reply] { throw error("fields with types") }
    }
    return member
  }

  private mutating func kind() throws -> Definition.Kind {
    if take("?") {
      if take("?") { throw error("one question mark") }
      return .optional(try kind())
    }
    if take("[]") { return .array(try kind()) }
    if take("[string]") { return .map(try kind()) }
    if next("(") { return try parenthesized() }
    let name = try word("a type") { $0.isLetterOrDigit }
    switch name {
    case "bool": return .bool
    case "int": return .int
    case "float": return .float
    case "string": return .string
    case "object": return .object
    default:
      guard name.utf8.first.map(UnicodeScalar.init)?.isUpper ?? false else { throw error("a type") }
      return .named(name)
    }
  }

  /// Fields, or the cases of an enumeration.
  private mutating func parenthesized() throws -> Definition.Kind {
    try expect("(")
    if take(")") { return .structure([]) }
    var fields: [Definition.Field] = []
    var cases: [String] = []
    repeat {
      skipSpace()
      let about = comment
      let name = try word("a name") { $0.isLetterOrDigit || $0 == "_" }
      guard name.utf8.first != UInt8(ascii: "_"), name.utf8.last != UInt8(ascii: "_") else { throw error("a name") }
      guard !fields.contains(where: { $0.name == name }), !cases.contains(name) else { throw error("another name") }
      if take(":") { fields.append(Definition.Field(name, try kind(), comment: about)) } else { cases.append(name) }
      guard fields.isEmpty || cases.isEmpty else { throw error("either all fields with types or none") }
    } while take(",")
    try expect(")")
    return cases.isEmpty ? .structure(fields) : .enumeration(cases)
  }

  private func see(that kind: Definition.Kind, isIn definition: VarlinkDefinition) throws {
    switch kind {
    case .bool, .int, .float, .string, .object, .enumeration: break
    case .named(let name):
      guard definition.member(.type, name) != nil else { throw error("a type \(name)") }
    case .array(let inner), .map(let inner), .optional(let inner): try see(that: inner, isIn: definition)
    case .structure(let fields): for field in fields { try see(that: field.kind, isIn: definition) }
    }
  }

  // MARK: Words

  private func error(_ expected: String) -> VarlinkSyntaxError {
    VarlinkSyntaxError(line: bytes[..<position].count { $0 == UInt8(ascii: "\n") } + 1, expected: expected)
  }

  /// Goes to the next word, and keeps the comment that stands directly above it.
  /// - Returns: whether there is one.
  @discardableResult private mutating func skipSpace() -> Bool {
    var newlines = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\n"):
        newlines += 1
        if newlines > 1 { comment = "" }
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
      case UInt8(ascii: "#"):
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        comment += String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        position = end
        newlines = 0
        continue
      default: return true
      }
      position += 1
    }
    return false
  }

  private func next(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

  private mutating func take(_ text: String) -> Bool {
    skipSpace()
    guard next(text) else { return false }
    position += text.utf8.count
    comment = ""
    return true
  }

  private mutating func expect(_ text: String) throws {
    guard take(text) else { throw error(text) }
  }

  private mutating func word(_ what: String, _ isPart: (UnicodeScalar) -> Bool) throws -> String {
    skipSpace()
    let part = bytes[position...].prefix { isPart(UnicodeScalar($0)) }
    guard let first = part.first, UnicodeScalar(first).isLetter else { throw error(what) }
    position = part.endIndex
    comment = ""
    return String(decoding: part, as: UTF8.self)
  }
}

extension UnicodeScalar {
  fileprivate var isUpper: Bool { ("A"..."Z").contains(self) }
  fileprivate var isLetter: Bool { isUpper || ("a"..."z").contains(self) }
  fileprivate var isLetterOrDigit: Bool { isLetter || ("0"..."9").contains(self) }
}
