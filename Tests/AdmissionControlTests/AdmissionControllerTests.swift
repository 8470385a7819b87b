import AdmissionControl
import Testing

@Suite struct AdmissionControllerTests {
    private let address = ClientAddress(ipv4: 0xC000_0201)

    private func controller(_ limits: AdmissionLimits) -> AdmissionController {
        AdmissionController(limits: limits, shards: 1)
    }

    @Test func aRefusalInTheLastScopeTakesNothing() throws {
        let scope = ScopeLimits(requestsPerMinute: 60, concurrentRequests: 2, tokensPerMinute: 600)
        let controller = controller(
            AdmissionLimits(caller: scope, address: scope, overall: ScopeLimits(concurrentRequests: 1))
        )
        let first = controller.admit(caller: CallerID(1), address: address, estimatedTokens: 100, now: 0)
        let before = controller.snapshot(caller: CallerID(1), now: 0)
        for _ in 0..<50 {
            let outcome = controller.admit(caller: CallerID(1), address: address, estimatedTokens: 100, now: 0)
            let refusal = try #require(outcome.refusal)
            #expect(refusal.scope == .overall && refusal.limit == .concurrency && refusal.retryAfterSeconds == 1)
            #expect(refusal.rateLimits == before)
        }
        _ = controller.admit(caller: CallerID(2), address: ClientAddress("::1"), estimatedTokens: 1, now: 0)
        #expect(controller.gauges == AdmissionGauges(callers: 1, addresses: 1, running: 1))
        controller.settle(try #require(first.permit), tokens: nil, now: 0)
        #expect(controller.snapshot(caller: CallerID(1), now: 0) == before)
        let next = controller.admit(caller: CallerID(1), address: address, estimatedTokens: 100, now: 0)
        #expect(next.permit?.rateLimits?.requests?.remaining == 58)
        #expect(next.permit?.rateLimits?.tokens?.remaining == 400)
        controller.settle(try #require(next.permit), tokens: nil, now: 0)
    }

    @Test func addressesAndCallersAreLimitedEachAlone() throws {
        let controller = controller(
            AdmissionLimits(caller: ScopeLimits(requestsPerMinute: 2), address: ScopeLimits(requestsPerMinute: 3))
        )
        func scope(_ caller: UInt64?, _ address: String?) -> AdmissionRefusal.Scope? {
            let outcome = controller.admit(
                caller: caller.map { CallerID($0) },
                address: address.flatMap { ClientAddress($0) },
                estimatedTokens: 0,
                now: 0
            )
            outcome.permit.map { controller.settle($0, tokens: nil, now: 0) }
            return outcome.refusal?.scope
        }
        // One subscriber's /64 is one client.
        #expect(scope(1, "2001:db8::1") == nil)
        #expect(scope(1, "2001:db8::2") == nil)
        #expect(scope(1, "2001:db8::3") == .caller)
        #expect(scope(2, "2001:db8::4") == nil)
        #expect(scope(2, "2001:db8::5") == .address)
        #expect(scope(2, "2001:db8:0:1::") == nil)
        #expect(scope(nil, "192.0.2.1") == nil)
        #expect(scope(nil, "192.0.2.2") == nil)
        // Neither key nor address: nothing to count.
        for _ in 0..<10 { #expect(scope(nil, nil) == nil) }
    }

    @Test func aPermitCountsOnce() throws {
        let controller = controller(AdmissionLimits(caller: ScopeLimits(concurrentRequests: 2, tokensPerMinute: 100)))
        func admit() -> AdmissionOutcome {
            controller.admit(caller: CallerID(1), address: nil, estimatedTokens: 10, now: 0)
        }
        let (first, second) = (try #require(admit().permit), try #require(admit().permit))
        for _ in 0..<3 { controller.settle(first, tokens: 5, now: 0) }
        #expect(controller.snapshot(caller: CallerID(1), now: 0)?.tokens?.remaining == 85)
        let third = try #require(admit().permit)
        #expect(admit().refusal?.limit == .concurrency)
        for permit in [second, third] { controller.settle(permit, tokens: nil, now: 0) }
        #expect(controller.gauges.missingReleases == 0)
    }

    @Test func aLostPermitIsCountedAndGivenBack() throws {
        let limits = ScopeLimits(concurrentRequests: 1)
        let controller = controller(AdmissionLimits(caller: limits, address: limits, overall: limits))
        for lost in 1...3 {
            #expect(controller.admit(caller: CallerID(1), address: address, estimatedTokens: 1, now: 0).permit != nil)
            #expect(controller.gauges.missingReleases == lost)
            #expect(controller.gauges.running == 0)
        }
    }

    @Test func withoutLimitsNothingIsRemembered() throws {
        let controller = controller(AdmissionLimits())
        for _ in 0..<100 {
            let outcome = controller.admit(caller: CallerID(1), address: address, estimatedTokens: 1, now: 0)
            #expect(try #require(outcome.permit).rateLimits == nil)
        }
        #expect(controller.gauges == AdmissionGauges())
        #expect(controller.snapshot(caller: CallerID(1), now: 0) == nil)
    }

    @Test func idleCallersAreForgottenFirst() throws {
        let controller = controller(
            AdmissionLimits(caller: ScopeLimits(requestsPerMinute: 10, concurrentRequests: 1), maximumTracked: 3)
        )
        func use(_ caller: UInt64) throws -> AdmissionPermit {
            try #require(
                controller.admit(caller: CallerID(caller), address: nil, estimatedTokens: 0, now: 0).permit
            )
        }
        func remaining(_ caller: UInt64) -> Int? {
            controller.snapshot(caller: CallerID(caller), now: 0)?.requests?.remaining
        }
        let running = try use(1)
        for caller in [2, 3, 2] as [UInt64] { controller.settle(try use(caller), tokens: nil, now: 0) }
        // 3 was used longest ago; 1 came before, but runs.
        controller.settle(try use(4), tokens: nil, now: 0)
        #expect([1, 2, 3, 4].map(remaining) == [9, 8, 10, 9])
        #expect(controller.gauges == AdmissionGauges(callers: 3))
        controller.settle(running, tokens: nil, now: 0)
    }

    @Test func theBoundHoldsWhenAllAreRunning() throws {
        let controller = controller(
            AdmissionLimits(caller: ScopeLimits(concurrentRequests: 1), maximumTracked: 2)
        )
        func admit(_ caller: UInt64) -> AdmissionPermit? {
            controller.admit(caller: CallerID(caller), address: nil, estimatedTokens: 0, now: 0).permit
        }
        let old = try #require(admit(1))
        let permits = [admit(2), admit(3)].compactMap(\.self)
        #expect(controller.gauges == AdmissionGauges(callers: 2, forgottenWhileRunning: 1))
        // 1 was forgotten and begins afresh; its old permit does not free the new one's place.
        let new = try #require(admit(1))
        controller.settle(old, tokens: nil, now: 0)
        #expect(admit(1) == nil)
        controller.settle(new, tokens: nil, now: 0)
        for permit in permits { controller.settle(permit, tokens: nil, now: 0) }
        #expect(controller.gauges == AdmissionGauges(callers: 2, forgottenWhileRunning: 2))
        let again = try #require(admit(1))
        controller.settle(again, tokens: nil, now: 0)
    }

    @Test func newLimitsApplyAtOnceAndKeepWhatRuns() throws {
        let controller = controller(AdmissionLimits(caller: ScopeLimits(concurrentRequests: 3)))
        func admit(_ caller: UInt64 = 1, now: Int64 = 0) -> AdmissionOutcome {
            controller.admit(caller: CallerID(caller), address: nil, estimatedTokens: 50, now: now)
        }
        var permits = [admit(), admit(), admit()].compactMap(\.permit)
        #expect(permits.count == 3)
        controller.update(AdmissionLimits(caller: ScopeLimits(concurrentRequests: 2, tokensPerMinute: 100)))
        #expect(controller.limits.caller.concurrentRequests == 2)
        controller.settle(permits.removeLast(), tokens: 1_000_000, now: 0)
        #expect(admit().refusal?.limit == .concurrency)
        controller.settle(permits.removeLast(), tokens: nil, now: 0)
        // The limit on tokens came after those three: what they used is not held against it.
        permits.append(try #require(admit().permit))
        #expect(permits.last?.rateLimits?.tokens?.remaining == 50)
        controller.update(AdmissionLimits())
        let unlimited = admit()
        #expect(unlimited.permit?.rateLimits == nil)
        controller.update(AdmissionLimits(caller: ScopeLimits(concurrentRequests: 2)))
        #expect(admit().refusal?.limit == .concurrency)
        for permit in permits { controller.settle(permit, tokens: nil, now: 0) }
        unlimited.permit.map { controller.settle($0, tokens: nil, now: 0) }
        #expect(controller.gauges.missingReleases == 0)
        permits = [admit(), admit()].compactMap(\.permit)
        #expect(permits.count == 2)
        for permit in permits { controller.settle(permit, tokens: nil, now: 0) }
    }

    @Test func aChangedRateKeepsTheWaitAndALowerBoundForgets() throws {
        var limits = AdmissionLimits(caller: ScopeLimits(requestsPerMinute: 100))
        let controller = controller(limits)
        func use(_ caller: UInt64) -> AdmissionRefusal? {
            let outcome = controller.admit(caller: CallerID(caller), address: nil, estimatedTokens: 0, now: 0)
            outcome.permit.map { controller.settle($0, tokens: nil, now: 0) }
            return outcome.refusal
        }
        for _ in 0..<50 { #expect(use(1) == nil) }
        for caller in 2...20 as ClosedRange<UInt64> { #expect(use(caller) == nil) }
        limits.caller.requestsPerMinute = 10
        controller.update(limits)
        // Half of the minute was used, half of the new ten is left.
        #expect(controller.snapshot(caller: CallerID(1), now: 0)?.requests?.remaining == 5)
        limits.maximumTracked = 5
        controller.update(limits)
        #expect(controller.gauges.callers == 5)
        for caller in 30...40 as ClosedRange<UInt64> { #expect(use(caller) == nil) }
        #expect(controller.gauges.callers == 5)
        limits.maximumTracked = 8
        controller.update(limits)
        for caller in 50...70 as ClosedRange<UInt64> { #expect(use(caller) == nil) }
        #expect(controller.gauges.callers == 8)
    }

    @Test func theLongestObstacleIsNamed() throws {
        let controller = controller(
            AdmissionLimits(
                caller: ScopeLimits(requestsPerMinute: 60, burst: 1, concurrentRequests: 1, tokensPerMinute: 60)
            )
        )
        let permit = try #require(
            controller.admit(caller: CallerID(1), address: nil, estimatedTokens: 60, now: 0).permit
        )
        let refusal = try #require(
            controller.admit(caller: CallerID(1), address: nil, estimatedTokens: 30, now: 0).refusal
        )
        #expect(refusal.limit == .tokens && refusal.retryAfter == 30_000_000_000)
        controller.settle(permit, tokens: nil, now: 0)
    }
}
