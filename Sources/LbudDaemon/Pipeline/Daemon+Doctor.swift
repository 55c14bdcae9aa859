import LbudCore
import LbudSystem
import Logging

/// If the power failed now, what would come back?
extension Daemon {
  /// How many seconds are waited for the media, of which all of a snapshot is read, and for the other devices, of which next
  /// to nothing is.
  private static let mediaPatience = 120
  private static let devicePatience = 20

  /// What was found of the media.
  struct Examined: Sendable {
    var examination: MediaExamination?
    /// What differs from the snapshot; nil where that cannot be told.
    var changes: [BytePath: Change]?
    /// Why nothing was found.
    var error: StoreError?
  }

  /// Plays the boot loader, and compares what it would take with what runs. Whatever goes wrong is in the answer.
  /// - Throws: where the root directory cannot be looked at any more.
  package func diagnose() async throws -> Diagnosis {
    try await settle(patience: 2)
    let root = self.root
    let system = try await OwnThread.run(named: "lbud-doctor") { RootExamination(root: root) }
    let media = await examineMedia(system)
    let devices = await lookAtDevices(without: media.examination?.device)
    var checks = [await packagesCheck(), .devices(devices), passwordCheck(media), .automatic(automaticFacts)]
    if let examination = media.examination {
      checks += mediaChecks(examination, media.changes, system, devices)
    } else {
      checks += checksWithoutMedia(media.error, system)
    }
    return Diagnosis(checks)
  }

  // MARK: Looking

  private func examineMedia(_ system: RootExamination) async -> Examined {
    // One that hangs is not waited for twice, nor is another begun beside it.
    if let examining, await examining.ended(within: Self.mediaPatience) == nil { return silent }
    let attempt = Attempt { try await self.examine(system) }
    examining = attempt
    switch await attempt.ended(within: Self.mediaPatience) {
    case .success(let examined)?: return examined
    case .failure(let error)?:
      return Examined(error: error as? StoreError ?? StoreError("\(error)", hint: "see the log of lbud"))
    case nil: return silent
    }
  }

  private var silent: Examined { Examined(error: .silent(pipeline.mediaPath)) }

  private func examine(_ system: RootExamination) async throws -> Examined {
    let store = try await place(for: CallSettings()).store
    return try await exclusively {
      let (logger, bound, parameter) = (self.logger, self.pipeline.archiveBound, system.parameter)
      let files: Set = [RootExamination.fstab, RootExamination.hostname]
      let examination = try await OwnThread.run(named: "lbud-media") {
        try store.examine(files: files, bound: bound, parameter: parameter) { logger.debug("\($0)") }
      }
      let changes = try examination.entries.map { try self.pipeline.changes(since: $0, at: SystemClock.now()) }
      // What was known of it by its record alone is not so: the next look reads it too, and the next commit replaces it.
      if case .damaged = examination.saved { self.pipeline.forgetSnapshot() }
      return Examined(examination: examination, changes: changes)
    }
  }

  private func lookAtDevices(without media: MediaExamination.Number?) async -> DevicesFacts {
    let root = self.root
    guard let plan = try? await OwnThread.run(named: "lbud-doctor", { LoaderProbe.plan(root: root, without: media) })
    else { return DevicesFacts(reach: .onlyMounted) }
    probes = probes.filter { $0.value.ended == nil }
    var findings: [DeviceFinding] = []
    let begun = plan.devices.map { device in
      let hangsAlready = probes[device.path] != nil
      let attempt =
        probes[device.path]
        ?? Attempt { try await OwnThread.run(named: "lbud-device") { LoaderProbe().look(at: device, root: root) } }
      probes[device.path] = attempt
      return (device: device, attempt: attempt, hangsAlready: hangsAlready)
    }
    // All together, not each.
    let end = SystemClock.now() + Seconds(Int64(Self.devicePatience))
    for (device, attempt, hangsAlready) in begun {
      let patience = hangsAlready ? 0 : Int(end.seconds(since: SystemClock.now()).rounded(.up))
      switch await attempt.ended(within: patience) {
      case .success(let finding)?: findings.append(finding)
      case .failure(let error)?: findings.append(.init(device: device.path, outcome: .unseen(why: "\(error)")))
      case nil: findings.append(.init(device: device.path, outcome: .unseen(why: "does not answer")))
      }
    }
    return DevicesFacts(reach: plan.reach, findings: findings)
  }

  // MARK: Concluding

