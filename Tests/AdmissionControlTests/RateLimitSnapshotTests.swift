import AdmissionControl
import Testing

@Suite struct RateLimitSnapshotTests {
    @Test(arguments: [
        (0, "0s"), (1, "1ms"), (120_000_000, "120ms"), (999_000_001, "1s"), (1_000_000_000, "1s"),
        (8_640_000_000, "8.64s"), (60_000_000_000, "1m0s"), (86_400_000_000, "1m26.4s"), (360_000_000_000, "6m0s"),
        (3_600_000_000_000, "1h0m0s"), (3_661_005_000_000, "1h1m1.005s"), (90_000_000_000_000, "25h0m0s"), (-5, "0s"),
    ])
    func durationsArePrintedAsOpenAIDoes(nanoseconds: Int64, expected: String) {
        #expect(RateLimitSnapshot.resetText(nanoseconds) == expected)
    }

    @Test func aCallerSeesWhatIsLeft() throws {
        let controller = AdmissionController(
            limits: AdmissionLimits(caller: ScopeLimits(requestsPerMinute: 60, tokensPerMinute: 150_000))
        )
        let outcome = controller.admit(caller: CallerID(1), address: nil, estimatedTokens: 16, now: 9)
        let permit = try #require(outcome.permit)
        let headers = try #require(permit.rateLimits).headers.map { "\($0.name): \($0.value)" }
        #expect(
            headers == [
                "x-ratelimit-limit-requests: 60", "x-ratelimit-remaining-requests: 59",
                "x-ratelimit-reset-requests: 1s",
                "x-ratelimit-limit-tokens: 150000", "x-ratelimit-remaining-tokens: 149984",
                "x-ratelimit-reset-tokens: 7ms",
            ]
        )
        controller.settle(permit, tokens: nil, now: 9)
    }

    @Test func noHeaderSpeaksOfALimitThatIsNotThere() throws {
        let controller = AdmissionController(limits: AdmissionLimits(caller: ScopeLimits(tokensPerMinute: 5)))
        let names = controller.snapshot(caller: CallerID(1), now: 0)?.headers.map(\.name)
        #expect(names == ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"])
        let overallOnly = AdmissionController(limits: AdmissionLimits(overall: ScopeLimits(requestsPerMinute: 5)))
        #expect(overallOnly.snapshot(caller: CallerID(1), now: 0) == nil)
    }
}
