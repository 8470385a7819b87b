import AdmissionControl
import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway

/// What is remembered of requests with an `Idempotency-Key`.
struct RepeatedRequestsTests {
    private let repeats = RepeatedRequests()
    private let loop = EmbeddedEventLoop()
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func key(_ word: String, caller: UInt64 = 1) -> RepeatedRequests.Key {
        RepeatedRequests.Key(caller: CallerID(caller), path: "/v1/files", word: word)
    }

    /// Whether a request is the first, and what it is given otherwise; nil while it waits.
    private func turn(_ key: RepeatedRequests.Key, after time: TimeAmount = .zero) -> () -> String? {
        let told = Told()
        repeats.begin(key, now: start + time, on: loop).assumeIsolated().whenSuccess { turn in
            switch turn {
            case .first: told.word = "first"
            case .known(let document): told.word = String(buffer: document)
            }
        }
        return { told.word }
    }

    private final class Told {
        var word: String?
    }

    @Test func theSecondGetsWhatTheFirstMade() {
        let first = turn(key("a"))
        let second = turn(key("a"))
        #expect(first() == "first")
        #expect(second() == nil)
        repeats.end(key("a"), with: ByteBuffer(string: "object"), now: start)
        #expect(second() == "object")
        #expect(turn(key("a"))() == "object")
    }

    @Test func aFailureGivesTheTurnToTheNext() {
        _ = turn(key("a"))
        let second = turn(key("a"))
        let third = turn(key("a"))
        repeats.end(key("a"), with: nil, now: start)
        #expect(second() == "first")
        #expect(third() == nil)
        repeats.end(key("a"), with: nil, now: start)
        #expect(third() == "first")
        repeats.end(key("a"), with: nil, now: start)
        #expect(turn(key("a"))() == "first")
    }

    @Test func callersDoNotMeet() {
        _ = turn(key("a"))
        #expect(turn(key("a", caller: 2))() == "first")
    }

    @Test func ageAndCountAreBounded() {
        repeats.apply(.init(maximumKeys: 2, retention: .seconds(10)))
        for word in ["a", "b", "c"] {
            _ = turn(key(word))
            repeats.end(key(word), with: ByteBuffer(string: word), now: start)
        }
        #expect(turn(key("b"))() == "b")
        #expect(turn(key("a"))() == "first")
        #expect(turn(key("c"), after: .seconds(9))() == "c")
        #expect(turn(key("c"), after: .seconds(10))() == "first")
    }
}
