import FoundationEssentials

/// JSON as lbud writes it everywhere: the same value gives the same bytes, and paths keep their slashes readable.
package func encodeJSON(_ value: some Encodable) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return Array(try encoder.encode(value))
}

package func decodeJSON<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
  try JSONDecoder().decode(type, from: Data(bytes))
}

/// A key known only at run time.
struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

/// No parameters: encodes as `{}`, and as the type of a call's parameters refuses any.
package struct NoParameters: Codable, Sendable, Equatable {
  package init() {}

  package init(from decoder: any Decoder) throws {
    // Asking for the container makes anything but an object an error.
    _ = try decoder.container(keyedBy: NoKeys.self)
  }

  package func encode(to encoder: any Encoder) throws {
    _ = encoder.container(keyedBy: NoKeys.self)
  }

  private enum NoKeys: CodingKey {}
}
