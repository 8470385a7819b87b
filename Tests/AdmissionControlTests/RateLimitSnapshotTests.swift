import AdmissionControl
import Testing

@Suite struct RateLimitSnapshotTests {
    @Test func aCallerSeesWhatIsLeft() throws {
        let controller = AdmissionController(
            limits: AdmissionLimits(caller: ScopeLimits(requestsPerMinute: 60, tokensPerMinute: 150_000))
        )
        let outcome = controller.admit(caller: CallerID(1), address: nil, estimatedTokens: 16, now: 9)
        let permit = try #require(outcome.permit)
        let limits = try #require(permit.rateLimits)
        #expect(limits.requests == RateLimitSnapshot.Window(limit: 60, remaining: 59, reset: 1_000_000_000))
        #expect(limits.tokens == RateLimitSnapshot.Window(limit: 150_000, remaining: 149_984, reset: 6_400_000))
        controller.settle(permit, tokens: nil, now: 9)
    }

    @Test func nothingIsSaidOfALimitThatIsNotThere() throws {
        let controller = AdmissionController(limits: AdmissionLimits(caller: ScopeLimits(tokensPerMinute: 5)))
        let limits = try #require(controller.snapshot(caller: CallerID(1), now: 0))
        #expect(limits.requests == nil)
        #expect(limits.tokens?.limit == 5)
        let overallOnly = AdmissionController(limits: AdmissionLimits(overall: ScopeLimits(requestsPerMinute: 5)))
        #expect(overallOnly.snapshot(caller: CallerID(1), now: 0) == nil)
    }
}
