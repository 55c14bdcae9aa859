import LbudCore
import LbudDaemon
import LbudProtocol
import Testing

@Suite(.timeLimit(.minutes(2))) struct VarlinkLimitTests {
  private func serving(
    _ limits: ConnectionLimits, _ body: @escaping @Sendable (String) async throws -> Void
  ) async throws {
    try await withDirectory { directory in
      let path = directory + "/s"
      try await withServer(at: path, limits: limits) {
        try await body(path)
        try await expectAnswer(path)
      }
    }
  }

  private func exceeded(_ limit: String, _ maximum: Int) -> String {
    #"{"error":"io.lbud.LimitExceeded","parameters":{"limit":"\#(limit)","maximum":\#(maximum)}}"#
  }

  @Test func aMessageThatIsTooLong() async throws {
    try await serving(ConnectionLimits()) { path in
      try await blocking {
        let connection = try RawConnection(path)
        connection.send([UInt8](repeating: UInt8(ascii: " "), count: (1 << 20) + 1))
        #expect(try connection.receive() == exceeded("messageBytes", 1 << 20))
        #expect(try connection.receive() == nil)
      }
    }
  }

  @Test func aClientLearnsWhyItsCallWasRefused() async throws {
    try await serving(ConnectionLimits()) { path in
      try await blocking {
        let client = try VarlinkClient(socketPath: path)
        #expect(throws: ClientError.remote(.limitExceeded("messageBytes", maximum: 1 << 20))) {
          try client.call("t.e.Echo", Echo(text: String(repeating: "x", count: 8 << 20)), as: Echo.self)
        }
      }
    }
  }

  @Test func aMessageThatIsAsLongAsAllowed() async throws {
    try await serving(ConnectionLimits()) { path in
      try await blocking {
        let connection = try RawConnection(path)
        let call = try encodeCall("t.e.Echo", Echo(number: 1)).dropLast()
        let padding = [UInt8](repeating: UInt8(ascii: " "), count: (1 << 20) - call.count)
        #expect(connection.send(padding + call + [0]))
        #expect(try connection.receive() == #"{"parameters":{"number":1,"text":""}}"#)
      }
    }
  }

  @Test(arguments: ["[", "{\"a\":"])
  func aMessageThatIsTooDeep(opening: String) async throws {
    try await serving(ConnectionLimits()) { path in
      try await blocking {
        let connection = try RawConnection(path)
        connection.send(Array(String(repeating: opening, count: 100_000).utf8) + [0])
        #expect(try connection.receive() == exceeded("nesting", 32))
        #expect(try connection.receive() == nil)
      }
    }
  }

  @Test func aMessageWhoseEndDoesNotCome() async throws {
    var limits = ConnectionLimits()
    limits.messageTime = .milliseconds(200)
    try await serving(limits) { path in
      try await blocking {
        let connection = try RawConnection(path)
        connection.send(try encodeCall("t.e.Echo", Echo(number: 1)) + Array("{\"meth".utf8))
        #expect(try connection.receive() == #"{"parameters":{"number":1,"text":""}}"#)
        #expect(try connection.receive() == exceeded("messageMilliseconds", 200))
        #expect(try connection.receive() == nil)
      }
    }
  }

  @Test func theClockStopsWithTheMessage() async throws {
    var limits = ConnectionLimits()
    limits.messageTime = .milliseconds(200)
    try await serving(limits) { path in
      let connection = try await blocking { () -> RawConnection in
        let connection = try RawConnection(path)
        let call = try encodeCall("t.e.Echo", Echo(number: 1))
        connection.send(call.prefix(5))
        connection.send(call.dropFirst(5))
        #expect(try connection.receive() == #"{"parameters":{"number":1,"text":""}}"#)
        return connection
      }
      // The fact waited for is that another clock, begun later, has run out.
      try await blocking {
        let other = try RawConnection(path)
        other.send([UInt8(ascii: "{")])
        #expect(try other.receive() == exceeded("messageMilliseconds", 200))
      }
      try await blocking {
        connection.send(try encodeCall("t.e.Echo", Echo(number: 2)))
        #expect(try connection.receive() == #"{"parameters":{"number":2,"text":""}}"#)
      }
    }
  }

  @Test(arguments: [(64, 100, "connections"), (100, 16, "connectionsPerUser")])
  func oneConnectionTooMany(all: Int, perUser: Int, name: String) async throws {
    var limits = ConnectionLimits()
    limits.connections = all
    limits.connectionsPerUser = perUser
    let most = min(all, perUser)
    try await serving(limits) { path in
      try await blocking {
        // An answer is the proof that a connection has its place.
        var clients: [VarlinkClient] = []
        for number in 1...most {
          let client = try VarlinkClient(socketPath: path)
          #expect(try client.call("t.e.Echo", Echo(number: number)) == Echo(number: number))
          clients.append(client)
        }
        let refused = try RawConnection(path)
        #expect(try refused.receive() == exceeded(name, most))
        #expect(try refused.receive() == nil)
        #expect(throws: ClientError.remote(.limitExceeded(name, maximum: most))) {
          try VarlinkClient(socketPath: path).call("t.e.Echo", Echo(), as: Echo.self)
        }
        for client in clients { #expect(try client.call("t.e.Echo", Echo(number: 1)) == Echo(number: 1)) }
      }
    }
  }

  @Test func aStalledReaderMakesRoomForAnother() async throws {
    var limits = ConnectionLimits()
    limits.connectionsPerUser = 1
    limits.stallTime = 0
    limits.closingTime = .milliseconds(100)
    let facts = Facts()
    try await withDirectory { directory in
      let path = directory + "/s"
      try await withServer(at: path, limits: limits, handler: EchoHandler(facts: facts)) {
        let stalled = try await blocking { () -> RawConnection in
          let connection = try RawConnection(path)
          connection.send(try encodeCall("t.e.Forever", NoParameters(), more: true))
          // It has its place.
          _ = try connection.receive()
          return connection
        }
        // As soon as the server waits for it.
        try await blocking {
          while true {
            let answer = try? VarlinkClient(socketPath: path).call("t.e.Echo", Echo(number: 2), as: Echo.self)
            if answer == Echo(number: 2) { return }
          }
        }
        await facts.wait(for: "forever ended")
        // What had been sent comes, and then why no more does.
        try await blocking {
          var last: String?
          while let frame = try stalled.receive() { last = frame }
          #expect(last == exceeded("connectionsPerUser", 1) || last?.hasPrefix(#"{"continues":true"#) == true)
        }
      }
    }
  }

  @Test func whoIsToldOfWhatHappensAndDoesNotListenIsCutOff() async throws {
    var limits = ConnectionLimits()
    limits.readingTime = .milliseconds(100)
    limits.closingTime = .milliseconds(100)
    let facts = Facts()
    try await withDirectory { directory in
      let path = directory + "/s"
      try await withServer(at: path, limits: limits, handler: EchoHandler(facts: facts)) {
        let deaf = try await blocking { () -> RawConnection in
          let connection = try RawConnection(path)
          connection.send(try encodeCall("t.e.Tell", NoParameters(), more: true))
          return connection
        }
        await facts.wait(for: "tell ended")
        try await expectAnswer(path)
        deaf.leave()
      }
    }
  }

  @Test func aClientThatReadsNothingIsCutOffAtShutdown() async throws {
    var limits = ConnectionLimits()
    limits.closingTime = .milliseconds(100)
    try await withDirectory { directory in
      let path = directory + "/s"
      let client = try await withServer(at: path, limits: limits) {
        let connection = try await blocking { () -> RawConnection in
          let connection = try RawConnection(path)
          connection.send(try encodeCall("t.e.Forever", NoParameters(), more: true))
          _ = try connection.receive()
          return connection
        }
        return connection
      }
      // That the server has ended is what counts.
      client.leave()
    }
  }
}
