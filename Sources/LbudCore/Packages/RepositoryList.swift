/// Where packages come from, as `etc/apk/repositories` and the files beside it say (apk-tools 3.0.6 `repoparser.c`).
package struct RepositoryList: Equatable, Sendable {
  /// A repository of this machine's own file system.
  package struct Local: Hashable, Sendable {
    /// The directory, absolute, as written.
    package var path: [UInt8]
    /// The tag that a world must name to be served by it, with its `@`.
    package var tag: [UInt8]?
    /// The index: below the directory's folder of the machine's architecture, or a file of its own (`ndx`).
    package var index: Index

    package enum Index: Hashable, Sendable {
      case folder(file: String)
      case file([UInt8])
    }

    package init(path: [UInt8], tag: [UInt8]? = nil, index: Index = .folder(file: "APKINDEX.tar.gz")) {
      self.path = path
      self.tag = tag
      self.index = index
    }
  }

  package private(set) var local: [Local] = []
  /// How many are reached by a network.
  package private(set) var remoteCount = 0
  private var variables: [String: [UInt8]]

  package static let path = BytePath("etc/apk/repositories")
  /// Files whose name ends in `.list`; of two of one name that of the first directory counts.
  package static let directories = [BytePath("etc/apk/repositories.d"), BytePath("lib/apk/repositories.d")]

  package init(architecture: [UInt8]) { variables = ["APK_ARCH": architecture] }

  /// Reads one more file. Lines that apk would complain of are passed over.
  package mutating func read(_ text: [UInt8]) {
    for line in text.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") { readLine(line) }
  }

  /// What the boot loader adds by itself: directories that hold a file `.boot_repository`.
  package mutating func add(bootRepository path: [UInt8]) {
    if !local.contains(where: { $0.path == path && $0.tag == nil }) { local.append(Local(path: path)) }
  }

  private mutating func readLine(_ line: ArraySlice<UInt8>) {
    var words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }[...]
    var kind = ""
    if let first = words.first, !Self.isPlace(first) {
      kind = String(decoding: first, as: UTF8.self)
      words = words.dropFirst()
      if kind == "set" { return set(words) }
      guard ["ndx", "v2", "v3"].contains(kind) else { return }
    }
    var tag: [UInt8]?
    if let first = words.first, first.first == UInt8(ascii: "@") {
      tag = Array(first)
      words = words.dropFirst()
    }
    let expanded = words.compactMap { expand($0) }
    guard expanded.count == words.count, let url = expanded.first else { return }
    let base = Self.withoutFinalSlashes(url)
    let components = expanded.dropFirst()
    for component in components.isEmpty ? [[]] : Array(components) {
      add(component.isEmpty ? base : base + [BytePath.separator] + component, kind: kind, tag: tag)
    }
  }

  private mutating func add(_ url: [UInt8], kind: String, tag: [UInt8]?) {
    guard let path = Self.localPath(url) else {
      remoteCount += 1
      return
    }
    let isFile = kind == "ndx" || (kind.isEmpty && (path.ends(with: ".adb") || path.ends(with: ".tar.gz")))
    let repository =
      isFile
      ? Local(path: Array(path[..<(path.lastIndex(of: BytePath.separator) ?? 0)]), tag: tag, index: .file(path))
      : Local(path: path, tag: tag, index: .folder(file: kind == "v3" ? "Packages.adb" : "APKINDEX.tar.gz"))
    if !local.contains(repository) { local.append(repository) }
  }

  /// Begins like a path, a URL, a tag or a variable.
  private static func isPlace(_ word: ArraySlice<UInt8>) -> Bool {
    let first = word.first
    return first == BytePath.separator || first == UInt8(ascii: "@") || first == UInt8(ascii: "$")
      || String(decoding: word, as: UTF8.self).contains("://")
  }

  /// Nil for what a network must bring (apk-tools `io.c`, `apk_url_local_file`).
  private static func localPath(_ url: [UInt8]) -> [UInt8]? {
    let file = Array("file:".utf8)
    if url.starts(with: file) {
      let path = url.dropFirst(file.count)
      return path.starts(with: "//".utf8) ? Array(path.dropFirst(2)) : Array(path)
    }
    return url.first == BytePath.separator ? url : nil
  }

  private static func withoutFinalSlashes(_ url: [UInt8]) -> [UInt8] {
    var url = url
    while url.count > 1, url.last == BytePath.separator { url.removeLast() }
    return url
  }

  // MARK: Variables

  private mutating func set(_ words: ArraySlice<ArraySlice<UInt8>>) {
    var words = words
    let isDefault = words.first.map { $0.elementsEqual("-default".utf8) } ?? false
    if isDefault { words = words.dropFirst() }
    guard let word = words.first, let equals = word.firstIndex(of: UInt8(ascii: "=")) else { return }
    let key = String(decoding: word[..<equals], as: UTF8.self)
    guard !key.hasPrefix("APK_"), let value = expand(word[(equals + 1)...]) else { return }
    if !isDefault || variables[key] == nil { variables[key] = value }
  }

  /// Nil where a variable is not known.
  private func expand(_ word: ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var rest = word
    while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
      result += rest[..<dollar]
      let behind = rest[(dollar + 1)...]
      guard behind.first == UInt8(ascii: "{"), let brace = behind.firstIndex(of: UInt8(ascii: "}")),
        let value = variables[String(decoding: behind[(dollar + 2)..<brace], as: UTF8.self)]
      else { return nil }
      result += value
      rest = behind[(brace + 1)...]
    }
    return result + rest
  }
}

extension [UInt8] {
  fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
