import AdmissionControl
import ByteWriting
import NIOCore
import Testing

@testable import Gateway

struct ResponseHeadersTests {
    private func text(_ compose: (inout ByteWriter) -> Void) -> String {
        ByteWriter.withBytes(capacity: 512, compose) { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (0, "0s"), (1, "1ms"), (120_000_000, "120ms"), (999_000_001, "1s"), (1_000_000_000, "1s"),
        (8_640_000_000, "8.64s"), (8_600_000_000, "8.6s"), (8_006_000_000, "8.006s"), (60_000_000_000, "1m0s"),
        (86_400_000_000, "1m26.4s"), (360_000_000_000, "6m0s"), (3_600_000_000_000, "1h0m0s"),
        (3_661_005_000_000, "1h1m1.005s"), (90_000_000_000_000, "25h0m0s"), (-5, "0s"),
    ])
    func durationsArePrintedAsOpenAIDoes(nanoseconds: Int64, expected: String) {
        #expect(text { $0.append(wait: nanoseconds) } == expected)
    }

    @Test func aCallerSeesWhatIsLeft() throws {
        let controller = AdmissionController(
            limits: AdmissionLimits(caller: ScopeLimits(requestsPerMinute: 60, tokensPerMinute: 150_000))
        )
        let outcome = controller.admit(caller: CallerID(1), address: nil, estimatedTokens: 16, now: 9)
        guard case .admitted(let permit) = outcome else {
            Issue.record("refused")
            return
        }
        let limits = try #require(permit.rateLimits)
        #expect(
            text { ResponseHeaders.write(limits, into: &$0) } == """
                x-ratelimit-limit-requests: 60\r
                x-ratelimit-remaining-requests: 59\r
                x-ratelimit-reset-requests: 1s\r
                x-ratelimit-limit-tokens: 150000\r
                x-ratelimit-remaining-tokens: 149984\r
                x-ratelimit-reset-tokens: 7ms\r

                """
        )
        controller.settle(permit, tokens: nil, now: 9)
    }

    @Test func noHeaderSpeaksOfALimitThatIsNotThere() {
        let limits = RateLimitSnapshot(tokens: RateLimitSnapshot.Window(limit: 5, remaining: 4, reset: 1))
        #expect(
            text { ResponseHeaders.write(limits, into: &$0) } == """
                x-ratelimit-limit-tokens: 5\r
                x-ratelimit-remaining-tokens: 4\r
                x-ratelimit-reset-tokens: 1ms\r

                """
        )
        #expect(text { ResponseHeaders.write(RateLimitSnapshot(), into: &$0) } == "")
    }

    @Test func clientsOfAnthropicSeeWhenALimitIsWholeAgain() {
        let limits = RateLimitSnapshot(requests: RateLimitSnapshot.Window(limit: 5, remaining: 4, reset: 1_500_000_000))
        #expect(
            text { ResponseHeaders.writeAnthropic(limits, now: 1_764_000_000, into: &$0) } == """
                anthropic-ratelimit-requests-limit: 5\r
                anthropic-ratelimit-requests-remaining: 4\r
                anthropic-ratelimit-requests-reset: 2025-11-24T16:00:02.000Z\r

                """
        )
    }
}
