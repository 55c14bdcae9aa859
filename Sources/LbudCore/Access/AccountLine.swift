/// The fields of a line, the last of them with all that follows; nil where there are fewer, or no name.
func accountFields(_ line: ArraySlice<UInt8>, count: Int) -> [ArraySlice<UInt8>]? {
  let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: count - 1, omittingEmptySubsequences: false)
  return fields.count == count && !fields[0].isEmpty ? fields : nil
}

/// The first name of each number; the two files have both in the same columns (passwd(5), group(5)).
package func accountNames(in text: [UInt8]) -> [UInt32: [UInt8]] {
  var names: [UInt32: [UInt8]] = [:]
  for line in text.split(separator: UInt8(ascii: "\n")) {
    guard let fields = accountFields(line, count: 4), let number = accountNumber(fields[2]), names[number] == nil
    else { continue }
    names[number] = Array(fields[0])
  }
  return names
}

/// Digits and nothing else, not even a sign. The greatest number is none: to chown(2) it means "as it is".
func accountNumber(_ field: ArraySlice<UInt8>) -> UInt32? {
  guard field.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    let number = UInt32(String(decoding: field, as: UTF8.self)), number != .max
  else { return nil }
  return number
}
