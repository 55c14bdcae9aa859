/// Decodes an object that may have no other members than `type` knows.
///
/// A keyed container lists only those keys its key type accepts. Comparing them with a list of all keys finds what
/// would be ignored silently, whatever the type, without declaring its names a second time.
func decodeStrictly<P: Decodable>(_ type: P.Type, from real: any Decoder) throws -> P {
  let members = try real.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
  let known = KnownKeys()
  let value = try P(from: KeyNotingDecoder(real: real, known: known))
  if let unknown = members.filter({ !known.names.contains($0) }).min() {
    throw VarlinkError.invalidParameter(unknown)
  }
  return value
}

/// Shared by the containers of one decoding, which all live on one thread.
private final class KnownKeys {
  var names: Set<String> = []
}

/// Notes the keys that a type asks its decoder for; several containers add up, as with a flattened struct.
private struct KeyNotingDecoder: Decoder {
  let real: any Decoder
  let known: KnownKeys

  var codingPath: [any CodingKey] { real.codingPath }
  var userInfo: [CodingUserInfoKey: Any] { real.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    let container = try real.container(keyedBy: type)
    known.names.formUnion(container.allKeys.map(\.stringValue))
    return KeyedDecodingContainer(NamingContainer(container))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try real.unkeyedContainer() }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    // The value takes the object whole, whatever is in it: a dictionary, or any JSON.
    if let all = try? real.container(keyedBy: AnyKey.self) { known.names.formUnion(all.allKeys.map(\.stringValue)) }
    return try real.singleValueContainer()
  }
}

/// Where in the parameters decoding failed, as `entries[3].path`, or nil if it was not inside of them. `depth` is the
/// number of keys that lead to the parameters.
func parameterName(of error: any Error, below depth: Int) -> String? {
  guard let error = error as? DecodingError else { return nil }
  var path: [any CodingKey]
  switch error {
  case .keyNotFound(let key, let context): path = context.codingPath + [key]
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
    path = context.codingPath
  @unknown default: return nil
  }
  path.removeFirst(min(depth, path.count))
  var name = ""
  for key in path {
    if let index = key.intValue {
      name += "[\(index)]"
    } else {
      name += (name.isEmpty ? "" : ".") + key.stringValue
    }
  }
  return name.isEmpty ? nil : name
}
