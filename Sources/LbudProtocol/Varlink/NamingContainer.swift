/// A container whose errors always say which key they are about.
///
/// JSONDecoder throws an error of its own, which has no path, when a number does not fit its type: `1.5` for an integer.
/// The client is to learn the parameter's name all the same.
struct NamingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let real: KeyedDecodingContainer<Key>

  init(_ real: KeyedDecodingContainer<Key>) {
    self.real = real
  }

  private func naming<T>(_ key: Key, _ decode: () throws -> T) throws -> T {
    do {
      return try decode()
    } catch  where parameterName(of: error, below: real.codingPath.count) == nil && !(error is VarlinkError) {
      let path = real.codingPath + [key]
      throw DecodingError.dataCorrupted(
        .init(codingPath: path, debugDescription: "cannot be read as \(T.self)", underlyingError: error))
    }
  }

  var codingPath: [any CodingKey] { real.codingPath }
  var allKeys: [Key] { real.allKeys }
  func contains(_ key: Key) -> Bool { real.contains(key) }
  func decodeNil(forKey key: Key) throws -> Bool { try real.decodeNil(forKey: key) }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
    try naming(key) { try real.decode(type, forKey: key) }
  }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    guard contains(key) else {
      throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "it is missing"))
    }
    return try naming(key) { try decodeStrictly(type, from: real.superDecoder(forKey: key)) }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try real.nestedContainer(keyedBy: type, forKey: key)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try real.nestedUnkeyedContainer(forKey: key)
  }

  func superDecoder() throws -> any Decoder { try real.superDecoder() }
  func superDecoder(forKey key: Key) throws -> any Decoder { try real.superDecoder(forKey: key) }
}
