import Glibc
import LbudDaemon
import LbudProtocol
import Testing

@Suite(.timeLimit(.minutes(2))) struct VarlinkServerTests {
  private func serving(
    limits: ConnectionLimits = ConnectionLimits(), handler: any VarlinkHandler = EchoHandler(),
    _ body: @escaping @Sendable (String) async throws -> Void
  ) async throws {
    try await withDirectory { directory in
      let path = directory + "/s"
      try await withServer(at: path, limits: limits, handler: handler) { try await body(path) }
    }
  }

  @Test func answersACall() async throws {
    try await serving { path in
      let echo = try await blocking {
        let client = try VarlinkClient(socketPath: path)
        #expect(try client.call("t.e.Echo", Echo(text: "one", number: 1)) == Echo(text: "one", number: 1))
        return try client.call("t.e.Echo", Echo(text: "ü/\0", number: 2), as: Echo.self)
      }
      #expect(echo == Echo(text: "ü/\0", number: 2))
    }
  }

  @Test func streamsReplies() async throws {
    try await serving { path in
      try await blocking {
        let client = try VarlinkClient(socketPath: path)
        var seen: [Int] = []
        try client.callMore("t.e.Count", Echo(number: 5), as: Echo.self) { echo, continues in
          seen.append(echo.number)
          #expect(continues == (echo.number < 5))
        }
        #expect(seen == [1, 2, 3, 4, 5])
        // The connection is good for more.
        #expect(try client.call("t.e.Echo", Echo(number: 6)) == Echo(number: 6))
      }
    }
  }

  @Test func streamsOnlyWhenAsked() async throws {
    try await serving { path in
      try await blocking {
        let client = try VarlinkClient(socketPath: path)
        #expect(throws: ClientError.remote(.expectedMore)) {
          try client.call("t.e.Count", Echo(number: 2), as: Echo.self)
        }
        #expect(try client.call("t.e.Count", Echo(number: 1)) == Echo(number: 1))
      }
    }
  }

  @Test func doesNotAnswerOneway() async throws {
    let facts = Facts()
    try await serving(handler: EchoHandler(facts: facts)) { path in
      try await blocking {
        let client = try VarlinkClient(socketPath: path)
        try client.callOneway("t.e.Echo", Echo(text: "quiet"))
        try client.callOneway("t.e.Count", Echo(number: 3))
        try client.callOneway("t.e.Fail", NoParameters())
        try client.callOneway("t.e.Nothing", NoParameters())
        #expect(try client.call("t.e.Echo", Echo(text: "loud")) == Echo(text: "loud"))
      }
      #expect(facts.all == ["echo quiet", "echo loud"])
    }
  }

  @Test func finishesOnewayCallsOfAClientThatLeft() async throws {
    let facts = Facts()
    try await serving(handler: EchoHandler(facts: facts)) { path in
      try await blocking {
        let client = try VarlinkClient(socketPath: path)
        for number in 1...20 { try client.callOneway("t.e.Echo", Echo(text: "\(number)")) }
      }
      await facts.wait(for: "echo 20")
      #expect(facts.all == (1...20).map { "echo \($0)" })
    }
  }

  @Test func beginsNoneOfManyOnewayCallsOnceItEnds() async throws {
    let facts = Facts()
    let client = try await withDirectory { directory in
      try await withServer(at: directory + "/s", handler: EchoHandler(facts: facts)) {
        let client = try await blocking { () -> RawConnection in
          let client = try RawConnection(directory + "/s")
          for _ in 0..<50 { client.send(try encodeCall("t.e.Hang", NoParameters(), oneway: true)) }
          return client
        }
        await facts.wait(for: "hang began")
        return client
      }
    }
    #expect(facts.all == ["hang began", "hang ended"])
    client.leave()
  }

  @Test func answersAThousandPipelinedCallsInOrder() async throws {
    try await serving { path in
      try await blocking {
        let connection = try RawConnection(path)
        var calls: [UInt8] = []
        for number in 1...1000 { calls += try encodeCall("t.e.Echo", Echo(number: number)) }
        #expect(connection.send(calls))
        for number in 1...1000 {
          #expect(try connection.receive() == #"{"parameters":{"number":\#(number),"text":""}}"#)
        }
      }
    }
  }

  @Test func answersAMixtureInOrder() async throws {
    try await serving { path in
      try await blocking {
        let connection = try RawConnection(path)
        var calls = try encodeCall("t.e.Echo", Echo(number: 1))
        calls += try encodeCall("t.e.Fail", NoParameters(), oneway: true)
        calls += try encodeCall("t.e.Count", Echo(number: 2), more: true)
        calls += Array("garbage\0".utf8)
        calls += try encodeCall("t.e.Count", Echo(number: 2), more: true, oneway: true)
        calls += try encodeCall("t.e.Nothing", NoParameters())
        calls += try encodeCall("t.e.Nothing", NoParameters(), oneway: true)
        calls += [0]
        // More is allowed, not asked for: what answers once does so.
        calls += try encodeCall("t.e.Echo", Echo(number: 3), more: true)
        calls += try encodeCall("t.e.Count", Echo(number: 2))
        calls += try encodeCall("t.e.Echo", Echo(number: 4))
        #expect(connection.send(calls))
        let invalid = #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"call"}}"#
        for expected in [
          #"{"parameters":{"number":1,"text":""}}"#,
          #"{"continues":true,"parameters":{"number":1,"text":""}}"#, #"{"parameters":{"number":2,"text":""}}"#,
          invalid,
          #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"t.e.Nothing"}}"#,
          invalid,
          #"{"parameters":{"number":3,"text":""}}"#,
          #"{"error":"org.varlink.service.ExpectedMore","parameters":{}}"#,
          #"{"parameters":{"number":4,"text":""}}"#,
        ] {
          #expect(try connection.receive() == expected)
        }
      }
    }
  }

  @Test func takesACallByteByByte() async throws {
    try await serving { path in
      try await blocking {
        let connection = try RawConnection(path)
        for byte in try encodeCall("t.e.Echo", Echo(number: 7)) { #expect(connection.send([byte])) }
        #expect(try connection.receive() == #"{"parameters":{"number":7,"text":""}}"#)
      }
    }
  }

  @Test func answersAClientThatHasFinishedSending() async throws {
    try await serving { path in
      try await blocking {
        let connection = try RawConnection(path)
        #expect(connection.send(try encodeCall("t.e.Count", Echo(number: 500), more: true)))
        connection.finishSending()
        for _ in 1...500 { #expect(try connection.receive() != nil) }
        #expect(try connection.receive() == nil)
      }
    }
  }

  @Test(arguments: [
    ("t.e.Nothing", VarlinkError.methodNotFound("t.e.Nothing")),
    ("t.e.Fail", VarlinkError("t.e.Failed", ["message": "on purpose", "hint": "do not call it"])),
    ("t.e.Crash", .internalFailure(#"Failed(what: "a bug")"#)),
    ("t.e.Silent", .internalFailure("t.e.Silent ended without an answer")),
  ])
  func answersWithAnError(method: String, error: VarlinkError) async throws {
    try await serving { path in
      try await blocking {
        let client = try VarlinkClient(socketPath: path)
        #expect(throws: ClientError.remote(error)) { try client.call(method, NoParameters(), as: Echo.self) }
        #expect(try client.call("t.e.Echo", Echo(number: 1)) == Echo(number: 1))
      }
    }
  }

  @Test func answersOnlyOnce() async throws {
    try await serving { path in
      try await blocking {
        let client = try VarlinkClient(socketPath: path)
        #expect(try client.call("t.e.Twice", NoParameters()) == Echo(number: 1))
        #expect(try client.call("t.e.Echo", Echo(number: 3)) == Echo(number: 3))
      }
    }
  }

  @Test(arguments: [
    (#"{"method":"t.e.Echo","parameters":{"text":1,"number":1}}"#, "text"),
    (#"{"method":"t.e.Echo","parameters":{"text":"","number":1,"more":true}}"#, "more"),
    (#"{"method":"t.e.Echo","parameters":[]}"#, "parameters"),
    (#"{"method":["t.e.Echo"]}"#, "method"),
    (#"{"method":"t.e.Echo","upgrade":true,"parameters":{"text":"","number":1}}"#, "upgrade"),
    ("GET / HTTP/1.1\r\n\r\n", "call"),
    ("", "call"),
  ])
  func namesWhatIsWrong(frame: String, parameter: String) async throws {
    try await serving { path in
      try await blocking {
        let connection = try RawConnection(path)
        #expect(connection.send(Array(frame.utf8) + [0]))
        let error = #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"\#(parameter)"}}"#
        #expect(try connection.receive() == error)
        // Garbage within a frame costs nothing but an error.
        #expect(connection.send(try encodeCall("t.e.Echo", Echo(number: 1))))
        #expect(try connection.receive() == #"{"parameters":{"number":1,"text":""}}"#)
      }
    }
  }

  @Test func knowsWhoCalls() async throws {
    try await serving { path in
      let me = try await blocking {
        try VarlinkClient(socketPath: path).call("t.e.WhoAmI", NoParameters(), as: WhoAmI.self)
      }
      #expect(me == WhoAmI(uid: getuid(), gid: getgid(), pid: getpid()))
    }
  }

  @Test func endsAStreamWhoseClientVanishes() async throws {
    let facts = Facts()
    try await serving(handler: EchoHandler(facts: facts)) { path in
      try await blocking {
        let connection = try RawConnection(path)
        #expect(connection.send(try encodeCall("t.e.Forever", NoParameters(), more: true)))
        for _ in 1...10 { #expect(try connection.receive() != nil) }
      }
      await facts.wait(for: "forever ended")
      try await expectAnswer(path)
    }
  }

  @Test func cancelsACallWhoseClientVanishes() async throws {
    let facts = Facts()
    try await serving(handler: EchoHandler(facts: facts)) { path in
      let client = try await blocking { () -> RawConnection in
        let connection = try RawConnection(path)
        #expect(connection.send(try encodeCall("t.e.Hang", NoParameters())))
        return connection
      }
      await facts.wait(for: "hang began")
      client.leave()
      await facts.wait(for: "hang ended")
      try await expectAnswer(path)
    }
  }

  @Test func aClientMayThrowInTheMiddleOfAStream() async throws {
    try await serving { path in
      try await blocking {
        let client = try VarlinkClient(socketPath: path)
        #expect(throws: Failed.self) {
          try client.callMore("t.e.Forever", NoParameters(), as: Echo.self) { _, _ in throw Failed(what: "enough") }
        }
        #expect(throws: ClientError.self) { try client.call("t.e.Echo", Echo(), as: Echo.self) }
      }
      try await expectAnswer(path)
    }
  }

  @Test func routesByInterface() async throws {
    let service = ServiceInterface(version: "1", url: "u", definitions: ["t.e": "interface t.e\n"])
    let router = VarlinkRouter(service: service, handlers: ["t.e": EchoHandler()])
    try await serving(handler: router) { path in
      try await blocking {
        let client = try VarlinkClient(socketPath: path)
        #expect(try client.call("org.varlink.service.GetInfo", NoParameters()) == service.info)
        #expect(try client.call("t.e.Echo", Echo(number: 1)) == Echo(number: 1))
        for (method, interface) in [
          ("io.other.Method", "io.other"), ("nodots", "nodots"), ("", ""), (".", ""), ("T.E.Echo", "T.E"),
          ("t.e.Echo.Echo", "t.e.Echo"), ("t.e .Echo", "t.e "),
        ] {
          #expect(throws: ClientError.remote(.interfaceNotFound(interface))) {
            try client.call(method, NoParameters(), as: Echo.self)
          }
        }
        #expect(throws: ClientError.remote(.methodNotFound("t.e."))) {
          try client.call("t.e.", NoParameters(), as: Echo.self)
        }
      }
    }
  }

  @Test func stopsInTheMiddleOfCalls() async throws {
    let facts = Facts()
    try await withDirectory { directory in
      let path = directory + "/s"
      let client = try await withServer(at: path, handler: EchoHandler(facts: facts)) {
        let connection = try await blocking { () -> RawConnection in
          let connection = try RawConnection(path)
          #expect(connection.send(try encodeCall("t.e.Hang", NoParameters())))
          return connection
        }
        await facts.wait(for: "hang began")
        return connection
      }
      #expect(facts.all == ["hang began", "hang ended"])
      #expect(access(path, F_OK) != 0)
      let error = #"{"error":"io.lbud.Internal","parameters":{"message":"lbud is shutting down"}}"#
      #expect(try await blocking { try client.receive() } == error)
    }
  }

  @Test func stopsWhenItsTaskIsCancelled() async throws {
    try await withDirectory { directory in
      let path = directory + "/s"
      let server = VarlinkServer(socketPath: path, handler: EchoHandler(), logger: quietLogger)
      let (listening, listens) = AsyncStream.makeStream(of: Void.self)
      let task = Task { try await server.run { listens.yield() } }
      for await _ in listening { break }
      try await expectAnswer(path)
      task.cancel()
      try await task.value
      #expect(access(path, F_OK) != 0)
    }
  }

  @Test func mayBeStoppedBeforeItRuns() async throws {
    try await withDirectory { directory in
      let server = VarlinkServer(socketPath: directory + "/s", handler: EchoHandler(), logger: quietLogger)
      server.shutdown()
      try await server.run()
    }
  }
}
