import LbudProtocol
import LbudSystem
import LbudTestSupport
import Testing

@testable import LbudDaemon

@Suite(.timeLimit(.minutes(1))) struct ControlInterfaceTests {
  /// By the definition itself, not by what Swift has of it.
  private static let methods = (try? VarlinkDefinition(lbudInterfaceDefinition))?.names(.method) ?? []

  @Test func declaresMethods() {
    #expect(Self.methods.contains("Status"))
  }

  @Test(arguments: methods)
  func serves(method: String) async throws {
    let directory = TemporaryDirectory()
    TreeBuilder(directory.path).file("lib/apk/db/installed", "")
    let answer = try await blocking { () -> VarlinkError? in
      let client = VarlinkClient(
        transport: try OnceTransport.start(root: try RootDirectory(path: directory.path)), name: "lbud")
      do throws(ClientError) {
        // What it takes is not asked here: an error about it is as good as an answer.
        let _: JSONValue = try client.call("io.lbud." + method, NoParameters())
        return nil
      } catch {
        guard case .remote(let remote) = error else { throw error }
        return remote
      }
    }
    withExtendedLifetime(directory) {}
    let isKnown = answer.map { error in
      ControlError(rawValue: error.name) != nil && error.name != ControlError.internalFailure.rawValue
        || error == .expectedMore || error.name == VarlinkError.invalidParameter("").name
    }
    #expect(isKnown ?? true, "\(String(describing: answer))")
  }

  @Test(arguments: ["io.lbud.status", "io.lbud.", "io.lbud.Statu", "io.lbud.Status ", "io.lbud.Stätus"])
  func knowsNoOtherMethod(method: String) async throws {
    let directory = TemporaryDirectory()
    TreeBuilder(directory.path).file("lib/apk/db/installed", "")
    try await blocking {
      let client = VarlinkClient(
        transport: try OnceTransport.start(root: try RootDirectory(path: directory.path)), name: "lbud")
      #expect(throws: ClientError.remote(.methodNotFound(method))) {
        let _: JSONValue = try client.call(method, NoParameters())
      }
    }
    withExtendedLifetime(directory) {}
  }
}
