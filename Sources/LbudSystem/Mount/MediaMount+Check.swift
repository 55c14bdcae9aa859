import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file system that nobody has unmounted cleanly, and that somebody has mounted read-only since: it is unmounted for its
/// check, where nobody uses it, and mounted again as it was.
extension MediaMount {
  /// How to mount it again, for an lbud that is started after a crash in the middle: type, options, source, point.
  private static let file = "mount"

  /// - Returns: the mount as it is now; nil where it could not be unmounted, so that it is not checked.
  /// - Throws: `StoreError` where it is not mounted any more, or must not be written to.
  func checkUnmounted(
    _ mount: Mount, note: (Problem) -> Void, say: (String) -> Void
  ) throws(StoreError) -> Mount? {
    let device = MediaDevice(name: mount.source, number: (mount.deviceMajor, mount.deviceMinor))
    guard !mount.isBind, device.mounts(in: watch.table()).count == 1, let header = device.header(), header.needsCheck,
      Program.find(header.checker) != nil, Program.find("mount") != nil
    else { return nil }
    let flags = (["ro"] + (mount.options + mount.superOptions).filter { $0 != "ro" && $0 != "rw" }).joined(
      separator: ",")
    let arguments = [Array(mount.type.utf8), Array(flags.utf8), mount.source, mount.point]
    // Without a note of how it was it is left as it is.
    do { try run.write(Array(arguments.joined(separator: [0])), to: Self.file) } catch { return nil }
    do { try mount.unmount() } catch {
      run.remove(Self.file)
      say("\(path) cannot be unmounted for its check: \(error.reason)")
      return nil
    }
    var failure: StoreError?
    do throws(StoreError) {
      if let problem = try device.checkIfNeeded(media: path, say: say) { note(problem) }
    } catch { failure = error }
    try mountAgain(say)
    if let failure { throw failure }
    return watch.table()?.mount(at: mount.point)
  }

  /// Mounts again what was unmounted for its check.
  /// - Throws: `StoreError`.
  func mountAgain(_ say: (String) -> Void) throws(StoreError) {
    let arguments = ((try? run.read(Self.file)) ?? []).split(separator: 0, omittingEmptySubsequences: false).map(
      Array.init)
    guard arguments.count == 4 else { return }
    let (type, options, source, point) = (arguments[0], arguments[1], arguments[2], arguments[3])
    // Killed before it was unmounted, or somebody has mounted it since.
    if watch.table()?.mount(at: point) == nil {
      guard let program = Program.find("mount") else { throw .notMounted(path, "there is no mount(8)") }
      say("mounting \(displayText(of: source)) at \(path) again")
      do {
        let ended = try Program.run(
          program, [Array("-t".utf8), type, Array("-o".utf8), options, source, point], within: 120)
        guard ended.code == 0 else { throw StoreError.notMounted(path, ended.lastWords) }
      } catch {
        throw error as? StoreError ?? .notMounted(path, "\(error)")
      }
    }
    run.remove(Self.file)
  }
}
