/// Versions as apk compares them (apk-tools 3.0.6 `version.c`):
/// `digits{.digits}…{letter}{_suffix{digits}}…{~hash}{-rdigits}`.
package enum PackageVersion {
  /// How one version stands to another; several at once where one of them is none.
  package struct Relation: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let equal = Relation(rawValue: 1)
    package static let less = Relation(rawValue: 2)
    package static let greater = Relation(rawValue: 4)
    package static let any: Relation = [.equal, .less, .greater]
  }

  /// - Parameter isPrefix: whether a right side that ends where the left one goes on counts as equal: the `~` of a dependency.
  package static func compare(
    _ left: some Collection<UInt8>, _ right: some Collection<UInt8>, isPrefix: Bool = false
  ) -> Relation {
    var left = VersionScanner(left)
    var right = VersionScanner(right)
    while left.part == right.part, !left.isAtEnd {
      let relation = left.relation(to: right)
      if relation != .equal { return relation }
      left.advance()
      right.advance()
    }
    if left.part == right.part { return .equal }
    if right.part == .end, isPrefix { return .equal }
    // The longer one is the later, unless what it has more says that it comes before the release.
    if left.isBeforeRelease { return .less }
    if right.isBeforeRelease { return .greater }
    return left.part > right.part ? .less : .greater
  }
}

extension PackageVersion {
  /// Whether apk takes it for a version.
  package static func isValid(_ text: some Collection<UInt8>) -> Bool {
    var scanner = VersionScanner(text)
    while !scanner.isAtEnd { scanner.advance() }
    return scanner.part == .end
  }
}

/// Takes a version apart, one part at a time.
private struct VersionScanner {
  /// In the order in which they may follow each other.
  enum Part: UInt8, Comparable {
    case initialDigits, digits, letter, suffix, suffixNumber, hash, revision, end, invalid

    static func < (left: Part, right: Part) -> Bool { left.rawValue < right.rawValue }
  }

  private var rest: ArraySlice<UInt8>
  private(set) var part = Part.initialDigits
  private var value: ArraySlice<UInt8> = []
  private var number: UInt64 = 0
  /// The suffix's place among all of them.
  private var rank = 0

  /// Those before the release, then those after it.
  private static let early = ["alpha", "beta", "pre", "rc"].map { Array($0.utf8) }
  private static let late = ["cvs", "svn", "git", "hg", "p"].map { Array($0.utf8) }

  init(_ text: some Collection<UInt8>) {
    rest = Array(text)[...]
    takeNumber()
  }

  var isAtEnd: Bool { part >= .end }
  var isBeforeRelease: Bool { part == .suffix && rank < Self.early.count }

  /// How this part stands to the same part of another version.
  func relation(to other: VersionScanner) -> PackageVersion.Relation {
    switch part {
    // As Gentoo has it: 1.01 is less than 1.1.
    case .digits where value.first == UInt8(ascii: "0") || other.value.first == UInt8(ascii: "0"): text(other)
    case .initialDigits, .digits, .suffixNumber, .revision: Self.relation(number, other.number)
    case .suffix: Self.relation(rank, other.rank)
    case .letter, .hash, .end, .invalid: text(other)
    }
  }

  private func text(_ other: VersionScanner) -> PackageVersion.Relation {
    if value.elementsEqual(other.value) { return .equal }
    return value.lexicographicallyPrecedes(other.value) ? .less : .greater
  }

  private static func relation<Value: Comparable>(_ left: Value, _ right: Value) -> PackageVersion.Relation {
    left == right ? .equal : left < right ? .less : .greater
  }

  mutating func advance() {
    guard let first = rest.first else {
      part = .end
      return
    }
    switch first {
    case UInt8(ascii: "a")...UInt8(ascii: "z") where part <= .digits:
      part = .letter
      value = rest.prefix(1)
      rest = rest.dropFirst()
    case UInt8(ascii: ".") where part <= .digits:
      rest = rest.dropFirst()
      part = .digits
      takeNumber()
    case UInt8(ascii: "0")...UInt8(ascii: "9") where part <= .digits || part == .suffix:
      part = part == .suffix ? .suffixNumber : .digits
      takeNumber()
    case UInt8(ascii: "_") where part <= .suffixNumber: takeSuffix()
    case UInt8(ascii: "~") where part < .hash: takeHash()
    case UInt8(ascii: "-") where part < .revision && rest.dropFirst().first == UInt8(ascii: "r"):
      rest = rest.dropFirst(2)
      part = .revision
      takeNumber()
    default: part = .invalid
    }
  }

  private mutating func takeNumber() {
    value = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest.dropFirst(value.count)
    // A number that is too long for 64 bits wraps, as it does in apk.
    number = value.reduce(0) { $0 &* 10 &+ UInt64($1 - UInt8(ascii: "0")) }
    if value.isEmpty { part = .invalid }
  }

  private mutating func takeSuffix() {
    rest = rest.dropFirst()
    value = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    rest = rest.dropFirst(value.count)
    guard let place = (Self.early + Self.late).firstIndex(where: { $0.elementsEqual(value) }) else {
      part = .invalid
      return
    }
    rank = place
    part = .suffix
  }

  private mutating func takeHash() {
    rest = rest.dropFirst()
    value = rest.prefix {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
    }
    rest = rest.dropFirst(value.count)
    part = value.isEmpty ? .invalid : .hash
  }
}
