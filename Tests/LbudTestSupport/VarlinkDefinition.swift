/// A Varlink interface definition: what it declares, and the comments on it.
///
/// The language is that of https://varlink.org/Interface-Definition.
package struct VarlinkDefinition: Sendable {
  package indirect enum Kind: Sendable, Equatable {
    case bool, int, float, string, object
    /// A type of the definition.
    case named(String)
    case array(Kind)
    case map(Kind)
    case optional(Kind)
    case structure([Field])
    case enumeration([String])
  }

  package struct Field: Sendable, Equatable {
    package var name: String
    package var kind: Kind
    /// What stands directly above it; empty if nothing does.
    package var comment: String

    package init(_ name: String, _ kind: Kind, comment: String = "") {
      self.name = name
      self.kind = kind
      self.comment = comment
    }
  }

  package enum Role: String, Sendable { case type, method, error }

  package struct Member: Sendable {
    package var role: Role
    package var name: String
    package var comment: String
    /// What the type is, or what the method or the error has as parameters.
    package var kind: Kind
    /// Of a method.
    package var reply = Kind.structure([])
  }

  package var name: String
  package var comment: String
  package var members: [Member]

  /// - Throws: `VarlinkSyntaxError` where it is no definition, or names a type that it does not have.
  package init(_ text: String) throws {
    var parser = VarlinkDefinitionParser(text)
    self = try parser.definition()
  }

  init(name: String, comment: String, members: [Member]) {
    self.name = name
    self.comment = comment
    self.members = members
  }

  package func names(_ role: Role) -> [String] { members.filter { $0.role == role }.map(\.name) }

  package func member(_ role: Role, _ name: String) -> Member? {
    members.first { $0.role == role && $0.name == name }
  }

  /// With the named types put in.
  package func resolved(_ kind: Kind) -> Kind {
    switch kind {
    case .bool, .int, .float, .string, .object, .enumeration: kind
    case .named(let name): member(.type, name).map { resolved($0.kind) } ?? kind
    case .array(let element): .array(resolved(element))
    case .map(let value): .map(resolved(value))
    case .optional(let value): .optional(resolved(value))
    case .structure(let fields): .structure(fields.map { Field($0.name, resolved($0.kind), comment: $0.comment) })
    }
  }

  /// What has no comment: members, and fields of theirs as `Status.reply.host`.
  package var uncommented: [String] {
    var found = comment.isEmpty ? ["interface"] : []
    for member in members {
      if member.comment.isEmpty { found.append(member.name) }
      found += Self.uncommented(member.kind, in: member.name)
      found += Self.uncommented(member.reply, in: member.name + ".reply")
    }
    return found
  }

  private static func uncommented(_ kind: Kind, in name: String) -> [String] {
    switch kind {
    case .bool, .int, .float, .string, .object, .named, .enumeration: []
    case .array(let inner), .map(let inner), .optional(let inner): uncommented(inner, in: name)
    case .structure(let fields):
      fields.flatMap { field in
        (field.comment.isEmpty ? [name + "." + field.name] : []) + uncommented(field.kind, in: name + "." + field.name)
      }
    }
  }
}

extension VarlinkDefinition.Kind: CustomStringConvertible {
  /// As the language has it.
  package var description: String {
    switch self {
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "string"
    case .object: "object"
    case .named(let name): name
    case .array(let element): "[]\(element)"
    case .map(let value): "[string]\(value)"
    case .optional(let value): "?\(value)"
    case .structure(let fields): "(" + fields.map { "\($0.name): \($0.kind)" }.joined(separator: ", ") + ")"
    case .enumeration(let cases): "(" + cases.joined(separator: ", ") + ")"
    }
  }
}
