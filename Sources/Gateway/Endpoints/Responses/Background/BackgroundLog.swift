import NIOCore
import Synchronization

/// What a response that runs in the background has said so far; any loop reads it.
final class BackgroundLog: Sendable {
    /// What a reader gets next.
    enum Piece {
        case events(ByteBuffer)
        /// Nothing yet; the reader is woken once when there is more.
        case nothing
        /// Everything was read, and nothing follows.
        case end
        /// The events are not kept any more: they took too much memory.
        case lost
    }

    private struct State {
        var document: ByteBuffer
        var events = ByteBuffer()
        var isLost = false
        var isEnded = false
        var readers: [@Sendable () -> Void] = []
    }

    let id: String
    let owner: UInt64
    /// Ends the run, on its own loop; completes when its last state is there.
    let cancel: @Sendable () -> EventLoopFuture<Void>
    private let state: Mutex<State>

    init(
        id: String,
        owner: UInt64,
        document: ByteBuffer,
        cancel: @escaping @Sendable () -> EventLoopFuture<Void>
    ) {
        self.id = id
        self.owner = owner
        self.cancel = cancel
        state = Mutex(State(document: document))
    }

    /// The response as it is now.
    var document: ByteBuffer { state.withLock { $0.document } }

    /// All events; nil where they are not kept any more.
    var events: ByteBuffer? { state.withLock { $0.isLost ? nil : $0.events } }

    // MARK: - Writing

    func append(_ events: ByteBuffer) {
        change { state in
            if !state.isLost { state.events.writeImmutableBuffer(events) }
        }
    }

    func become(_ document: ByteBuffer) { state.withLock { $0.document = document } }

    func end() { change { $0.isEnded = true } }

    /// Keeps the events no longer; gives back how many bytes they were.
    func lose() -> Int {
        var bytes = 0
        change { state in
            bytes = state.events.readableBytes
            state.isLost = true
            state.events = ByteBuffer()
        }
        return bytes
    }

    private func change(_ body: (inout State) -> Void) {
        let readers = state.withLock { state in
            body(&state)
            defer { state.readers = [] }
            return state.readers
        }
        for wake in readers { wake() }
    }

    // MARK: - Reading

    /// The events from an offset on, at most `limit` bytes of them.
    func read(from offset: Int, limit: Int, wake: @escaping @Sendable () -> Void) -> Piece {
        state.withLock { state in
            if state.isLost { return .lost }
            let count = min(limit, state.events.writerIndex - offset)
            // A copy: while a slice lives, each further event would copy all before it.
            if count > 0, let view = state.events.viewBytes(at: offset, length: count) {
                return .events(ByteBuffer(bytes: view))
            }
            if state.isEnded { return .end }
            state.readers.append(wake)
            return .nothing
        }
    }

    /// Where the events behind this number begin.
    func offset(after number: Int) -> Int { state.withLock { Self.offset(after: number, in: $0.events) } }

    /// Where the events behind this number begin: each ends with an empty line, and the first has number 0.
    static func offset(after number: Int, in events: ByteBuffer) -> Int {
        guard number >= 0 else { return 0 }
        var left = number + 1
        return events.withUnsafeReadableBytes { bytes in
            var index = 0
            while left > 0, index + 1 < bytes.count {
                if bytes[index] == UInt8(ascii: "\n"), bytes[index + 1] == UInt8(ascii: "\n") {
                    left -= 1
                    index += 1
                }
                index += 1
            }
            return left > 0 ? bytes.count : index
        }
    }
}
