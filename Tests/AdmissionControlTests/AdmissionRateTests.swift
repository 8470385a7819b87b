import AdmissionControl
import TestSupport
import Testing

@Suite struct AdmissionRateTests {
    private let caller = CallerID(1)

    @Test(arguments: [(60, 1), (600, 10), (7, 3), (90_000, 500), (1, 1), (300, 300)])
    func noWindowHoldsMoreThanBurstAndRate(rate: Int, burst: Int) throws {
        var generator = SeededGenerator(seed: UInt64(rate))
        let limits = AdmissionLimits(caller: ScopeLimits(requestsPerMinute: rate, burst: burst))
        let controller = AdmissionController(limits: limits)
        let interval = 60_000_000_000 / Int64(rate)
        var now: Int64 = 0
        var admitted: [Int64] = []
        for _ in 0..<3000 + 4 * burst {
            // Sometimes a rest that fills the bucket, mostly arrivals above the rate.
            now +=
                Int.random(in: 0...4 * burst, using: &generator) == 0
                ? Int64.random(in: 0...interval * Int64(burst) / 4, using: &generator)
                : Int64.random(in: 0...interval, using: &generator)
            let outcome = controller.admit(caller: caller, address: nil, estimatedTokens: 0, now: now)
            guard let permit = outcome.permit else { continue }
            admitted.append(now)
            controller.settle(permit, tokens: nil, now: now)
        }
        #expect(admitted.count > 200 && admitted.count < 2600 + 4 * burst)
        for first in admitted.indices {
            for last in first..<min(admitted.count, first + 2 * burst + 50) {
                let allowed = Double(burst) + Double(admitted[last] - admitted[first]) * Double(rate) / 6e10
                guard Double(last - first + 1) > allowed + 1e-6 else { continue }
                Issue.record("\(last - first + 1) requests from \(admitted[first]) to \(admitted[last])")
                return
            }
        }
    }

