import LbudCore
import LbudTestSupport

@testable import LbudSystem

/// A root with packages, written as `name version [> needs…]`, and indexes made with tar and gzip.
struct PackageBox {
  let directory = TemporaryDirectory()
  let tree: TreeBuilder
  let root: RootDirectory

  init() throws {
    tree = TreeBuilder(directory.path)
    root = try RootDirectory(path: directory.path)
    tree.file("etc/apk/arch", "x86_64\n")
  }

  // MARK: Making

  func world(_ words: String) { tree.file("etc/apk/world", words.split(separator: " ").joined(separator: "\n") + "\n") }

  /// A cache on the media, as a network repository leaves it.
  func cache(_ packages: [String], isSigned: Bool = true) {
    tree.file("etc/apk/repositories", "https://example.org/main\n")
    tree.file(BytePath("media/usb/cache/APKINDEX.0a1b2c3d.tar.gz"), packed(packages, isSigned: isSigned))
    for package in packages {
      let words = package.split(separator: " ")
      tree.file("media/usb/cache/\(words[0])-\(words[1]).00010203.apk", "content")
    }
    tree.symlink(BytePath("etc/apk/cache"), to: Array("/media/usb/cache".utf8))
  }

  func repository(_ path: String, _ packages: [String]) {
    tree.file(BytePath("\(path)/x86_64/APKINDEX.tar.gz"), packed(packages, isSigned: true))
    for package in packages {
      let words = package.split(separator: " ")
      tree.file("\(path)/x86_64/\(words[0])-\(words[1]).apk", "content")
    }
  }

  func index(_ packages: [String]) -> String {
    packages.map { package in
      let words = package.split(separator: " ")
      let needs = words.drop { $0 != ">" }.dropFirst().joined(separator: " ")
      return "C:Q1AAECAwQFBgcICQoLDA0ODxAREhM=\nP:\(words[0])\nV:\(words[1])\nA:x86_64\nS:7\nI:4096\nD:\(needs)\n\n"
    }.joined()
  }

  func packed(_ packages: [String], isSigned: Bool) -> [UInt8] {
    packed(Array(index(packages).utf8), isSigned: isSigned)
  }

  /// As abuild-sign makes it: the signature in a gzip member of its own, in a tar whose end is cut off.
  func packed(_ index: [UInt8], isSigned: Bool) -> [UInt8] {
    let folder = TemporaryDirectory()
    let files = TreeBuilder(folder.path)
    files.file("DESCRIPTION", "v3.22\n")
    files.file(BytePath("APKINDEX"), index)
    files.file(".SIGN.RSA.test.rsa.pub", String(repeating: "s", count: 256))
    func tar(_ names: [String]) -> [UInt8] {
      run(["tar", "-c", "--format=ustar", "-b1", "-C", folder.path] + names).output
    }
    let content = run(["gzip", "-n"], input: tar(["DESCRIPTION", "APKINDEX"])).output
    guard isSigned else { return content }
    return run(["gzip", "-n"], input: tar([".SIGN.RSA.test.rsa.pub"]).dropLast(1024)).output + content
  }

  // MARK: Asking

  func coverage() -> CacheCoverage? {
    var watch = PackageWatch(root: root)
    watch.read()
    return watch.coverage
  }

  func missing() -> [String]? { coverage()?.missing.map(\.wanted.display) }

  func problems() -> [String] { coverage()?.problems.map(\.line) ?? [] }
}
