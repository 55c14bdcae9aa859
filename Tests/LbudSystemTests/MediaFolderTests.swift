import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// The folders of lbud's own on the media. What their room is for, a file system that has no FAT cannot show: that is
/// `contrib/crashtest` and `contrib/mediatest`, "mounting".
@Suite struct MediaFolderTests {
  private let directory = TemporaryDirectory()
  private let root: RootDirectory

  init() throws {
    root = try RootDirectory(path: directory.path)
  }

  private func names(_ path: String = ".") throws -> [String] {
    let found = try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY).names(path: BytePath(path))
    return found.map { displayText(of: $0) }.sorted()
  }

  @Test(arguments: [0, 1, 21, 22, 512])
  func itIsMadeEmptyWhateverItsRoom(room: Int) throws {
    let top = try root.open([], O_RDONLY | O_DIRECTORY)
    let folder = try MediaFolder.open("LBUD", in: top, "/media", room: { room })
    #expect(folder.path == "/media/LBUD")
    #expect(try names() == ["LBUD"])
    #expect(try names("LBUD") == [])
  }

  @Test(arguments: ["nothing", "something", "directory"])
  func whatAnEarlierTryHasLeftIsNoHindranceAndWhatIsSomebodysStays(kind: String) throws {
    let builder = TreeBuilder(directory.path)
    switch kind {
    case "nothing": builder.file("LBUD.NEW", "")
    case "something": builder.file("LBUD.NEW", "somebody's")
    default: builder.directory(BytePath("LBUD.NEW"))
    }
    builder.directory(BytePath("DIR.0A0"))
    let top = try root.open([], O_RDONLY | O_DIRECTORY)
    _ = try MediaFolder.open("LBUD", in: top, "/media", room: { 512 })
    #expect(try names() == ["DIR.0A0", "LBUD"] + (kind == "nothing" ? [] : ["LBUD.NEW"]))
    #expect(try names("LBUD") == [])
  }

  @Test func oneThatIsThereIsTakenAsItIs() throws {
    TreeBuilder(directory.path).file("LBUD/box.20200101000000.tar.gz", "old")
    let top = try root.open([], O_RDONLY | O_DIRECTORY)
    var wasAsked = false
    _ = try MediaFolder.open("LBUD", in: top, "/media") {
      wasAsked = true
      return 512
    }
    #expect(!wasAsked)
    #expect(try names() == ["LBUD"])
    #expect(try names("LBUD") == ["box.20200101000000.tar.gz"])
  }

  @Test func whatHasItsNameAndIsNoDirectoryIsAnError() throws {
    TreeBuilder(directory.path).file("LBUD", "a file")
    let top = try root.open([], O_RDONLY | O_DIRECTORY)
    #expect(throws: FileError.self) { try MediaFolder.open("LBUD", in: top, "/media", room: { 512 }) }
    #expect(try names() == ["LBUD"])
  }
}
