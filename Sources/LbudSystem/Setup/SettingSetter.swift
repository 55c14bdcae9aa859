import LbudCore

/// What `lbu.conf` says of where snapshots go, and how many old ones stay.
package struct SettingSetter {
  private let places: SetupPlaces

  package init(root: RootDirectory) { places = SetupPlaces(root: root) }

  /// What lbu.conf says, or what counts without it; nil where rules decide it.
  package var limit: Int? {
    let settings = places.settings()
    return settings.keep == .unset ? settings.backupLimit : nil
  }

  var keepsOnServer: Bool { places.settings().keepsOnServer }

  /// - Throws: `FileError`.
  package func set(_ limit: Int) throws(FileError) {
    let text = ShellText.setting("BACKUP_LIMIT", to: Array("\(limit)".utf8), in: try places.text(Settings.path))
    try places.root.replace([BytePath.separator] + Settings.path.bytes, with: text)
  }

  /// Where snapshots go now, for a person; nil where that is not set.
  package var place: String? {
    let settings = places.settings()
    if let directory = settings.backupDirectory { return "LBU_BACKUPDIR=\(displayText(of: directory.utf8))" }
    if let media = settings.media { return "LBU_MEDIA=\(displayText(of: media.utf8))" }
    return settings.publish == nil ? nil : "LBUD_PUBLISH"
  }
}
