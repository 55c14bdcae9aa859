import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Files to be read for their digests, and the reading of them on two threads: with a snapshot on the media that is what
/// the start of lbud waits for.
///
/// The reading knows nothing of the tree: it takes names and returns what was found, each with the status it was found with.
struct DigestBatch: Sendable {
  /// Files of one directory.
  struct Job: Sendable {
    var path: BytePath
    var names: [[UInt8]]
  }

  /// Nil for what could not be read: whoever needs it will try again, and get the error.
  struct Found: Sendable {
    var signature: FileStatus.Signature
    var digest: ContentDigest
  }

  private(set) var jobs: [Job] = []
  private(set) var fileCount = 0

  mutating func append(_ job: Job) {
    jobs.append(job)
    fileCount += job.names.count
  }

  /// - Returns: for each job what its names told.
  func read(_ root: RootDirectory) -> [[Found?]] {
    guard jobs.count > 1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 else { return jobs.map { Self.read($0, root) } }
    var first = 0
    var count = 0
    while count < fileCount / 2 {
      count += jobs[first].names.count
      first += 1
    }
    let (mine, others) = (jobs[..<first], jobs[first...])
    let (left, right) = OwnThread.both(named: "lbud-digests") {
      mine.map { Self.read($0, root) }
    } and: {
      others.map { Self.read($0, root) }
    }
    return left + right
  }

  private static func read(_ job: Job, _ root: RootDirectory) -> [Found?] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ContentReader.bufferSize, alignment: 16)
    defer { buffer.deallocate() }
    guard let directory = try? root.openWithoutLinks(job.path) else { return job.names.map { _ in nil } }
    return job.names.map { name in
      guard
        let content = try? ContentReader().read(
          name, in: directory, path: job.path.appending(name), packageKind: nil, through: buffer),
        content.isSettled
      else { return nil }
      return Found(signature: content.status.signature, digest: content.digest)
    }
  }
}
