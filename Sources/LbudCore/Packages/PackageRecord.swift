/// A package as an index, the cache's list or the installed database has it; of it what decides whether it can be installed.
package struct PackageRecord: Hashable, Sendable {
  package var name: [UInt8]
  package var version: [UInt8]
  /// The digest that names this very package (`C:`); empty where there is none.
  package var identity: [UInt8]
  /// Bytes of its file (`S:`).
  package var size: UInt64
  /// Bytes that its files take (`I:`); where it is 0, as for a virtual package, apk needs no file to install it.
  package var installedSize: UInt64
  package var dependencies: [Dependency]
  package var provides: [Dependency]

  package init(
    name: [UInt8], version: [UInt8], identity: [UInt8] = [], size: UInt64 = 0, installedSize: UInt64 = 0,
    dependencies: [Dependency] = [], provides: [Dependency] = []
  ) {
    self.name = name
    self.version = version
    self.identity = identity
    self.size = size
    self.installedSize = installedSize
    self.dependencies = dependencies
    self.provides = provides
  }

  /// What its file is called in a repository: `busybox-1.37.0-r12.apk` (apk-tools `context.c`, `default_reponame_spec`).
  package var fileName: [UInt8] { name + Array("-".utf8) + version + Array(".apk".utf8) }

  /// What its file is called in the cache, with the first four bytes of the digest: `busybox-1.37.0-r12.0a1b2c3d.apk`. The same
  /// in apk-tools 2.14 (`database.c`, `apk_pkg_format_cache_pkg`) and 3.0 (`context.c`, `default_cachename_spec`).
  package var cacheFileName: [UInt8] {
    name + Array("-".utf8) + version + Array(".\(hexadecimal(identity.prefix(4))).apk".utf8)
  }
}
