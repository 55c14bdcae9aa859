import LbudTestSupport
import Testing

/// The reader of definitions that the tests have: what it lets pass, nobody sees.
@Suite struct DefinitionParserTests {
  @Test func readsTheWholeLanguage() throws {
    let definition = try VarlinkDefinition(
      """
      # About it.
      interface org.example.more-1

      # A type.
      type T (
        # one
        a: bool, b_c: int,
        # two
        # lines
        d: ?[]float, e: [string]string, f: object, g: (one, two), h: (x: T2), i: ?T2
      )
      type T2 ()
      # not directly above

      method M ( ) ->
        (t: []T)
      error E(why: string)
      """)
    #expect(definition.name == "org.example.more-1")
    #expect(definition.comment == " About it.")
    #expect(definition.members.map(\.comment) == [" A type.", "", "", ""])
    #expect(definition.names(.type) == ["T", "T2"])
    #expect(
      definition.resolved(.named("T")).description
        == "(a: bool, b_c: int, d: ?[]float, e: [string]string, f: object, g: (one, two), h: (x: ()), i: ?())")
    #expect(definition.member(.method, "M")?.reply == .structure([.init("t", .array(.named("T")))]))
    #expect(
      definition.uncommented == [
        "T.b_c", "T.e", "T.f", "T.g", "T.h", "T.h.x", "T.i", "T2", "M", "M.reply.t", "E", "E.why",
      ])
  }

  @Test(arguments: [
    "", "interface a", "type T ()", "interface a.b type t ()", "interface a.b type T", "interface a.b type T (a: t)",
    "interface a.b type T (a: U)", "interface a.b type T (a: ??int)", "interface a.b type T (a: int, b)",
    "interface a.b type T (a, b: int)", "interface a.b type T (a: int b: int)", "interface a.b type T (a: int,)",
    "interface a.b type T (a: int, a: int)", "interface a.b type T () error T ()", "interface a.b method M ()",
    "interface a.b method M (a, b) -> ()", "interface a.b error E (a, b)", "interface a.b type T (_a: int)",
    "interface a.b type T (a: int[])", "interface a.b thing T ()", "interface a.b type T (a: (",
  ])
  func refuses(text: String) {
    #expect(throws: VarlinkSyntaxError.self) { try VarlinkDefinition(text) }
  }

  @Test func saysWhere() {
    let text = "interface a.b\n\ntype T (\n  a: what)\n"
    do {
      _ = try VarlinkDefinition(text)
      Issue.record("it is accepted")
    } catch {
      #expect("\(error)" == "line 4: expected a type")
    }
  }
}
