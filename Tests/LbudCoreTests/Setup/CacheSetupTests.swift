import LbudCore
import Testing

@Suite("Choosing the package cache")
struct CacheSetupTests {
  static func setup(
    _ link: CacheSetup.Link = .absent, isDirectory: Bool? = false, isInMemory: Bool = false, unmounted: String? = nil
  ) -> CacheSetup {
    CacheSetup(
      directory: "/media/usb/cache".bytes, link: link, isDirectory: isDirectory, isInMemory: isInMemory,
      unmounted: unmounted?.bytes)
  }

  @Test("a directory and the link")
  func plain() throws {
    let plan = try Self.setup().plan(force: false)
    #expect(
      plan.steps.map { $0.words(done: true) } == [
        "made the directory /media/usb/cache", "linked /etc/apk/cache to /media/usb/cache",
      ])
    let other = try Self.setup(.target("/var/cache/apk".bytes), isDirectory: true).plan(force: false)
    #expect(
      other.steps.map { $0.words(done: false) } == [
        "would link /etc/apk/cache to /media/usb/cache, before: /var/cache/apk"
      ]
    )
  }

  @Test("a second time there is nothing to do")
  func again() throws {
    let plan = try Self.setup(.target("/media/usb/cache".bytes), isDirectory: true).plan(force: false)
    #expect(plan.steps.isEmpty)
  }

  @Test("noauto goes where nothing is mounted, as setup-apkcache takes it out")
  func noauto() throws {
    var setup = Self.setup(unmounted: "/media/usb")
    setup.table = "UUID=1\t/media/usb\tvfat\tnoauto,ro 0 0\n".bytes
    let plan = try setup.plan(force: false)
    #expect(
      plan.steps.first == .removeNoauto(point: "/media/usb".bytes, text: "UUID=1\t/media/usb\tvfat\tro 0 0\n".bytes))
    #expect(plan.next.first == "mount /media/usb, to have the cache before the next boot")
  }

  @Test("what is no symlink is not replaced, nor a disk given up for memory")
  func refusals() {
    let refusals = [Self.setup(.other("a directory")), Self.setup(isInMemory: true)].map { setup in
      #expect(throws: SetupRefusal.self) { try setup.plan(force: false) }?.description
    }
    #expect(
      refusals == [
        "/etc/apk/cache is a directory and no symlink, so it is not replaced",
        "/media/usb/cache is only in memory, so a cache there is gone at the next boot, which is when it is needed",
      ])
    #expect(throws: Never.self) { try Self.setup(isInMemory: true).plan(force: true) }
  }

  @Test(
    "paths",
    arguments: [
      ("/media/usb/cache", "/x", "/media/usb/cache"), ("//media/./usb//cache/", "/x", "/media/usb/cache"),
      ("cache", "/media/usb", "/media/usb/cache"), ("cache", "", "/cache"), ("../cache", "/media/usb", "/media/cache"),
      ("./a b", "/x", "/x/a b"), ("/../../a", "/x", "/a"), ("/", "/x", nil), ("", "/x", nil), ("..", "/x", nil),
      ("cache", nil, nil),
    ] as [(String, String?, String?)])
  func path(text: String, current: String?, path: String?) {
    #expect((try? CacheSetup.directory(text.bytes, current: current?.bytes)) == path?.bytes)
  }
}
