import LbudCore
import LbudSystem
import Logging

/// What can begin before the tree is listed: `lbu.conf` is evaluated by a shell, and then it is known which medium is to be
/// read.
struct Beginning: Sendable {
  var configuration: ConfigurationReader
  var loaded: ConfigurationReader.Loaded
  var media: any SnapshotMedia
  var problems: [Problem]
  /// Nil where nobody reads the medium yet.
  var reading: Daemon.Reading?

  init(root: RootDirectory, host: String, reads: Bool, _ logger: Logger) async {
    var configuration = ConfigurationReader(root: root)
    loaded = await configuration.load()
    self.configuration = loaded.isEvaluated ? configuration : ConfigurationReader(root: root)
    (media, problems) = Daemon.media(root: root, loaded: loaded, host: host)
    reading = reads ? Daemon.Reading(of: media, known: nil, logger) : nil
  }
}
