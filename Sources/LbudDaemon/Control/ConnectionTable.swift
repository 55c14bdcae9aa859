import LbudCore
import LbudSystem
import Synchronization

/// The connections there are, shared by their tasks.
final class ConnectionTable: Sendable {
  private struct State {
    var places: ConnectionPlaces
    var evictions: [Int: @Sendable (ExceededLimit) -> Void] = [:]
  }

  private let state: Mutex<State>

  /// - Parameter privileged: the users for whom places are reserved.
  init(limits: ConnectionLimits, privileged: Set<UInt32>) {
    state = Mutex(State(places: ConnectionPlaces(limits: limits, privileged: privileged)))
  }

  /// Takes a place; another connection may have to give up its own.
  /// - Parameter evict: ends the connection, should it have to make room; called from any thread, and must not block.
  /// - Throws: `ExceededLimit` where there is none.
  func admit(uid: UInt32, evict: @escaping @Sendable (ExceededLimit) -> Void) throws(ExceededLimit) -> Int {
    let now = SystemClock.now()
    let result = state.withLock { state -> Result<(Int, (() -> Void)?), ExceededLimit> in
      do throws(ExceededLimit) {
        let admission = try state.places.admit(uid: uid, at: now)
        state.evictions[admission.id] = evict
        guard let evicted = admission.evicted, let limit = admission.limit,
          let leave = state.evictions.removeValue(forKey: evicted)
        else { return .success((admission.id, nil)) }
        return .success((admission.id, { leave(limit) }))
      } catch {
        return .failure(error)
      }
    }
    let (id, leave) = try result.get()
    leave?()
    return id
  }

  func isIdle(_ id: Int) { note(id, .idle(since: SystemClock.now())) }

  func isStalled(_ id: Int) { note(id, .stalled(since: SystemClock.now())) }

  func isBusy(_ id: Int) { note(id, .notForClient) }

  private func note(_ id: Int, _ waiting: ConnectionPlaces.Waiting) {
    state.withLock { $0.places.note(id, waiting) }
  }

  func release(_ id: Int) {
    state.withLock { state in
      state.places.release(id)
      state.evictions[id] = nil
    }
  }
}
