import LbudCore
import Testing

/// How lbud is started at each boot.
@Suite struct ServiceSetupTests {
  @Test func openRCStartsItBeforeOthers() {
    let setup = ServiceSetup(manager: .openRC, isInstalled: true, isSystem: true)
    #expect(setup.obstacle == nil)
    #expect(setup.commands == [["rc-update", "add", "lbud", "boot"], ["rc-service", "lbud", "start"]])
  }

  @Test func whereAServerIsAllThereIsItNeedsTheNetwork() {
    let setup = ServiceSetup(manager: .openRC, isInstalled: true, isSystem: true, needsNetwork: true)
    #expect(setup.commands.first == ["rc-update", "add", "lbud", "default"])
    #expect(setup.note == "lbud must run while the network is there: rc_need=net in /etc/conf.d/lbud")
    #expect(ServiceSetup(manager: .openRC, isInstalled: true, isSystem: true).note == nil)
  }

  @Test func systemdEnablesItFirst() {
    let setup = ServiceSetup(manager: .systemd, isInstalled: true, isSystem: true)
    #expect(setup.obstacle == nil)
    #expect(setup.commands == [["systemctl", "enable", "lbud.service"], ["systemctl", "start", "lbud.service"]])
  }

  @Test(arguments: [
    (
      ServiceSetup(manager: .openRC, isInstalled: true, isSystem: false),
      "the service of another root than / is not touched"
    ),
    (
      ServiceSetup(manager: nil, isInstalled: true, isSystem: true),
      "neither OpenRC nor systemd runs here, and who else starts services is not known"
    ),
    (ServiceSetup(manager: .openRC, isInstalled: false, isSystem: true), "there is no /etc/init.d/lbud"),
    (ServiceSetup(manager: .systemd, isInstalled: false, isSystem: true), "there is no lbud.service"),
  ])
  func whatKeepsItFromThatIsSaid(setup: ServiceSetup, why: String) {
    #expect(setup.obstacle?.description == why)
    #expect(setup.obstacle?.hint.isEmpty == false)
  }
}
