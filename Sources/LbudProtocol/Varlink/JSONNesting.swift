/// How deep the objects and arrays of a message may be nested. The deepest message of `io.lbud` needs six.
package let defaultNestingLimit = 32

/// Refuses JSON nested deeper than `limit`, without recursion.
///
/// A JSON decoder recurses, so that a message of nothing but opening brackets could exhaust the stack of the thread it
/// runs on. Whether the text is JSON at all is for the decoder to say: here only brackets outside of strings count.
package func checkNesting(of json: some Sequence<UInt8>, limit: Int = defaultNestingLimit) throws(FrameError) {
  var depth = 0
  var inString = false
  var escaped = false
  for byte in json {
    if inString {
      if escaped {
        escaped = false
      } else if byte == UInt8(ascii: "\\") {
        escaped = true
      } else if byte == UInt8(ascii: "\"") {
        inString = false
      }
      continue
    }
    switch byte {
    case UInt8(ascii: "\""):
      inString = true
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      depth += 1
      if depth > limit { throw .tooDeep(limit: limit) }
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      // Going below zero would let a text pay for later depth in advance.
      depth = max(0, depth - 1)
    default:
      break
    }
  }
}
