/// What a directory entry is, as `stat(2)` tells.
package enum FileKind: UInt8, Sendable, Hashable {
  case file, directory, symlink, fifo, characterDevice, blockDevice, socket
}
