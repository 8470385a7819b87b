import APITranslation
import AdmissionControl
import HTTPServing
import NIOCore
import Synchronization

/// Remembers what requests with an `Idempotency-Key` made, so that a repetition gets the same object and makes no other.
///
/// For the whole process; keys of different callers never meet. A request whose key is in use waits for the one before
/// it. What failed is not remembered: the next one tries again.
final class RepeatedRequests: Sendable {
    struct Key: Hashable, Sendable {
        var caller: CallerID
        var path: String
        var word: String
    }

    /// What a request does that has come with a key.
    enum Turn: Sendable {
        /// It makes the object and calls ``end(_:with:now:)``.
        case first
        case known(ByteBuffer)
    }

    private enum Entry {
        case running([EventLoopPromise<Turn>])
        case known(ByteBuffer, since: NIODeadline)
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        /// The keys that are known, the oldest first, from ``first`` on.
        var order: [Key] = []
        var first = 0
        var settings = GatewayConfiguration.Idempotency()

        mutating func forget(now: NIODeadline) {
            while first < order.count {
                let key = order[first]
                guard case .known(_, let since) = entries[key] else {
                    first += 1
                    continue
                }
                guard order.count - first > settings.maximumKeys || now - since >= settings.retention else { break }
                entries[key] = nil
                first += 1
            }
            guard first > 64, first > order.count / 2 else { return }
            order.removeFirst(first)
            first = 0
        }
    }

    static let header = "Idempotency-Key"

    private let state = Mutex(State())

    /// The key of a request; nil where it has none.
    ///
    /// - Throws: A 400 for one that cannot be a key.
    static func key(of ticket: RequestTicket) throws(APIError) -> Key? {
        guard let word = ticket.exchange.head.headers.first(name: "idempotency-key"), let caller = ticket.callerID
        else { return nil }
        guard (1...255).contains(word.utf8.count), word.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalidRequest(
                "The header \(header) must have 1 to 255 visible ASCII characters.",
                param: header,
                code: "invalid_value"
            )
        }
        return Key(caller: caller, path: ticket.route.pattern, word: word)
    }

    func apply(_ settings: GatewayConfiguration.Idempotency) { state.withLock { $0.settings = settings } }

    /// The turn of a request, which may be long in coming.
    func begin(_ key: Key, now: NIODeadline, on loop: any EventLoop) -> EventLoopFuture<Turn> {
        state.withLock { state in
            state.forget(now: now)
            switch state.entries[key] {
            case .known(let document, _): return loop.makeSucceededFuture(.known(document))
            case .running(var waiting):
                let promise = loop.makePromise(of: Turn.self)
                waiting.append(promise)
                state.entries[key] = .running(waiting)
                return promise.futureResult
            case nil:
                state.entries[key] = .running([])
                return loop.makeSucceededFuture(.first)
            }
        }
    }

    /// The request whose turn it was has ended: with an object, or with nil in vain.
    func end(_ key: Key, with document: ByteBuffer?, now: NIODeadline) {
        var told: [EventLoopPromise<Turn>] = []
        var next: EventLoopPromise<Turn>?
        state.withLock { state in
            guard case .running(var waiting) = state.entries[key] else { return }
            if let document {
                told = waiting
                state.entries[key] = .known(document, since: now)
                state.order.append(key)
                return state.forget(now: now)
            }
            guard !waiting.isEmpty else { return state.entries[key] = nil }
            next = waiting.removeFirst()
            state.entries[key] = .running(waiting)
        }
        if let document { for promise in told { promise.succeed(.known(document)) } }
        next?.succeed(.first)
    }
}
