import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization

/// Remembers what reached the emulator, for tests that look at it from outside.
final class RequestJournal: Sendable {
    struct Counters: Sendable {
        var openRequests = 0
        var openStreams = 0
        var started = 0
        var finished = 0
        var aborted = 0
        var requests = 0
    }

    private struct State {
        var counters = Counters()
        /// Documents as text, oldest first.
        var requests: [[UInt8]] = []
        var prefixes: Set<UInt64> = []
        /// The last question of each session of an app.
        var sessions: [String: String] = [:]
        /// How often a body was given its fault already, by hash.
        var faulted: [UInt64: Int] = [:]
    }

    private let configuration: EmulatorConfiguration
    private let state = Mutex(State())

    init(configuration: EmulatorConfiguration) { self.configuration = configuration }

    var counters: Counters { state.withLock { $0.counters } }

    func record(_ request: HTTPRequest) {
        let document = describe(request)
        let limit = configuration.recordedRequests
        state.withLock { state in
            state.counters.requests += 1
            state.requests.append(document)
            if state.requests.count > limit { state.requests.removeFirst(state.requests.count - limit) }
        }
    }

    func begin(streams: Bool) {
        state.withLock { state in
            state.counters.openRequests += 1
            guard streams else { return }
            state.counters.openStreams += 1
            state.counters.started += 1
        }
    }

    func end(streams: Bool, wasAborted: Bool) {
        state.withLock { state in
            state.counters.openRequests -= 1
            if streams {
                state.counters.openStreams -= 1
                if !wasAborted { state.counters.finished += 1 }
            }
            if wasAborted { state.counters.aborted += 1 }
        }
    }

    /// Whether an explicit cache knows the prefix with this hash.
    func knowsPrefix(_ hash: UInt64) -> Bool { state.withLock { $0.prefixes.contains(hash) } }

    func rememberPrefix(_ hash: UInt64) {
        state.withLock { state in
            if state.prefixes.count >= 100_000 { state.prefixes.removeAll(keepingCapacity: true) }
            state.prefixes.insert(hash)
        }
    }

    /// Returns the last question of an app's session, and puts the new one in its place.
    func continueSession(_ session: String, with question: String) -> String? {
        state.withLock { state in
            if state.sessions.count >= 1_000 { state.sessions.removeAll(keepingCapacity: true) }
            return state.sessions.updateValue(String(question.prefix(4_096)), forKey: session)
        }
    }

    /// Counts requests with equal bodies: true for the first `count`, false for the next, and then from the start again.
    func isAmongFirst(_ count: Int, of hash: UInt64) -> Bool {
        state.withLock { state in
            let before = state.faulted[hash] ?? 0
            guard before < count else {
                state.faulted[hash] = nil
                return false
            }
            // Requests that are never repeated must not fill the memory.
            if state.faulted.count >= 100_000 { state.faulted.removeAll(keepingCapacity: true) }
            state.faulted[hash] = before + 1
            return true
        }
    }

    /// Forgets everything but what is open.
    func reset() {
        state.withLock { state in
            var counters = Counters()
            counters.openRequests = state.counters.openRequests
            counters.openStreams = state.counters.openStreams
            state = State(counters: counters)
        }
    }

    /// All recorded requests as one JSON document.
    func requestsDocument() -> [UInt8] {
        let requests = state.withLock { $0.requests }
        return Array("{\"requests\":[".utf8) + requests.joined(separator: Array(",".utf8)) + Array("]}".utf8)
    }

    func statisticsDocument() -> JSON {
        let counters = counters
        return [
            "open_requests": .int(counters.openRequests), "open_streams": .int(counters.openStreams),
            "streams_started": .int(counters.started), "streams_finished": .int(counters.finished),
            "aborted_by_peer": .int(counters.aborted), "requests": .int(counters.requests),
        ]
    }

    /// Tells the values of `Authorization` apart without keeping them.
    static func keyHash(_ authorization: String) -> String {
        String(UInt64(stableHashOf: Array(authorization.utf8)), radix: 16)
    }

    private func describe(_ request: HTTPRequest) -> [UInt8] {
        var headers: JSON = [:]
        var keyHash: JSON = .null
        for header in request.headers {
            let name = header.name.lowercased()
            if name == "authorization" {
                keyHash = .string(Self.keyHash(header.value))
                continue
            }
            headers[name] = .string(headers[name]?.string.map { "\($0), \(header.value)" } ?? header.value)
        }
        let head: JSON = [
            "method": .string(request.method), "target": .string(request.target), "headers": headers,
            "authorization_hash": keyHash,
        ]
        return head.bytes.dropLast() + Array(",\"body\":".utf8) + describeBody(request.body) + Array("}".utf8)
    }

    /// The body as it came where it is JSON, so that a test sees every digit of it.
    private func describeBody(_ body: ByteBuffer) -> [UInt8] {
        let bytes = body.readableBytesView
        if bytes.count > configuration.maximumRecordedBodyBytes {
            return (["omitted_bytes": .int(bytes.count)] as JSON).bytes
        }
        if JSON(bytes: bytes) != nil { return Array(bytes) }
        return JSON.string(String(decoding: bytes, as: UTF8.self)).bytes
    }
}
