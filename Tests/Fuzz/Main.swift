import Glibc

/// All targets in one program, so that they are linked once: LBUD_FUZZ_TARGET chooses. Without it the targets are listed, each
/// with the longest input that makes sense.
@main
enum Main {
  static func main() {
    guard let name = getenv("LBUD_FUZZ_TARGET").map({ String(cString: $0) }) else {
      for target in targets { print(target.name, target.longest) }
      return
    }
    guard let target = targets.first(where: { $0.name == name }) else {
      say("lbud-fuzz: error: there is no target \(name)\n")
      exit(2)
    }
    chosen = target
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(runDriver(&count, &arguments, testOneInput))
  }
}

private nonisolated(unsafe) var chosen = targets[0]

/// Under this name since the fuzzer's library has a `main` of its own, which is never called here but wants it.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  chosen.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

/// libFuzzer's "using libFuzzer as a library".
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
