// swift-tools-version: 6.1
import PackageDescription

// contrib/test sets LBUD_STRICT. A flag on the command line would go to the dependencies too, which have warnings of their
// own; and who only builds lbud must not fail for a warning that a newer compiler has learned.
let strict: [SwiftSetting] =
  [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]
  + (Context.environment["LBUD_STRICT"] == nil ? [] : [.unsafeFlags(["-warnings-as-errors"])])

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemd = Target.Dependency.target(name: "CSystemd", condition: .when(traits: ["Systemd"]))
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

let package = Package(
  name: "lbud",
  products: [
    .executable(name: "lbud", targets: ["lbud"]),
    .executable(name: "lbuctl", targets: ["lbuctl"]),
    .executable(name: "lbu", targets: ["lbu"]),
    .executable(name: "lbud-multicall", targets: ["lbud-multicall"]),
  ],
  traits: [
    .default(enabledTraits: ["Systemd"]),
    .trait(
      name: "Systemd",
      description: """
        libsystemd: the journal, and the lock that delays a shutdown. Without it lbud needs neither its header nor its \
        library; readiness and socket activation work all the same.
        """),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .target(name: "CLbud"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

    .target(name: "LbudCore", swiftSettings: strict),
    .target(name: "LbudArchive", dependencies: ["LbudCore", "CZlib", "CDeflate", crypto], swiftSettings: strict),
    .target(
      name: "LbudSystem", dependencies: ["LbudCore", "LbudArchive", "CLbud", crypto, system, subprocess, deque],
      swiftSettings: strict),
    .target(
      name: "LbudProtocol", dependencies: ["LbudCore"], resources: [.embedInCode("io.lbud.varlink")],
      swiftSettings: strict),
    .target(
      name: "LbudSupervision", dependencies: ["LbudCore", "LbudSystem", "CLbud", logging, systemd],
      swiftSettings: strict),
    .target(
      name: "LbudDaemon",
      dependencies: [
        "LbudCore", "LbudArchive", "LbudSystem", "LbudProtocol", "LbudSupervision", "CLbud", nioCore, nioPosix, logging,
        deque, arguments,
      ],
      swiftSettings: strict),
    .target(
      name: "LbuctlCommands", dependencies: ["LbudCore", "LbudSystem", "LbudProtocol", arguments, system],
      swiftSettings: strict),

    .target(
      name: "LbuCommands", dependencies: ["LbudCore", "LbudProtocol", "LbudSystem", "LbudDaemon"],
      swiftSettings: strict),

    .executableTarget(name: "lbu", dependencies: ["LbuCommands", "LbudSystem"], swiftSettings: strict),
    .executableTarget(name: "lbud", dependencies: ["LbudDaemon"], swiftSettings: strict),
    .executableTarget(name: "lbuctl", dependencies: ["LbuctlCommands", "LbudSystem"], swiftSettings: strict),
    .executableTarget(
      name: "lbud-multicall", dependencies: ["LbudDaemon", "LbuctlCommands", "LbuCommands", "LbudSystem", "CLbud"],
      swiftSettings: strict),

    .target(
      name: "LbudTestSupport", dependencies: ["LbudCore", "CLbud"], path: "Tests/LbudTestSupport",
      swiftSettings: strict),
    .testTarget(name: "LbudCoreTests", dependencies: ["LbudCore", "LbudTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "LbudArchiveTests", dependencies: ["LbudArchive", "LbudTestSupport", crypto], swiftSettings: strict),
    .testTarget(
      name: "LbudSystemTests",
      dependencies: ["LbudSystem", "LbudArchive", "LbudCore", "LbudTestSupport", subprocess],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "LbuCommandsTests", dependencies: ["LbuCommands", "LbudCore", "LbudProtocol"], swiftSettings: strict),
    .testTarget(
      name: "LbuctlCommandsTests", dependencies: ["LbuctlCommands", "LbudCore", "LbudProtocol", "LbudSystem"],
      swiftSettings: strict),
    .testTarget(
      name: "LbudProtocolTests", dependencies: ["LbudProtocol", "LbudCore", "LbudTestSupport"], swiftSettings: strict),
    .testTarget(
      name: "LbudSupervisionTests",
      dependencies: ["LbudSupervision", "LbudSystem", "LbudCore", "LbudTestSupport", logging, systemd],
      swiftSettings: strict),
    .testTarget(
      name: "LbudDaemonTests",
      dependencies: [
        "LbudDaemon", "LbudProtocol", "LbudSystem", "LbudCore", "LbudArchive", "LbudTestSupport", logging,
      ],
      swiftSettings: strict),
  ]
)

// contrib/fuzz sets LBUD_FUZZ: the library of the fuzzer is not in every toolchain, and whoever builds lbud has no use for it.
if Context.environment["LBUD_FUZZ"] != nil {
  let libraries = ["LbudCore", "LbudArchive", "LbudProtocol"]
  // Not the dependencies: what BoringSSL does with bytes is no concern of ours, and it would be slow.
  let flags = ["-sanitize=fuzzer,address", "-parse-as-library"]
  for target in package.targets where libraries.contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(flags)]
  }
  package.targets.append(
    .executableTarget(
      name: "lbud-fuzz", dependencies: libraries.map { .target(name: $0) }, path: "Tests/Fuzz",
      exclude: ["Seeds", "json.dict", "tar.dict"], swiftSettings: strict + [.unsafeFlags(flags)],
      // gold ends with an error of its own on what the sanitizer makes.
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]))
  package.products.append(.executable(name: "lbud-fuzz", targets: ["lbud-fuzz"]))
}
