/// Where apk keeps what it has downloaded: what `setup-apkcache` of alpine-conf does, decided from what there is.
package struct CacheSetup: Equatable, Sendable {
  /// Begins with a slash.
  package var directory: [UInt8]
  /// What is at `/etc/apk/cache`.
  package var link: Link
  /// Nil where it could not be looked at, since the medium is not mounted.
  package var isDirectory: Bool?
  /// Whether it would be lost at a reboot.
  package var isInMemory: Bool
  /// The point in fstab that it lies under, where nothing is mounted there.
  package var unmounted: [UInt8]?
  package var table: [UInt8] = []

  package enum Link: Equatable, Sendable {
    case absent
    case target([UInt8])
    /// Something that is no symlink: its kind in words.
    case other(String)
  }

  package init(directory: [UInt8], link: Link, isDirectory: Bool?, isInMemory: Bool, unmounted: [UInt8]?) {
    self.directory = directory
    self.link = link
    self.isDirectory = isDirectory
    self.isInMemory = isInMemory
    self.unmounted = unmounted
  }

  /// - Parameter force: take a directory in memory.
  /// - Throws: `SetupRefusal`.
  package func plan(force: Bool) throws(SetupRefusal) -> SetupPlan {
    let shown = displayText(of: directory)
    if case .other(let kind) = link {
      throw SetupRefusal(
        "/etc/apk/cache is \(kind) and no symlink, so it is not replaced",
        hint: "apk keeps its cache there now; move it away first: mv /etc/apk/cache \(shown)")
    }
    if isInMemory, !force {
      throw SetupRefusal(
        "\(shown) is only in memory, so a cache there is gone at the next boot, which is when it is needed",
        hint: "take a directory on a disk: lbuctl setup cache lists some; --force takes it all the same")
    }
    var plan = SetupPlan()
    if let unmounted, let text = FileSystemTable.removingNoauto(at: unmounted, in: table) {
      plan.steps.append(.removeNoauto(point: unmounted, text: text))
    }
    switch isDirectory {
    case true: plan.standing.append("the directory \(shown) is there")
    case false, nil: plan.steps.append(.makeDirectory(directory))
    }
    if link == .target(directory) {
      plan.standing.append("/etc/apk/cache is linked to \(shown) already")
    } else {
      var former: [UInt8]?
      if case .target(let target) = link { former = target }
      plan.steps.append(.linkCache(to: directory, former: former))
    }
    if let unmounted {
      plan.next.append("mount \(displayText(of: unmounted)), to have the cache before the next boot")
    }
    plan.next.append("lbuctl commit")
    return plan
  }

  // MARK: The path

  /// - Parameters:
  ///   - text: a path, absolute or relative.
  ///   - current: the working directory inside the root; nil where it is outside.
  /// - Returns: the path with a slash in front, and without `.`, `..` and doubled slashes.
  /// - Throws: `SetupRefusal`.
  package static func directory(_ text: [UInt8], current: [UInt8]?) throws(SetupRefusal) -> [UInt8] {
    var path = text
    if text.first != BytePath.separator {
      guard let current else {
        throw SetupRefusal(
          "\(displayText(of: text)) is a relative path, and the working directory is not inside the root",
          hint: "write it from the root's top: /\(displayText(of: text))")
      }
      path = current + [BytePath.separator] + text
    }
    var components: [[UInt8]] = []
    for component in BytePath(normalizing: path).components where component != Array(".".utf8) {
      if component == Array("..".utf8) { _ = components.popLast() } else { components.append(component) }
    }
    guard !components.isEmpty, !text.isEmpty else {
      throw SetupRefusal(
        "the cache cannot be the root directory itself", hint: "take a directory of its own: /media/usb/cache")
    }
    return [BytePath.separator] + Array(components.joined(separator: [BytePath.separator]))
  }
}
