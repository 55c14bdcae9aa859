import LbudCore
import LbudSystem
import Synchronization

/// The clients that monitor. Told of things from any thread, since a commit tells how far it is on its own.
final class Monitors: Sendable {
  /// One of them: it is to be asked for what is new whenever it is woken up.
  struct Monitor: Sendable {
    let id: Int
    let wakeups: AsyncStream<Void>
  }

  private struct Client {
    let id: Int
    let wakeUp: AsyncStream<Void>.Continuation
    var queue = MonitorQueue()
  }

  private struct State {
    var clients: [Client] = []
    var lastID = 0
  }

  private let state = Mutex(State())

  var isEmpty: Bool { state.withLock { $0.clients.isEmpty } }

  /// A new one is woken up at once.
  /// - Parameter touched: the paths that differ already.
  func begin(touched: Set<BytePath>) -> Monitor {
    let (wakeups, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.lastID += 1
      var client = Client(id: state.lastID, wakeUp: wakeUp)
      client.queue.touch(touched)
      state.clients.append(client)
      return client.id
    }
    wakeUp.yield()
    return Monitor(id: id, wakeups: wakeups)
  }

  func end(_ id: Int) { state.withLock { $0.clients.removeAll { $0.id == id } } }

  /// - Parameter id: nil for all of them.
  func tell(_ happening: Happening, to id: Int? = nil) {
    let wall = SystemClock.wallNanoseconds()
    each(id) { $0.add(happening, wall: wall) }
  }

  func touch(_ paths: Set<BytePath>) { each { $0.touch(paths) } }

  func saved(except isChanged: (BytePath) -> Bool) { each { $0.saved(except: isChanged) } }

  /// Hands over what is new for one.
  /// - Throws: `ExceededLimit` where it is too much.
  func take(
    _ id: Int, state now: MonitoredState
  ) throws(ExceededLimit) -> (touched: Set<BytePath>, items: [MonitorQueue.Item]) {
    let wall = SystemClock.wallNanoseconds()
    let taken = state.withLock { state -> (isOverfull: Bool, touched: Set<BytePath>, items: [MonitorQueue.Item]) in
      guard let index = state.clients.firstIndex(where: { $0.id == id }) else { return (false, [], []) }
      let isOverfull = state.clients[index].queue.isOverfull
      let (touched, items) = state.clients[index].queue.take(with: now, wall: wall)
      return (isOverfull, touched, items)
    }
    if taken.isOverfull { throw ExceededLimit(name: "events", maximum: MonitorQueue.limit) }
    return (taken.touched, taken.items)
  }

  /// Has all of them ask.
  func wake() { each { _ in } }

  private func each(_ id: Int? = nil, _ body: (inout MonitorQueue) -> Void) {
    state.withLock { state in
      for index in state.clients.indices where id == nil || state.clients[index].id == id {
        body(&state.clients[index].queue)
        state.clients[index].wakeUp.yield()
      }
    }
  }
}
