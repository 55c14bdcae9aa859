/// Why an entry is in a snapshot, with the letter that `apk audit` prints for it.
package enum Reason: UInt8, Sendable, Hashable {
  /// `A`: no package knows the file, or everything there is to be saved.
  case added
  /// `U`: its content is not what the package brought.
  case changed
  /// `M`: its mode or owner is not what the package set.
  case metadata
  /// `x`: its extended attributes are not what the package set.
  case extendedAttributes
  /// `d`: a directory that no package owns.
  case newDirectory
  /// `m`: a directory whose mode or owner is not what the package set.
  case directoryMetadata
  /// `e`: it could not be read.
  case unreadable
  /// `+`: a line of `lbu.list` names it and no rule reaches it (`lbu list` adds these; `apk audit` does not know them).
  case included

  package var letter: UInt8 {
    switch self {
    case .added: UInt8(ascii: "A")
    case .changed: UInt8(ascii: "U")
    case .metadata: UInt8(ascii: "M")
    case .extendedAttributes: UInt8(ascii: "x")
    case .newDirectory: UInt8(ascii: "d")
    case .directoryMetadata: UInt8(ascii: "m")
    case .unreadable: UInt8(ascii: "e")
    case .included: UInt8(ascii: "+")
    }
  }
}
