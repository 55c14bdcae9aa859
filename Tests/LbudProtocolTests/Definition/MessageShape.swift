import LbudTestSupport

/// What a message is on the wire, found out by having it decoded: the keys and the types it asks for are the shape.
struct MessageShape<Message: Decodable> {
  typealias Kind = VarlinkDefinition.Kind

  let kind: Kind
  /// One that was made on the way.
  let value: Message

  /// - Parameter isFull: whether `value` has what need not be there.
  init(of type: Message.Type, isFull: Bool = true) throws {
    let found: (kind: Kind, value: any Decodable)
    if let type = type as? any Sampled.Type {
      found = try type.sample(isFull: isFull)
    } else if let type = type as? any EnumeratedByText.Type, let enumeration = Self.enumeration(type) {
      found = enumeration
    } else {
      let recorder = Recorder(isFull: isFull)
      let value = try Message(from: RecordingDecoder(recorder: recorder))
      guard let kind = recorder.kind else { throw NoShape(what: "\(Message.self) decodes nothing") }
      found = (kind, value)
    }
    guard let value = found.value as? Message else { throw NoShape(what: "\(Message.self)") }
    kind = found.kind
    self.value = value
  }

  private static func enumeration<E: EnumeratedByText>(_ type: E.Type) -> (Kind, any Decodable)? {
    let cases = type.allCases.compactMap { $0.rawValue as? String }
    guard let first = type.allCases.first as? any Decodable, !cases.isEmpty else { return nil }
    return (.enumeration(cases), first)
  }
}

struct NoShape: Error {
  let what: String
}

private typealias EnumeratedByText = CaseIterable & RawRepresentable

/// What has a shape of its own, and the value that stands for it.
private protocol Sampled: Decodable {
  static func sample(isFull: Bool) throws -> (kind: VarlinkDefinition.Kind, value: any Decodable)
}

extension Bool: Sampled {
  fileprivate static func sample(isFull: Bool) -> (kind: VarlinkDefinition.Kind, value: any Decodable) { (.bool, true) }
}

extension Int: Sampled {
  fileprivate static func sample(isFull: Bool) -> (kind: VarlinkDefinition.Kind, value: any Decodable) { (.int, 7) }
}

extension Double: Sampled {
  fileprivate static func sample(isFull: Bool) -> (kind: VarlinkDefinition.Kind, value: any Decodable) { (.float, 1.5) }
}

extension String: Sampled {
  /// In base64 it is text as well.
  fileprivate static func sample(isFull: Bool) -> (kind: VarlinkDefinition.Kind, value: any Decodable) {
    (.string, "dGV4")
  }
}

extension Array: Sampled where Element: Decodable {
  fileprivate static func sample(isFull: Bool) throws -> (kind: VarlinkDefinition.Kind, value: any Decodable) {
    let element = try MessageShape<Element>(of: Element.self, isFull: isFull)
    return (.array(element.kind), isFull ? [element.value] : [])
  }
}

extension Dictionary: Sampled where Key == String, Value: Decodable {
  fileprivate static func sample(isFull: Bool) throws -> (kind: VarlinkDefinition.Kind, value: any Decodable) {
    let value = try MessageShape<Value>(of: Value.self, isFull: isFull)
    return (.map(value.kind), isFull ? ["key": value.value] : [:])
  }
}

private final class Recorder {
  let isFull: Bool
  var kind: VarlinkDefinition.Kind?

  init(isFull: Bool) { self.isFull = isFull }

  func note(_ name: String, _ kind: VarlinkDefinition.Kind) {
    guard case .structure(let fields) = self.kind else { return }
    self.kind = .structure(fields + [.init(name, kind)])
  }
}

private struct RecordingDecoder: Decoder {
  let recorder: Recorder
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    // One that is asked for again adds to the same object.
    if recorder.kind == nil { recorder.kind = .structure([]) }
    return KeyedDecodingContainer(RecordingContainer(recorder: recorder))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NoShape(what: "an array by hand") }

  func singleValueContainer() -> any SingleValueDecodingContainer { RecordingValue(recorder: recorder) }
}

private struct RecordingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let recorder: Recorder
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }
  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) -> Bool { false }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try sampled(key) }
  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? { try sampledIfPresent(key) }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try sampled(key) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try sampled(key) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try sampled(key) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try sampled(key) }
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try sampledIfPresent(key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try sampledIfPresent(key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try sampledIfPresent(key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try sampledIfPresent(key) }

  private func sampled<T: Decodable>(_ key: Key) throws -> T {
    let shape = try MessageShape(of: T.self, isFull: recorder.isFull)
    recorder.note(key.stringValue, shape.kind)
    return shape.value
  }

  private func sampledIfPresent<T: Decodable>(_ key: Key) throws -> T? {
    let shape = try MessageShape(of: T.self, isFull: recorder.isFull)
    recorder.note(key.stringValue, .optional(shape.kind))
    return recorder.isFull ? shape.value : nil
  }

  // Varlink has one size of numbers; so have the messages.
  private func noShape<T>(_ key: Key) throws -> T { throw NoShape(what: "\(key.stringValue): \(T.self)") }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try noShape(key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try noShape(key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try noShape(key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try noShape(key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try noShape(key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try noShape(key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try noShape(key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try noShape(key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try noShape(key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try noShape(key) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try noShape(key) }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try noShape(key) }
  func superDecoder() throws -> any Decoder { throw NoShape(what: "a decoder by hand") }
  func superDecoder(forKey key: Key) throws -> any Decoder { try noShape(key) }
}

private struct RecordingValue: SingleValueDecodingContainer {
  let recorder: Recorder
  var codingPath: [any CodingKey] { [] }
  func decodeNil() -> Bool { false }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try sampled() }
  func decode(_ type: Bool.Type) throws -> Bool { try sampled() }
  func decode(_ type: Int.Type) throws -> Int { try sampled() }
  func decode(_ type: Double.Type) throws -> Double { try sampled() }
  func decode(_ type: String.Type) throws -> String { try sampled() }

  private func sampled<T: Decodable>() throws -> T {
    let shape = try MessageShape(of: T.self, isFull: recorder.isFull)
    recorder.kind = shape.kind
    return shape.value
  }

  private func noShape<T>() throws -> T { throw NoShape(what: "\(T.self)") }
  func decode(_ type: Float.Type) throws -> Float { try noShape() }
  func decode(_ type: Int8.Type) throws -> Int8 { try noShape() }
  func decode(_ type: Int16.Type) throws -> Int16 { try noShape() }
  func decode(_ type: Int32.Type) throws -> Int32 { try noShape() }
  func decode(_ type: Int64.Type) throws -> Int64 { try noShape() }
  func decode(_ type: UInt.Type) throws -> UInt { try noShape() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try noShape() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try noShape() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try noShape() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try noShape() }
}
