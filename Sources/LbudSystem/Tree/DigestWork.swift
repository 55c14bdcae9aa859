import DequeModule
import LbudCore
import Synchronization

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The reading of files for their digests, by whoever gives them and another thread: with a snapshot on the media that is
/// what the start of lbud waits for.
///
/// It knows nothing of the tree: it takes names and what is known of the files, and gives the digests of those that are
/// still what they were.
final class DigestWork: Sendable {
  /// Files of one directory.
  struct Job: Sendable {
    /// By which whoever gives it knows it again.
    var number: Int
    var path: BytePath
    var names: [[UInt8]] = []
    /// Of each file one that says of any later change that there was one.
    var signatures: [FileStatus.Signature] = []
  }

  /// What the files of a job hold; nil for what could not be read, or has changed: whoever needs it will try again, and get
  /// the error.
  struct Found: Sendable {
    var number: Int
    var digests: [ContentDigest?]
  }

  private struct State {
    var jobs = Deque<Job>()
    var found: [Found] = []
    var given = 0
    var hasHelper = false
    var isOver = false
  }

  private let root: RootDirectory
  private let state = Mutex(State())
  /// Posted for each job, and at the end.
  private let called = Semaphore()
  private let ended = Semaphore()

  private init(root: RootDirectory) { self.root = root }

  /// Runs `body`, which gives jobs, while another thread works them off; then what is left is worked off.
  static func run(_ root: RootDirectory, _ body: (DigestWork) -> Void, takeIn: (Found) -> Void) {
    let work = DigestWork(root: root)
    body(work)
    while work.advance(takeIn) {}
    let hasHelper = work.state.withLock { state in
      state.isOver = true
      return state.hasHelper
    }
    guard hasHelper else { return }
    work.called.post()
    work.ended.wait()
    work.takeFound(takeIn)
  }

  func give(_ job: Job) {
    let isSecond = state.withLock { state in
      state.jobs.append(job)
      state.given += 1
      return state.given == 2
    }
    // One alone is not worth a thread. Where the kernel gives none, who gives the jobs works them off.
    if isSecond, sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1,
      (try? OwnThread.start(named: "lbud-digests", { self.help() })) != nil
    {
      state.withLock { $0.hasHelper = true }
    }
    called.post()
  }

  /// Works one job off on this thread, and gives what has been found.
  /// - Returns: false where no job is left.
  func advance(_ takeIn: (Found) -> Void) -> Bool {
    defer { takeFound(takeIn) }
    guard let job = nextJob() else { return false }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ContentReader.bufferSize, alignment: 16)
    defer { buffer.deallocate() }
    takeIn(Found(number: job.number, digests: read(job, through: buffer)))
    return true
  }

  private func takeFound(_ takeIn: (Found) -> Void) {
    let found = state.withLock { state in
      defer { state.found = [] }
      return state.found
    }
    for each in found { takeIn(each) }
  }

  private func nextJob() -> Job? {
    state.withLock { $0.jobs.popFirst() }
  }

  private func help() {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ContentReader.bufferSize, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      called.wait()
      while let job = nextJob() {
        let found = Found(number: job.number, digests: read(job, through: buffer))
        state.withLock { $0.found.append(found) }
      }
      if state.withLock({ $0.isOver }) { return ended.post() }
    }
  }

  private func read(_ job: Job, through buffer: UnsafeMutableRawBufferPointer) -> [ContentDigest?] {
    guard let directory = try? root.openWithoutLinks(job.path) else { return job.names.map { _ in nil } }
    return zip(job.names, job.signatures).map { name, signature in
      try? ContentReader().digest(
        name, knownAs: signature, in: directory, path: job.path.appending(name), through: buffer)
    }
  }
}
