/// Decodes parameters, in which no object may have other members than its type knows, however deep it is.
///
/// A keyed container lists only those keys its key type accepts. Comparing them with a list of all keys finds what
/// would be ignored silently, whatever the type, without declaring its names a second time.
func decodeStrictly<P: Decodable>(_ type: P.Type, from real: any Decoder) throws -> P {
  if let list = type as? any DecodedOneByOne.Type, let value = try list.decodeStrictly(from: real) as? P {
    return value
  }
  let known = KnownKeys()
  let value = try P(from: KeyNotingDecoder(real: real, known: known))
  guard !known.isValue else { return value }
  let members = try real.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
  if let unknown = members.filter({ !known.names.contains($0) }).min() {
    let path = real.codingPath + [AnyKey(unknown)]
    throw VarlinkError.invalidParameter(parameterName(path.dropFirst()) ?? unknown)
  }
  return value
}

/// A list hands out no decoder that could be looked at while its elements are decoded, so they are one by one.
private protocol DecodedOneByOne {
  static func decodeStrictly(from real: any Decoder) throws -> Self
}

extension Array: DecodedOneByOne where Element: Decodable {
  fileprivate static func decodeStrictly(from real: any Decoder) throws -> [Element] {
    var container = try real.unkeyedContainer()
    var elements: [Element] = []
    while !container.isAtEnd {
      elements.append(try LbudProtocol.decodeStrictly(Element.self, from: container.superDecoder()))
    }
    return elements
  }
}

/// Shared by the containers of one decoding, which all live on one thread.
private final class KnownKeys {
  var names: Set<String> = []
  /// Whether something else than an object was asked for.
  var isValue = false
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

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    known.isValue = true
    return try real.unkeyedContainer()
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    // It takes whatever is there whole, an object too.
    known.isValue = true
    return try real.singleValueContainer()
  }
}

/// Where in the parameters decoding failed, as `entries[3].path`, or nil if it was not inside of them. `depth` is the
/// number of keys that lead to the parameters.
func parameterName(of error: any Error, below depth: Int) -> String? {
  guard let error = error as? DecodingError else { return nil }
  let path: [any CodingKey]
  switch error {
  case .keyNotFound(let key, let context): path = context.codingPath + [key]
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
    path = context.codingPath
  @unknown default: return nil
  }
  return parameterName(path.dropFirst(depth))
}

private func parameterName(_ path: ArraySlice<any CodingKey>) -> String? {
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
