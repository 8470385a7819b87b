import Dispatch
package import NIOCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes log lines to a descriptor in the background.
///
/// A line is appended to memory and leaves within a tenth of a second in one write with others; nobody waits for a
/// disk or a pipe. What does not fit is dropped and counted.
package final class LogWriter: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var isScheduled = false
        var dropped = 0
    }

    private static let delay = DispatchTimeInterval.milliseconds(50)

    private let descriptor: Int32
    private let limit: Int
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "log")

    /// `limit` is the number of bytes that may wait.
    package init(descriptor: Int32 = 1, limit: Int = 4 << 20) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// Opens a file for appending, readable by its owner and group only.
    package convenience init(path: String, limit: Int = 4 << 20) throws(LogFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw LogFileError(path: path, reason: String(cString: strerror(errno))) }
        self.init(descriptor: descriptor, limit: limit)
    }

    /// Lines dropped because too much was waiting.
    package var droppedCount: Int { state.withLock { $0.dropped } }

    /// Appends one line, its line break included.
    package func write(_ line: ByteBuffer) {
        let schedules = state.withLock { state in
            guard state.pending.count + line.readableBytes <= limit else {
                state.dropped += 1
                return false
            }
            line.withUnsafeReadableBytes { state.pending.append(contentsOf: $0) }
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if schedules { queue.asyncAfter(deadline: .now() + Self.delay) { self.drain() } }
    }

    /// Waits until everything appended so far is written.
    package func flush() {
        queue.sync { drain() }
    }

    private func drain() {
        let bytes = state.withLock { state in
            state.isScheduled = false
            let bytes = state.pending
            state.pending = []
            state.pending.reserveCapacity(min(bytes.count, 64 << 10))
            return bytes
        }
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = systemWrite(UnsafeRawBufferPointer(rebasing: rest))
                guard written > 0 else { return }
                rest = rest.dropFirst(written)
            }
        }
    }

    private func systemWrite(_ bytes: UnsafeRawBufferPointer) -> Int {
        while true {
            #if canImport(Glibc)
            let written = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            #elseif canImport(Musl)
            let written = Musl.write(descriptor, bytes.baseAddress, bytes.count)
            #else
            let written = Darwin.write(descriptor, bytes.baseAddress, bytes.count)
            #endif
            if written < 0, errno == EINTR { continue }
            return written
        }
    }
}

/// A log file could not be opened.
package struct LogFileError: Error, Sendable, CustomStringConvertible {
    package var path: String
    package var reason: String

    package var description: String { "cannot open log file \(path): \(reason)" }
}
