package import ByteWriting
import Dispatch
package import Logging
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
/// disk or a pipe. Where a write fails (disk full, reader gone) the lines wait and are tried again every second. What
/// does not fit is dropped, counted, and told of in the log as soon as there is room.
package final class LogWriter: Sendable {
    private struct State {
        var pending: [UInt8] = []
        /// Bytes taken from `pending` that are not written yet.
        var unwritten = 0
        var isScheduled = false
        var dropped = 0
        var reportedDrops = 0
        var lastError: Int32?
    }

    private static let delay = DispatchTimeInterval.milliseconds(50)
    private static let retryDelay = DispatchTimeInterval.seconds(1)

    /// How the lines of this log look.
    package let format: LogFormat
    /// Whether the lines of a terminal have colours.
    package let isColored: Bool
    /// Whether the journal reads the lines: each has its level in front.
    private let marksLevels: Bool
    private let path: String?
    private let limit: Int
    private let state = Mutex(State())
    /// Held for the length of a write, on `queue` only.
    private let output: Mutex<LogOutput>
    private let queue = DispatchQueue(label: "log")

    /// `limit` is the number of bytes that may wait.
    package init(
        descriptor: Int32 = 1,
        limit: Int = 4 << 20,
        format: LogFormat = .json,
        isColored: Bool = false,
        marksLevels: Bool = false
    ) {
        self.isColored = isColored
        self.marksLevels = marksLevels
        self.path = nil
        self.limit = limit
        self.format = format
        self.output = Mutex(LogOutput(descriptor: descriptor, isOwned: false))
    }

    /// Opens a file for appending, readable by its owner and group only.
    package init(path: String, limit: Int = 4 << 20, format: LogFormat = .json) throws(LogFileError) {
        self.isColored = false
        self.marksLevels = false
        self.path = path
        self.limit = limit
        self.format = format
        self.output = Mutex(LogOutput(descriptor: try Self.open(path), isOwned: true))
    }

    private static func open(_ path: String) throws(LogFileError) -> Int32 {
        // A FIFO or a device must not hold up the start.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        #if canImport(Glibc)
        let descriptor = Glibc.open(path, flags, 0o640)
        #elseif canImport(Musl)
        let descriptor = Musl.open(path, flags, 0o640)
        #else
        let descriptor = Darwin.open(path, flags, 0o640)
        #endif
        guard descriptor >= 0 else {
            // The error of a FIFO without a reader, and of a socket.
            let code = errno
            var reason = code == ENXIO ? "no file, and nobody reads it" : String(cString: strerror(code))
            // In a container, not the one who mounted the folder.
            if code == EACCES { reason += " for user \(geteuid())" }
            throw LogFileError(path: path, reason: reason)
        }
        return descriptor
    }

    /// Lines dropped because too much was waiting.
    package var droppedCount: Int { state.withLock { $0.dropped } }

    /// The system's error if the last write failed: the lines wait.
    package var failure: String? { state.withLock { $0.lastError }.map { String(cString: strerror($0)) } }

    /// A usual line has room in it.
    private static let lineCapacity = 1024

    /// Appends the line that `compose` writes, its line break included; it may be asked twice.
    package func write(level: Logger.Level, _ compose: (inout ByteWriter) -> Void) {
        ByteWriter.withBytes(capacity: Self.lineCapacity) { line in
            if marksLevels { line.append(JournalStream.mark(level)) }
            compose(&line)
        } use: {
            write($0)
        }
    }

    /// Appends one line, its line break included.
    package func write(_ line: String, level: Logger.Level = .info) {
        var line = marksLevels ? "\(JournalStream.mark(level))\(line)" : line
        line.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    private func write(_ line: UnsafeRawBufferPointer) {
        let schedules = state.withLock { state in
            guard state.pending.count + state.unwritten + line.count <= limit else {
                state.dropped += 1
                return false
            }
            state.pending.append(contentsOf: line)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if schedules { schedule(after: Self.delay) }
    }

    /// Waits until everything appended so far is written, but no longer than `seconds`: a reader may be stuck.
    ///
    /// True when all was written.
    @discardableResult
    package func flush(seconds: Int = 5) -> Bool {
        let written = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            written.signal()
        }
        guard written.wait(timeout: .now() + .seconds(seconds)) == .success else { return false }
        return state.withLock { $0.unwritten == 0 && $0.pending.isEmpty }
    }

    /// Opens the file's path again, which after a rotation is a new file; does nothing for a log without a path.
    ///
    /// Where the path cannot be opened the lines go on to the file that is open.
    package func reopen() async throws(LogFileError) {
        guard let path else { return }
        let result: Result<Void, LogFileError> = await withCheckedContinuation { continuation in
            queue.async {
                // Lines logged before belong to the old file, as far as it takes them.
                self.drain()
                do throws(LogFileError) {
                    let descriptor = try Self.open(path)
                    self.output.withLock { $0.replace(with: descriptor) }
                    self.drain()
                    continuation.resume(returning: .success(()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        try result.get()
    }

    private func schedule(after delay: DispatchTimeInterval) {
        queue.asyncAfter(deadline: .now() + delay) {
            self.state.withLock { $0.isScheduled = false }
            self.drain()
        }
    }

    private func drain() {
        let retry: DispatchTimeInterval? = output.withLock { output in
            var error = output.write()
            if error == nil {
                takeLines(into: &output)
                error = output.write()
            }
            return state.withLock { state in
                state.unwritten = output.unwrittenCount
                state.lastError = error
                guard let error, !state.isScheduled else { return nil }
                state.isScheduled = true
                return error == EAGAIN ? Self.delay : Self.retryDelay
            }
        }
        if let retry { schedule(after: retry) }
    }

    /// Moves the waiting lines to the output, and after them a line about those that were dropped.
    private func takeLines(into output: inout LogOutput) {
        state.withLock { state in
            if state.dropped > state.reportedDrops {
                appendNotice(of: state.dropped - state.reportedDrops, to: &state.pending)
                state.reportedDrops = state.dropped
            }
            output.take(&state.pending)
            state.unwritten = output.unwrittenCount
        }
    }

    private func appendNotice(of count: Int, to lines: inout [UInt8]) {
        let words = count == 1 ? "1 line was dropped" : "\(count) lines were dropped"
        let time = Timestamp.rfc3339()
        if marksLevels { lines.append(contentsOf: "<4>".utf8) }
        switch format {
        case .json:
            let line =
                "{\"timestamp\":\"\(time)\",\"level\":\"warning\",\"message\":\"\(words)\",\"dropped\":\(count)}\n"
            lines.append(contentsOf: line.utf8)
        case .text, .terminal:
            lines.append(contentsOf: "\(time) warning \(words)\n".utf8)
        }
    }
}
