import LbudProtocol
import LbudTestSupport

/// How what is declared differs from what is on the wire; without the order, which means nothing there.
func differences(
  declared: VarlinkDefinition.Kind, swift: VarlinkDefinition.Kind, at place: String
) -> [String] {
  switch (declared, swift) {
  case (.optional(let one), .optional(let other)), (.array(let one), .array(let other)),
    (.map(let one), .map(let other)):
    return differences(declared: one, swift: other, at: place)
  case (.structure(let one), .structure(let other)):
    let fields = Dictionary(uniqueKeysWithValues: other.map { ($0.name, $0.kind) })
    let missing = Set(other.map(\.name)).subtracting(one.map(\.name))
    return one.flatMap { field in
      let name = place + "." + field.name
      return fields[field.name].map { differences(declared: field.kind, swift: $0, at: name) }
        ?? ["\(name) is declared alone"]
    } + missing.sorted().map { "\(place).\($0) is not declared" }
  case (.enumeration(let one), .enumeration(let other)) where Set(one) == Set(other): return []
  default: return declared == swift ? [] : ["\(place) is declared as \(declared), and is \(swift)"]
  }
}

/// How a value that was sent differs from what is declared of it.
func mistakes(in value: JSONValue, declaredAs kind: VarlinkDefinition.Kind, at place: String) -> [String] {
  switch (kind, value) {
  case (.bool, .bool), (.int, .integer), (.float, .integer), (.float, .number), (.string, .string), (.object, .object):
    return []
  case (.optional(let inner), _): return mistakes(in: value, declaredAs: inner, at: place)
  case (.array(let element), .array(let values)):
    return values.flatMap { mistakes(in: $0, declaredAs: element, at: place + "[]") }
  case (.map(let inner), .object(let members)):
    return members.values.flatMap { mistakes(in: $0, declaredAs: inner, at: place + "[]") }
  case (.enumeration(let cases), .string(let text)) where cases.contains(text): return []
  case (.structure(let fields), .object(var members)):
    var found: [String] = []
    for field in fields {
      if let member = members.removeValue(forKey: field.name) {
        found += mistakes(in: member, declaredAs: field.kind, at: place + "." + field.name)
      } else if case .optional = field.kind {
        continue
      } else {
        found.append("\(place).\(field.name) is not sent")
      }
    }
    return found + members.keys.sorted().map { "\(place).\($0) is sent and not declared" }
  default: return ["\(place) is declared as \(kind), and \(value) is sent"]
  }
}
