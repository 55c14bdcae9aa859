/// Where snapshots go: what `setup-lbu` of alpine-conf does, decided from what there is.
package struct MediaSetup: Equatable, Sendable {
  package var choice: MediaChoice
  /// The name in /media, as `MediaChoice.name` has it.
  package var name: [UInt8]
  /// Whether `/media/NAME` is there.
  package var isDirectory: Bool
  package var device: Device?
  /// The line of fstab for `/media/NAME`.
  package var entry: FileSystemTable.Entry?
  /// The device that this line names, where it is another one.
  package var otherDevice: [UInt8]?
  package var table: [UInt8] = []
  package var configuration: [UInt8] = []
  /// What `LBU_MEDIA` is, when sh has evaluated lbu.conf.
  package var media: String?
  /// What `LBU_BACKUPDIR` is.
  package var backupDirectory: String?

  package struct Device: Equatable, Sendable {
    /// As it is mounted, or can be.
    package var path: [UInt8]
    /// Nil where none is known.
    package var type: String?
    package var uuid: [UInt8]?
    /// Whether it is mounted at `/media/NAME`.
    package var isMounted: Bool
    /// Where else it is mounted.
    package var elsewhere: [UInt8]?

    package init(
      path: [UInt8], type: String?, uuid: [UInt8]? = nil, isMounted: Bool = false, elsewhere: [UInt8]? = nil
    ) {
      self.path = path
      self.type = type
      self.uuid = uuid
      self.isMounted = isMounted
      self.elsewhere = elsewhere
    }
  }

  package init(choice: MediaChoice, name: [UInt8], isDirectory: Bool, device: Device?) {
    self.choice = choice
    self.name = name
    self.isDirectory = isDirectory
    self.device = device
  }

  private var point: [UInt8] { Array("/media/".utf8) + name }
  private var shownPoint: String { displayText(of: point) }

  /// - Parameter force: take what the boot loader cannot read.
  /// - Throws: `SetupRefusal`.
  package func plan(force: Bool) throws(SetupRefusal) -> SetupPlan {
    let device = try usableDevice(force: force)
    var plan = SetupPlan()
    if !isDirectory { plan.steps.append(.makeDirectory(point)) }
    planTable(device, &plan)
    planConfiguration(&plan)
    if let elsewhere = device.elsewhere, !device.isMounted {
      plan.notes.append(
        "\(displayText(of: device.path)) is mounted at \(displayText(of: elsewhere)) now: unmount it there, or"
          + " \(shownPoint) may not be writable before the next boot")
    }
    if let backupDirectory {
      plan.notes.append(
        "/etc/lbu/lbu.conf also sets LBU_BACKUPDIR=\(displayText(of: backupDirectory.utf8)), which wins:"
          + " snapshots go there until that line is removed")
    }
    plan.next.append("lbuctl commit")
    return plan
  }

  // MARK: The device

  private func usableDevice(force: Bool) throws(SetupRefusal) -> Device {
    guard String(validating: name, as: UTF8.self) != nil, !name.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
      throw SetupRefusal(
        "\(shownPoint) is not a name that lbu.conf can hold: it is no text", hint: "give the directory another name")
    }
    guard let device else {
      guard isDirectory else {
        throw SetupRefusal(
          "\(shownPoint) is not there, and /etc/fstab has no line for it",
          hint: "lbuctl setup media lists what can be used")
      }
      throw SetupRefusal(
        "nothing is mounted at \(shownPoint), and /etc/fstab has no line for it, so its device is not known",
        hint: "mount it there first, or name it by LABEL=.. or UUID=..; lbuctl setup media lists what can be used")
    }
    let shown = displayText(of: device.path)
    let subject = shown == shownPoint ? shown : "\(shown) (\(shownPoint))"
    switch BootReadability(type: device.type) {
    case .usable: return device
    case .unusable(let why):
      if force { return device }
      throw SetupRefusal(
        "\(subject) cannot be used: \(why)",
        hint:
          "take a disk with vfat or ext4; --force takes it all the same, and nothing saved there comes back at a boot"
      )
    case .impossible(let why):
      throw SetupRefusal("\(subject) cannot be used: \(why)", hint: "lbuctl setup media lists what can be used")
    }
  }

  // MARK: fstab

  private func planTable(_ device: Device, _ plan: inout SetupPlan) {
    guard let entry else {
      let (spec, note) = spec(of: device)
      let line = FileSystemTable.line(spec: spec, point: point, type: device.type ?? "auto")
      plan.steps.append(.addLine(line, text: FileSystemTable.adding(line, to: table)))
      if let note { plan.notes.append(note) }
      if name.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "#") }) {
        plan.notes.append(
          "the boot loader knows no escapes in /etc/fstab, and leaves the disk at another place in /media than"
            + " \(shownPoint); a name without blanks works better")
      }
      return
    }
    plan.standing.append(
      "/etc/fstab has a line for \(shownPoint) already: \(displayText(of: entry.spec)) \(entry.type)")
    if let otherDevice {
      plan.notes.append(
        "the line for \(shownPoint) in /etc/fstab is of another device, \(displayText(of: entry.spec))"
          + " (\(displayText(of: otherDevice))), and this is \(displayText(of: device.path)): after a reboot that one is"
          + " there; mend the line")
    }
  }

  /// By UUID, unless it was asked for by its label.
  private func spec(of device: Device) -> (spec: [UInt8], note: String?) {
    let uuid = device.uuid.map { Array("UUID=".utf8) + $0 }
    guard case .label(let label) = choice else { return (uuid ?? device.path, nil) }
    // initramfs-init.in reads it word by word and gives it to findfs as it is.
    if let uuid, encodingOctalEscapes(label) != label {
      return (uuid, "it stands in /etc/fstab by its UUID: the boot loader does not find a label with blanks there")
    }
    return (choice.text, nil)
  }

  // MARK: lbu.conf

  private func planConfiguration(_ plan: inout SetupPlan) {
    if media.map({ Array($0.utf8) }) == name {
      return plan.standing.append("/etc/lbu/lbu.conf has LBU_MEDIA=\(displayText(of: ShellText.quoted(name))) already")
    }
    plan.steps.append(.setMedia(name, text: ShellText.setting("LBU_MEDIA", to: name, in: configuration)))
  }
}
