#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The lines that were taken from memory for writing, and how much of them is written.
///
/// Only `LogWriter`'s queue touches it.
struct LogOutput: ~Copyable {
    private(set) var descriptor: Int32
    private var isOwned: Bool
    private var bytes: [UInt8] = []
    /// The bytes before it are written.
    private var position = 0

    init(descriptor: Int32, isOwned: Bool) {
        self.descriptor = descriptor
        self.isOwned = isOwned
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    var unwrittenCount: Int { bytes.count - position }

    /// Takes the next lines and gives the emptied memory back for others.
    mutating func take(_ lines: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
        position = 0
        swap(&bytes, &lines)
    }

    /// Writes until all is written or the system refuses; then its error number.
    mutating func write() -> Int32? {
        while position < bytes.count {
            let written = bytes.withUnsafeBytes { bytes in
                systemWrite(descriptor, bytes.baseAddress.map { $0 + position }, bytes.count - position)
            }
            if written > 0 {
                position += written
            } else if written == 0 || errno != EINTR {
                return written == 0 ? ENOSPC : errno
            }
        }
        return nil
    }

    /// Goes on in another file, from the start of a line: one that is half written is written again in whole there.
    mutating func replace(with descriptor: Int32) {
        if isOwned { close(self.descriptor) }
        self.descriptor = descriptor
        isOwned = true
        if position < bytes.count {
            while position > 0, bytes[position - 1] != 0x0A { position -= 1 }
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
    Glibc.write(descriptor, bytes, count)
    #elseif canImport(Musl)
    Musl.write(descriptor, bytes, count)
    #else
    Darwin.write(descriptor, bytes, count)
    #endif
}
