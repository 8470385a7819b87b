#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Bytes that end where readable memory ends: whoever reads one byte too far is stopped by the machine.
final class GuardedBytes {
    private let memory: UnsafeMutableRawPointer
    private let pageSize: Int
    private let capacity: Int

    init(capacity: Int) {
        let size = Int(sysconf(Int32(_SC_PAGESIZE)))
        pageSize = size
        self.capacity = (capacity + size - 1) / size * size
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        guard let mapped = mmap(nil, self.capacity + size, PROT_READ | PROT_WRITE, flags, -1, 0), mapped != MAP_FAILED
        else { preconditionFailure("no memory for a guarded page") }
        memory = mapped
        mprotect(memory + self.capacity, size, PROT_NONE)
    }

    deinit {
        munmap(memory, capacity + pageSize)
    }

    /// Places the bytes at the end of the readable memory.
    func place(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        precondition(bytes.count <= capacity)
        let start = memory + (capacity - bytes.count)
        bytes.withUnsafeBytes { start.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(start), byteCount: $0.count) }
        return UnsafeRawBufferPointer(start: start, count: bytes.count)
    }
}
