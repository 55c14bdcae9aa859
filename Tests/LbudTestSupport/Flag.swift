import Synchronization

/// Something that has happened or not, seen from several threads.
package final class Flag: Sendable {
  private let raised = Atomic(false)
  package init() {}
  package func raise() { raised.store(true, ordering: .sequentiallyConsistent) }
  package var isRaised: Bool { raised.load(ordering: .sequentiallyConsistent) }
}
