import APITranslation
import NIOCore
import Testing
import Upstream

@testable import Gateway

struct RetryPolicyTests {
    private func pause(
        _ retry: Int,
        _ advice: RetryAdvice,
        asked: Duration? = nil,
        spent: TimeAmount = .zero,
        total: TimeAmount = .hours(1),
        random: UInt64 = .max,
        attempts: Int = 3
    ) -> TimeAmount? {
        var policy = RetryPolicy()
        policy.maximumAttempts = attempts
        return policy.pause(
            before: retry,
            Disposition(retry: advice, wait: asked),
            spent: spent,
            total: total,
            random: random
        )
    }

    @Test func whatMayHaveBeenChargedIsNeverRepeated() {
        #expect(pause(1, .never) == nil)
        #expect(pause(1, .never, asked: .seconds(1)) == nil)
    }

    @Test func aLimitIsTriedOnceMore() {
        #expect(pause(1, .once) == .milliseconds(500))
        #expect(pause(2, .once) == nil)
        #expect(pause(1, .onceLater) == .seconds(2))
        #expect(pause(2, .onceLater) == nil)
    }

    @Test func theBoundDoublesUpToTheLongest() {
        let bounds = (1...8).map { pause($0, .repeatedly, attempts: 100) }
        #expect(
            bounds == [
                .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(8), .seconds(8),
                .seconds(8),
            ]
        )
        #expect(pause(99, .repeatedly, attempts: 100) == .seconds(8))
    }

    @Test func chanceDecidesFromNothingToTheBound() {
        #expect(pause(1, .repeatedly, random: 0) == .zero)
        #expect(pause(1, .repeatedly, random: .max / 2) == .milliseconds(250))
        #expect(pause(1, .repeatedly, random: .max) == .milliseconds(500))
    }

    @Test func attemptsAreCounted() {
        #expect(pause(2, .repeatedly) != nil)
        #expect(pause(3, .repeatedly) == nil)
        #expect(pause(1, .repeatedly, attempts: 1) == nil)
    }

    @Test func upstreamsWaitIsKeptOrPassedOn() {
        #expect(pause(1, .once, asked: .seconds(7), random: 0) == .seconds(7))
        #expect(pause(1, .once, asked: .seconds(7)) == .milliseconds(7500))
        // Longer than the deadline of retries, or of the request: the caller is told at once.
        #expect(pause(1, .once, asked: .seconds(31)) == nil)
        #expect(pause(1, .once, asked: .seconds(7), total: .seconds(6)) == nil)
        #expect(pause(1, .once, asked: .seconds(7), spent: .seconds(25)) == nil)
        #expect(pause(1, .once, asked: .milliseconds(29_900)) == .seconds(30))
    }

    @Test func nothingBeginsAfterTheDeadline() {
        #expect(pause(1, .repeatedly, spent: .seconds(30), random: 0) == nil)
        #expect(pause(1, .repeatedly, spent: .seconds(5), total: .seconds(5), random: 0) == nil)
    }

    @Test(
        arguments: [
            ("retry-after: 3\r\n", 3000), ("Retry-After: 1.5\r\n", 1500),
            ("retry-after-ms: 250\r\nretry-after: 9\r\n", 250),
            ("retry-after: Wed, 21 Oct 2026 07:28:10 GMT\r\n", 10_000),
            ("retry-after: Wed, 21 Oct 2026 07:27:00 GMT\r\n", 0), ("retry-after: -1\r\n", nil),
            ("retry-after: soon\r\n", nil), ("retry-after: nan\r\n", nil), ("retry-after: 1e30\r\n", nil),
            ("retry-after: Wed, 99 Oct 2026 07:28:10 GMT\r\n", nil), ("other: 1\r\n", nil),
        ] as [(String, Int64?)]
    )
    func waitsAreReadInEveryForm(fields: String, milliseconds: Int64?) {
        let head = UpstreamResponseHead(status: 429, fields: ByteBuffer(string: fields))
        // Wed, 21 Oct 2026 07:28:00 GMT
        #expect(RetryAfter.read(head, now: 1_792_567_680) == milliseconds.map { .milliseconds($0) })
    }
}
