import NIOCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why parts of uploads cannot be kept.
enum SpoolError: Error, Equatable, CustomStringConvertible {
    /// The disk is full, or a quota is reached.
    case full
    /// The system's words, for the operator.
    case failed(String)

    static func last(_ what: StaticString) -> SpoolError {
        switch errno {
        case ENOSPC, EDQUOT, EFBIG: .full
        default: .failed("\(what): \(String(cString: strerror(errno)))")
        }
    }

    var description: String {
        switch self {
        case .full: "the disk is full"
        case .failed(let reason): reason
        }
    }
}

/// An open file of a ``SpoolFolder``; every call may wait for the disk.
final class SpoolFile: Sendable {
    /// Its name in the folder.
    let name: String
    /// Negative once it is closed; whoever closes it waits for the call that runs.
    private let descriptor: Mutex<Int32>

    init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = Mutex(descriptor)
    }

    deinit { finish() }

    /// Writes bytes behind those that are there.
    func append(_ bytes: ByteBuffer) throws(SpoolError) {
        let error = descriptor.withLock { descriptor -> SpoolError? in
            bytes.withUnsafeReadableBytes { bytes in
                var rest = bytes
                while rest.count > 0 {
                    let count = write(descriptor, rest.baseAddress, rest.count)
                    if count < 0 {
                        if errno == EINTR { continue }
                        return .last("write")
                    }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                }
                return nil
            }
        }
        if let error { throw error }
    }

    /// The next bytes, at most so many; none at the end.
    func next(_ limit: Int) throws(SpoolError) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: limit)
        let error = descriptor.withLock { descriptor -> SpoolError? in
            while true {
                var result = 0
                bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { room in
                    result = read(descriptor, room.baseAddress, limit)
                    return max(0, result)
                }
                if result >= 0 { return nil }
                if errno != EINTR { return .last("read") }
            }
        }
        if let error { throw error }
        return bytes
    }

    func finish() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }
}
