import Testing

@testable import LbudCore

@Suite struct RepositoryListTests {
  static func list(_ text: String) -> RepositoryList {
    var list = RepositoryList(architecture: "x86_64".bytes)
    list.read(text.bytes)
    return list
  }

  static func local(_ path: String, _ tag: String? = nil) -> RepositoryList.Local {
    RepositoryList.Local(path: path.bytes, tag: tag?.bytes)
  }

  @Test(
    arguments: [
      ("", [], 0), ("# /media/usb/apks\n#/x\n", [], 0), ("/media/usb/apks\n", [local("/media/usb/apks")], 0),
      ("/media/usb/apks/\n/media/usb/apks\n", [local("/media/usb/apks")], 0),
      ("@local /srv/apks\nhttps://dl-cdn.alpinelinux.org/alpine/v3.22/main\n", [local("/srv/apks", "@local")], 1),
      ("http://a/b\n@edge https://c/d\nftp://e/f", [], 3), ("file:///srv/apks\n", [local("/srv/apks")], 0),
      ("v2 /srv/apks main community\n", [local("/srv/apks/main"), local("/srv/apks/community")], 0),
      ("set top=/srv\nset -default top=/other\n${top}/apks-${APK_ARCH}\n", [local("/srv/apks-x86_64")], 0),
      ("/srv/${unknown}\nmystery /srv/x\nset\nset APK_ARCH=z\n@tag\n${\n", [], 0),
    ])
  func lines(text: String, local: [RepositoryList.Local], remoteCount: Int) {
    let list = Self.list(text)
    #expect(list.local == local)
    #expect(list.remoteCount == remoteCount)
  }

  @Test func indexesOfTheirOwn() {
    let list = Self.list("v3 /srv/new\n/srv/x/Packages.adb\nndx /srv/y/index\n")
    #expect(
      list.local.map(\.index) == [
        .folder(file: "Packages.adb"), .file("/srv/x/Packages.adb".bytes), .file("/srv/y/index".bytes),
      ])
    #expect(list.local.map(\.path) == ["/srv/new".bytes, "/srv/x".bytes, "/srv/y".bytes])
  }

  @Test func whatTheBootLoaderFindsIsAddedOnce() {
    var list = Self.list("/media/usb/apks\n@edge /media/usb/edge\n")
    list.add(bootRepository: "/media/usb/apks".bytes)
    list.add(bootRepository: "/media/usb/edge".bytes)
    #expect(
      list.local == [
        Self.local("/media/usb/apks"), Self.local("/media/usb/edge", "@edge"), Self.local("/media/usb/edge"),
      ])
  }
}
