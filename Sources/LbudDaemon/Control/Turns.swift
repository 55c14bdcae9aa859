import DequeModule
import Synchronization

/// Lets one in at a time, in the order in which they come.
final class Turns: Sendable {
  private struct State {
    var isTaken = false
    var waiting = Deque<CheckedContinuation<Void, Never>>()
  }

  private let state = Mutex(State())

  /// Waits for a turn, which is to be ended.
  func take() async -> Turn {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isTaken { state.waiting.append(continuation) }
        defer { state.isTaken = true }
        return !state.isTaken
      }
      if isFree { continuation.resume() }
    }
    return Turn(of: self)
  }

  fileprivate func next() {
    let next = state.withLock { state in
      let next = state.waiting.popFirst()
      state.isTaken = next != nil
      return next
    }
    next?.resume()
  }
}

/// Somebody's turn, until it is ended.
final class Turn: Sendable {
  private let turns: Turns
  private let isOver = Mutex(false)

  fileprivate init(of turns: Turns) { self.turns = turns }

  /// May be called more than once.
  func end() {
    let wasOver = isOver.withLock { isOver in
      defer { isOver = true }
      return isOver
    }
    if !wasOver { turns.next() }
  }
}
