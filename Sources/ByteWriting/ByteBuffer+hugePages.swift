package import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension ByteBuffer {
    /// Lets the system put large pages below the next `count` bytes that will be written, where they fill such pages.
    ///
    /// A body of ten megabytes otherwise takes two and a half thousand page faults, a fifth of its time. Only pages that `count` bytes
    /// fill are asked for; where the bytes stop coming, at most one such page (2 MiB) is taken for nothing. Does nothing for less than
    /// four megabytes, for bytes that do not fit into the buffer's capacity, and on systems other than Linux.
    package mutating func expectLargeWrite(of count: Int) {
        #if os(Linux)
        guard count >= 2 * Self.hugePage, writableBytes >= count else { return }
        withUnsafeMutableWritableBytes { memory in
            guard let start = memory.baseAddress else { return }
            let first = UnsafeMutableRawPointer(
                bitPattern: (UInt(bitPattern: start) + UInt(Self.hugePage) - 1) & ~UInt(Self.hugePage - 1)
            )
            guard let first else { return }
            let length = (start + count - first) & ~(Self.hugePage - 1)
            if length > 0 { _ = madvise(first, length, MADV_HUGEPAGE) }
        }
        #endif
    }

    /// The size of such a page on the architectures that the gateway is built for.
    private static var hugePage: Int { 2 << 20 }
}
