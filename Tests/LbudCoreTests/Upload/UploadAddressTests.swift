import LbudCore
import Testing

/// What `LBUD_PUBLISH` becomes.
@Suite struct UploadAddressTests {
  static let facts = UploadAddress.Facts(
    hostName: "box 1", hardwareAddress: "52:54:00:aa:bb:cc", machine: "4c4c4544-0042-3510-8054-b2c04f4e4d32")

  @Test(arguments: [
    ("https://srv/{HOSTNAME}.apkovl.tar.gz", "https://srv/box%201.apkovl.tar.gz"),
    ("http://srv:8080/a/{MAC}.apkovl.tar.gz", "http://srv:8080/a/52%3A54%3A00%3Aaa%3Abb%3Acc.apkovl.tar.gz"),
    ("https://[fe80::1]/{UUID}.gz", "https://[fe80::1]/4c4c4544-0042-3510-8054-b2c04f4e4d32.gz"),
    ("https://srv/a%2Bb/x", "https://srv/a%2Bb/x"),
  ])
  func isFilledIn(template: String, url: String) throws {
    let address = try UploadAddress(template, Self.facts)
    #expect(address.url == url)
    #expect(address.temporary == url + ".lbud-new")
    #expect(address.isEncrypted == template.hasPrefix("https"))
  }

  @Test(arguments: [
    ("https://srv:8443/x", "srv"), ("https://[fe80::1]:80/x", "[fe80::1]"), ("http://a.b/x", "a.b"),
  ])
  func messagesAreAboutItsHost(template: String, host: String) throws {
    #expect(try UploadAddress(template, Self.facts).host == host)
  }

  @Test(arguments: [
    ("ftp://srv/x", "it is no http or https URL"), ("", "it is no http or https URL"),
    ("https://srv", "it names no file"),
    ("https:///x", "it names no host"), ("https://:80/x", "it names no host"),
    ("https://{HOSTNAME}/x", "it names no host"),
    ("https://srv/x/", "it ends with a slash"), ("https://srv/a b", "' ' cannot stand in it"),
    ("https://srv/a\nb", "'\\n' cannot stand in it"), ("https://srv/a?b", "'?' cannot stand in it"),
    ("https://srv/a#b", "'#' cannot stand in it"), ("https://srv/[a]", "'[' cannot stand in it"),
    ("https://srv/{MAC}{MAC}", "'{MAC}' stands for nothing"), ("https://srv/{mac}", "'{mac}' stands for nothing"),
    ("https://srv/a}", "'}' stands for nothing"),
  ])
  func isRefused(template: String, text: String) {
    #expect(throws: UploadAddress.Refusal.self) { try UploadAddress(template, Self.facts) }
    do { _ = try UploadAddress(template, Self.facts) } catch { #expect(error.text == text) }
  }

  @Test(arguments: ["https://user:geheim@srv/x", "https://user:geheim@srv", "http://geheim@srv/{MAC}"])
  func aPasswordInItIsRefusedAndNotShown(template: String) {
    do throws(UploadAddress.Refusal) {
      _ = try UploadAddress(template, Self.facts)
      Issue.record("it is taken")
    } catch {
      #expect(error.text == "a user or a password stands in it, which everybody could see among the processes")
      #expect(!(error.text + error.remedy).contains("geheim"))
    }
  }

  @Test(arguments: [
    ("{MAC}", "no interface of this machine has an address"), ("{UUID}", "the firmware of this machine gives no UUID"),
  ])
  func whatTheMachineDoesNotHaveCannotBeFilledIn(word: String, why: String) {
    do throws(UploadAddress.Refusal) {
      _ = try UploadAddress("https://srv/\(word)", .init(hostName: "box"))
      Issue.record("it is taken")
    } catch {
      #expect(error.text == "\(word) stands in it, and \(why)")
      #expect(error.isAboutMachine)
    }
  }

  @Test(
    arguments: [
      ("https://srv/x.apkovl.tar.gz", nil, true), ("https://srv/x.apkovl.tar.gz.aes-256-cbc", "aes-256-cbc", true),
      ("https://srv/x.apkovl.tar.gz", "aes-256-cbc", false), ("https://srv/x.apkovl.tar.gz.aes-256-cbc", nil, false),
      ("https://srv/x.apkovl.tar.gz.aes-128-cbc", "aes-256-cbc", false), ("https://srv/{MAC}", nil, false),
      ("https://srv.gz/x", nil, false),
    ] as [(String, String?, Bool)])
  func itsNameSaysWhetherItIsEncrypted(template: String, cipher: String?, boots: Bool) throws {
    #expect((try UploadAddress(template, Self.facts).objection(toCipher: cipher) == nil) == boots)
  }
}

/// Whose address the boot loader puts in place of `{MAC}`.
@Suite struct NetworkInterfaceTests {
  static let interfaces = [
    NetworkInterface(name: "lo", index: 1, hardwareAddress: "00:00:00:00:00:00", isUp: true, isDevice: false),
    NetworkInterface(name: "eth1", index: 3, hardwareAddress: "52:54:00:00:00:03", isUp: true),
    NetworkInterface(name: "eth0", index: 2, hardwareAddress: "52:54:00:00:00:02", isUp: false),
    NetworkInterface(name: "eth2", index: 4, hardwareAddress: "52:54:00:00:00:04", isUp: true),
  ]

  @Test(arguments: [
    ("quiet", "eth1"), ("ip=dhcp", "eth1"), ("ip=10.0.0.2::10.0.0.1:255.0.0.0:box:eth2:off", "eth2"),
    ("BOOTIF=01-52-54-00-00-00-02 quiet\n", "eth0"), ("BOOTIF=01-AA-AA-AA-AA-AA-AA", "eth1"),
    ("ip=10.0.0.2::::: BOOTIF=01-52-54-00-00-00-04", "eth2"),
  ])
  func isTheBootLoaders(commandLine: String, name: String) {
    #expect(NetworkInterface.ofBoot(Self.interfaces, commandLine: Array(commandLine.utf8))?.name == name)
  }

  @Test func whereNoneIsUpItIsTheFirst() {
    let down = Self.interfaces.map {
      NetworkInterface(
        name: $0.name, index: $0.index, hardwareAddress: $0.hardwareAddress, isUp: false, isDevice: $0.isDevice)
    }
    #expect(NetworkInterface.ofBoot(down, commandLine: [])?.name == "eth0")
    #expect(NetworkInterface.ofBoot([], commandLine: []) == nil)
    #expect(NetworkInterface.ofBoot(down, commandLine: Array("ip=:::::wlan0".utf8)) == nil)
  }
}
