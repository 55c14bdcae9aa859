/// A field of mountinfo or fstab with `\040` and the like as the bytes they stand for.
///
/// The kernel writes blanks, newlines, backslashes and `#` of a name as a backslash and three octal digits (`seq_escape`
/// in fs/proc_namespace.c); fstab(5) takes the same form. A backslash before anything else stays, and so does `\000`: no
/// name has a NUL, and what is behind one would be lost in a system call.
package func decodingOctalEscapes(_ field: some Collection<UInt8>) -> [UInt8] {
  var decoded: [UInt8] = []
  decoded.reserveCapacity(field.count)
  var rest = field[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "\\"), let escaped = octalByte(rest.prefix(3)) {
      decoded.append(escaped)
      rest = rest.dropFirst(3)
    } else {
      decoded.append(byte)
    }
  }
  return decoded
}

/// Three octal digits from 001 to 377; nil for anything else.
private func octalByte(_ digits: some Collection<UInt8>) -> UInt8? {
  guard digits.count == 3, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }) else {
    return nil
  }
  let number = digits.reduce(0) { $0 * 8 + Int($1 - UInt8(ascii: "0")) }
  return number == 0 ? nil : UInt8(exactly: number)
}