  private func mediaChecks(
    _ examination: MediaExamination, _ changes: [BytePath: Change]?, _ system: RootExamination, _ devices: DevicesFacts
  ) -> [Check] {
    let onMedia = examination.facts.position == .below ? [] : examination.overlays
    var boot = BootFacts(
      overlays: onMedia + devices.findings.flatMap(\.overlays), parameter: system.parameter,
      current: examination.current, parameterIsMedia: examination.parameterIsMedia)
    boot.publication = publication(system.parameter)
    let clock = ClockFacts(now: SystemClock.wallNanoseconds() / 1_000_000_000, newest: examination.newest)
    return [
      pipeline.settings.keepsOnServer ? .server(uploadStanding?.url ?? "", boot) : .media(examination.facts),
      .clean(examination.facts.path, examination.uncleanliness), .boot(boot),
      .snapshot(examination.saved), .changes(changes?.mapValues(\.kind)),
      .fstab(tableFacts(examination, system)),
      .hostName(
        HostNameFacts(
          host: host, inFile: system.name, saved: saved(RootExamination.hostname, examination),
          ofSnapshot: examination.savedName.flatMap(SnapshotName.parseBootable)?.host)),
      .space(examination.space), .service(serviceFacts(system, examination.entries)), .clock(clock),
    ]
  }

  private func checksWithoutMedia(_ error: StoreError?, _ system: RootExamination) -> [Check] {
    let why = error ?? .silent(pipeline.mediaPath)
    let unknown = "cannot be told without the media"
    return [
      .failed(.media, why.description, remedy: why.hint), .skipped(.clean, "whether it asks for a check \(unknown)"),
      .skipped(.boot, "which overlay boots \(unknown)"), .snapshot(.none), .changes(nil),
      .skipped(.fstab, "what /etc/fstab is after a boot \(unknown)"),
      .hostName(HostNameFacts(host: host, inFile: system.name, saved: .unknown, ofSnapshot: nil)),
      .skipped(.space, "whether there is room for commits \(unknown)"), .service(serviceFacts(system, nil)),
      .clock(ClockFacts(now: SystemClock.wallNanoseconds() / 1_000_000_000)),
    ]
  }

  private func publication(_ parameter: BootParameter?) -> BootFacts.Publication {
    guard case .url(let text) = parameter, case .success(let address) = publication.address?.result,
      // The loader does not know that word.
      text.firstRange(of: "{HOSTNAME}".utf8) == nil,
      let other = try? UploadAddress(String(decoding: text, as: UTF8.self), .read(root: root, hostName: host)),
      other == address
    else { return .none }
    return .address(isDone: uploadStanding?.isDone ?? false)
  }

  private func tableFacts(_ examination: MediaExamination, _ system: RootExamination) -> TableFacts {
    TableFacts(
      point: Array(examination.facts.path.utf8),
      isMountPoint: pipeline.settings.backupDirectory == nil && !pipeline.settings.keepsOnServer,
      running: system.table, saved: saved(RootExamination.fstab, examination), mounted: examination.mounted,
      isNamedDevice: examination.isNamedDevice)
  }

  private func serviceFacts(_ system: RootExamination, _ entries: SavedEntries?) -> ServiceFacts {
    let isOfPackage = pipeline.selection.database.files[RootExamination.script] != nil
    return ServiceFacts(
      runlevels: system.runlevels, saved: entries.map(RootExamination.runlevels), hasScript: system.hasScript,
      scriptComesBack: isOfPackage || entries?[RootExamination.script] != nil)
  }

  private func saved(_ path: BytePath, _ examination: MediaExamination) -> SavedFile {
    guard examination.entries != nil else { return .unknown }
    return SavedFile(
      path, content: examination.files[path], isSelected: pipeline.entries.contains { $0.path == path },
      selection: pipeline.selection)
  }

  private func packagesCheck() async -> Check {
    do throws(StoreError) { return .packages(try await coverage()) } catch {
      return .skipped(.packages, error.description)
    }
  }

  private func passwordCheck(_ media: Examined) -> Check {
    let name = media.examination?.savedName
    let isSealed = name.flatMap(SnapshotName.cipher).map(SnapshotName.isOfKnownCipher) ?? false
    return .password(
      cipher: pipeline.settings.encryption, isKnown: pipeline.settings.password != nil,
      encrypted: isSealed ? name.map { "\(pipeline.mediaPath)/\(displayText(of: $0))" } : nil)
  }

  private var automaticFacts: AutomaticFacts {
    let settings = pipeline.settings
    return AutomaticFacts(
      isOn: settings.automatic, isOnAtShutdown: settings.onShutdown, hold: pipeline.hold?.words,
      confirmation: pendingConfirmation.map { ($0.current.words, $0.current.otherwise) },
      obstacle: pipeline.problems.first { $0.severity == .blocking && !$0.yieldsToRequest },
      failure: pipeline.lastFailure.map { ($0.error.description, $0.error.hint) })
  }
}
