/// The fields of a line, the last of them with all that follows; nil where there are fewer, or no name.
func accountFields(_ line: ArraySlice<UInt8>, count: Int) -> [ArraySlice<UInt8>]? {
  let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: count - 1, omittingEmptySubsequences: false)
  return fields.count == count && !fields[0].isEmpty ? fields : nil
}

/// Digits and nothing else, not even a sign. The greatest number is none: to chown(2) it means "as it is".
func accountNumber(_ field: ArraySlice<UInt8>) -> UInt32? {
  guard field.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    let number = UInt32(String(decoding: field, as: UTF8.self)), number != .max
  else { return nil }
  return number
}
