#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

// System calls under names that no method of a type here hides.

func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 { open(path, flags, mode) }

func systemRead(_ raw: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(raw, buffer.baseAddress, buffer.count)
}

func systemWrite(_ raw: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(raw, bytes.baseAddress, bytes.count)
}

/// A name or path as C wants it.
func cString(_ bytes: [UInt8]) -> [CChar] {
  [CChar](unsafeUninitializedCapacity: bytes.count + 1) { buffer, count in
    for (place, byte) in bytes.enumerated() { buffer[place] = CChar(bitPattern: byte) }
    buffer[bytes.count] = 0
    count = bytes.count + 1
  }
}
