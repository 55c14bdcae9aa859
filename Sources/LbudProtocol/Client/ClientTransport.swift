/// What carries a client's calls and the answers: a socket, or a daemon in the same process.
package protocol ClientTransport: AnyObject {
  /// Sends all of a frame; the answer is errno, 0 if it went well.
  func send(_ frame: [UInt8]) -> CInt
  /// Waits for what comes, at most as much as `buffer` holds; empty at the end.
  func receive(into buffer: inout [UInt8]) throws(ClientError) -> ArraySlice<UInt8>
  /// For poll(2), where there is one: when it can be read, `receive` does not wait.
  var descriptor: CInt? { get }
}

extension ClientTransport {
  package var descriptor: CInt? { nil }
}
