/// Passes on what comes on another thread, piece by piece and in its order.
struct Pieces<Piece: Sendable>: Sendable {
  private let send: @Sendable (Piece) async throws -> Void

  /// - Parameter send: gets each piece, and the next one when it returns.
  init(_ send: @escaping @Sendable (Piece) async throws -> Void) { self.send = send }

  /// Runs `body`, which may hand over pieces from any thread; all have been sent when this returns. A reader that has gone
  /// does not stop `body`.
  /// - Throws: what `body` throws.
  func during<Result>(
    _ body: (_ take: @escaping @Sendable (Piece) -> Void) async throws -> Result
  ) async throws -> Result {
    let (stream, continuation) = AsyncStream.makeStream(of: Piece.self)
    let sender = Task { [send] in
      for await piece in stream { try await send(piece) }
    }
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body { continuation.yield($0) }) } catch { result = .failure(error) }
    continuation.finish()
    // Who does not listen any more is told of nothing.
    _ = await sender.result
    return try result.get()
  }
}