    /// All scopes and limits at once against token buckets kept in exact arithmetic; rates divide a minute evenly.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func answersAsNaiveBucketsDo(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func scope(_ factor: Int, using generator: inout SeededGenerator) -> ScopeLimits {
            let rates = [60, 100, 600, 1000, 6000]
            return ScopeLimits(
                requestsPerMinute: (rates.randomElement(using: &generator) ?? 60) * factor,
                burst: Int.random(in: 1...40, using: &generator) * factor,
                concurrentRequests: Int.random(in: 1...10, using: &generator) * factor,
                tokensPerMinute: (rates.randomElement(using: &generator) ?? 60) * factor * 10
            )
        }
        let limits = AdmissionLimits(
            caller: scope(1, using: &generator),
            address: scope(2, using: &generator),
            overall: scope(4, using: &generator)
        )
        let controller = AdmissionController(limits: limits, shards: 4)
        var reference = ReferenceAdmission(limits)
        var running: [(CallerID, ClientAddress, Int, AdmissionPermit)] = []
        var now: Int64 = 0
        var counts: [String: Int] = [:]
        for step in 0..<20_000 {
            now += Int64.random(in: 0...60_000_000_000 / 1000, using: &generator)
            if !running.isEmpty, Int.random(in: 0...2, using: &generator) == 0 {
                let index = Int.random(in: running.indices, using: &generator)
                let (caller, address, estimated, permit) = running.remove(at: index)
                let used = Int.random(in: 0...2 * estimated + 3, using: &generator)
                controller.settle(permit, tokens: used, now: now)
                reference.settle(caller, address, estimated: estimated, used: used, now: now)
                continue
            }
            let caller = CallerID(.random(in: 0...5, using: &generator))
            let address = ClientAddress(ipv4: .random(in: 0...3, using: &generator))
            let tokens = Int.random(in: 0...50, using: &generator)
            let expected = reference.admit(caller, address, tokens: tokens, now: now)
            switch controller.admit(caller: caller, address: address, estimatedTokens: tokens, now: now) {
            case .admitted(let permit):
                try #require(expected, "step \(step)")
                running.append((caller, address, tokens, permit))
                counts["admitted", default: 0] += 1
            case .refused(let refusal):
                try #require(!expected, "step \(step): \(refusal)")
                counts[refusal.scope.rawValue, default: 0] += 1
            }
        }
        #expect(counts["admitted", default: 0] > 50 && counts.count > 1)
        for (_, _, _, permit) in running { controller.settle(permit, tokens: 0, now: now) }
        #expect(controller.gauges.running == 0)
    }

    @Test func theWaitToldIsTheWaitNeeded() throws {
        var generator = SeededGenerator(seed: 11)
        let limits = AdmissionLimits(
            caller: ScopeLimits(requestsPerMinute: 77, burst: 5, tokensPerMinute: 999)
        )
        let controller = AdmissionController(limits: limits)
        var now: Int64 = 5
        var refusals = 0
        for _ in 0..<2000 {
            let tokens = Int.random(in: 0...40, using: &generator)
            guard
                let refusal = controller.admit(caller: caller, address: nil, estimatedTokens: tokens, now: now).refusal
            else { continue }
            refusals += 1
            let early = now + refusal.retryAfter - 1
            try #require(
                controller.admit(caller: caller, address: nil, estimatedTokens: tokens, now: early).permit == nil
            )
            now += refusal.retryAfter
            let outcome = controller.admit(caller: caller, address: nil, estimatedTokens: tokens, now: now)
            controller.settle(try #require(outcome.permit), tokens: nil, now: now)
        }
        #expect(refusals > 100)
    }

    @Test func moreThanEstimatedIsOwed() throws {
        let controller = AdmissionController(limits: AdmissionLimits(caller: ScopeLimits(tokensPerMinute: 600)))
        func admit(_ tokens: Int, now: Int64) -> AdmissionOutcome {
            controller.admit(caller: caller, address: nil, estimatedTokens: tokens, now: now)
        }
        // 600 fit, 1,200 are used: 600 are owed, ten a second are worked off.
        controller.settle(try #require(admit(100, now: 0).permit), tokens: 1200, now: 0)
        let refusal = try #require(admit(10, now: 0).refusal)
        #expect(refusal.limit == .tokens && refusal.scope == .caller)
        #expect(refusal.retryAfter == 61_000_000_000 && refusal.retryAfterSeconds == 61)
        #expect(refusal.rateLimits?.tokens == .init(limit: 600, remaining: 0, reset: 120_000_000_000))
        let permit = try #require(admit(10, now: 61_000_000_000).permit)
        // What was not used comes back.
        controller.settle(permit, tokens: 0, now: 61_000_000_000)
        #expect(controller.snapshot(caller: caller, now: 61_000_000_000)?.tokens?.remaining == 10)
        // Nobody knows what was used: the estimate stays.
        controller.settle(try #require(admit(10, now: 61_000_000_000).permit), tokens: nil, now: 61_000_000_000)
        #expect(controller.snapshot(caller: caller, now: 61_000_000_000)?.tokens?.remaining == 0)
    }

    @Test func aRefundNeverMakesMoreThanAFullBucket() throws {
        let controller = AdmissionController(limits: AdmissionLimits(caller: ScopeLimits(tokensPerMinute: 600)))
        let permit = try #require(
            controller.admit(caller: caller, address: nil, estimatedTokens: 500, now: 0).permit
        )
        controller.settle(permit, tokens: 0, now: 55_000_000_000)
        #expect(controller.snapshot(caller: caller, now: 55_000_000_000)?.tokens?.remaining == 600)
        #expect(controller.admit(caller: caller, address: nil, estimatedTokens: 600, now: 55_000_000_000).permit != nil)
        #expect(controller.admit(caller: caller, address: nil, estimatedTokens: 1, now: 55_000_000_000).permit == nil)
    }

    @Test func anEstimateAboveTheWholeLimitWaitsForAFullBucket() throws {
        let controller = AdmissionController(limits: AdmissionLimits(caller: ScopeLimits(tokensPerMinute: 600)))
        let huge = controller.admit(caller: caller, address: nil, estimatedTokens: .max, now: 0)
        controller.settle(try #require(huge.permit), tokens: 600, now: 0)
        let refusal = try #require(
            controller.admit(caller: caller, address: nil, estimatedTokens: .max, now: 0).refusal
        )
        #expect(refusal.retryAfter == 60_000_000_000)
        // An absurd number of tokens used keeps the caller out for a day, not for ever.
        let other = CallerID(2)
        let kept = controller.admit(caller: other, address: nil, estimatedTokens: .max, now: 0)
        controller.settle(try #require(kept.permit), tokens: .max, now: 0)
        let wait = try #require(controller.admit(caller: other, address: nil, estimatedTokens: 1, now: 0).refusal)
        #expect(wait.retryAfter == 86_400_000_000_000 - 59_900_000_000)
    }
}
