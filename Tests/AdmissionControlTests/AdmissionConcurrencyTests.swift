import AdmissionControl
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct AdmissionConcurrencyTests {
    /// Runs the body on four threads that start together.
    private func onFourThreads(_ body: @escaping @Sendable (Int) -> Void) {
        let group = DispatchGroup()
        for index in 0..<4 {
            group.enter()
            let thread = Thread {
                body(index)
                group.leave()
            }
            thread.start()
        }
        group.wait()
    }

    @Test func aLimitIsExactWhicheverThreadAsks() throws {
        let scope = ScopeLimits(requestsPerMinute: 1000, tokensPerMinute: 100_000)
        let controller = AdmissionController(
            limits: AdmissionLimits(caller: scope, address: scope, overall: ScopeLimits(requestsPerMinute: 3500))
        )
        let admitted = Mutex([Int](repeating: 0, count: 4))
        onFourThreads { _ in
            for step in 0..<4000 {
                let caller = step % 4
                let outcome = controller.admit(
                    caller: CallerID(UInt64(caller) << 32),
                    address: ClientAddress(ipv4: UInt32(caller)),
                    estimatedTokens: 7,
                    now: 0
                )
                guard let permit = outcome.permit else { continue }
                admitted.withLock { $0[caller] += 1 }
                controller.settle(permit, tokens: nil, now: 0)
            }
        }
        let counts = admitted.withLock { $0 }
        #expect(counts.reduce(0, +) == 3500)
        #expect(counts.allSatisfy { $0 <= 1000 })
    }

    @Test func neverMoreRunThanMayAndAllPlacesComeBack() throws {
        let controller = AdmissionController(
            limits: AdmissionLimits(
                caller: ScopeLimits(concurrentRequests: 3),
                address: ScopeLimits(concurrentRequests: 4),
                overall: ScopeLimits(concurrentRequests: 7)
            ),
            shards: 4
        )
        let running = Mutex([CallerID: Int]())
        let worst = Mutex((caller: 0, overall: 0, refused: 0))
        onFourThreads { index in
            var generator = SeededGenerator(seed: UInt64(index))
            var held: [(CallerID, AdmissionPermit)] = []
            func release(_ index: Int) {
                let (caller, permit) = held.remove(at: index)
                running.withLock { $0[caller, default: 0] -= 1 }
                controller.settle(permit, tokens: 1, now: 0)
            }
            for _ in 0..<20_000 {
                if held.count == 3 || !held.isEmpty && Bool.random(using: &generator) {
                    release(Int.random(in: held.indices, using: &generator))
                    continue
                }
                let caller = CallerID(UInt64.random(in: 0...2, using: &generator) << 32)
                let address = ClientAddress(ipv4: .random(in: 0...2, using: &generator))
                let outcome = controller.admit(caller: caller, address: address, estimatedTokens: 1, now: 0)
                guard let permit = outcome.permit else {
                    worst.withLock { $0.refused += 1 }
                    continue
                }
                let (mine, all) = running.withLock {
                    $0[caller, default: 0] += 1
                    return ($0[caller, default: 0], $0.values.reduce(0, +))
                }
                worst.withLock { $0 = (max($0.caller, mine), max($0.overall, all), $0.refused) }
                held.append((caller, permit))
            }
            while !held.isEmpty { release(0) }
        }
        let seen = worst.withLock { $0 }
        #expect(seen.caller <= 3 && seen.overall <= 7 && seen.refused > 0)
        #expect(controller.gauges.running == 0 && controller.gauges.missingReleases == 0)
        let again = (0..<7).compactMap { number -> AdmissionPermit? in
            let id = UInt64(number / 3) << 32
            let address = ClientAddress(ipv4: UInt32(number / 4))
            return controller.admit(caller: CallerID(id), address: address, estimatedTokens: 1, now: 0).permit
        }
        #expect(again.count == 7)
        for permit in again { controller.settle(permit, tokens: nil, now: 0) }
    }

    @Test func limitsChangeWhileRequestsRun() throws {
        let controller = AdmissionController(limits: AdmissionLimits(), shards: 2)
        let limits = [
            AdmissionLimits(),
            AdmissionLimits(caller: ScopeLimits(concurrentRequests: 2), maximumTracked: 4),
            AdmissionLimits(
                caller: ScopeLimits(requestsPerMinute: 100, tokensPerMinute: 100),
                address: ScopeLimits(concurrentRequests: 5),
                overall: ScopeLimits(concurrentRequests: 1_000),
                maximumTracked: 40
            ),
        ]
        onFourThreads { index in
            var generator = SeededGenerator(seed: UInt64(index))
            for step in 0..<10_000 {
                if index == 0, step % 20 == 0 { controller.update(limits[step / 20 % limits.count]) }
                let caller = CallerID(.random(in: 0...(1 << 36), using: &generator) & ~0xFFFF_FFF0)
                let address = ClientAddress(ipv4: .random(in: 0...20, using: &generator))
                let outcome = controller.admit(caller: caller, address: address, estimatedTokens: 1, now: Int64(step))
                outcome.permit.map { controller.settle($0, tokens: 2, now: Int64(step)) }
            }
        }
        controller.update(AdmissionLimits(address: ScopeLimits(concurrentRequests: 1)))
        #expect(controller.gauges.running == 0 && controller.gauges.missingReleases == 0)
        // Nobody's place was lost: each address may have one again.
        for number in 0...20 as ClosedRange<UInt32> {
            let outcome = controller.admit(
                caller: nil,
                address: ClientAddress(ipv4: number),
                estimatedTokens: 0,
                now: 100_000_000_000
            )
            controller.settle(try #require(outcome.permit), tokens: nil, now: 100_000_000_000)
        }
    }
}
