import NIOCore
import Testing

@testable import Gateway

struct PollPacerTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func waits(_ pacer: PollPacer, _ count: Int, _ asker: PollPacer.Asker = .waitingCall) -> [TimeAmount] {
        (0..<count).map { _ in pacer.reserve(now: start, perSecond: 10, for: asker).wait }
    }

    @Test func queriesThatAreDueTogetherAreSpread() {
        #expect(waits(PollPacer(), 5) == [0, 100, 200, 300, 400].map { .milliseconds($0) })
    }

    @Test func aPauseIsNoCredit() {
        let pacer = PollPacer()
        _ = pacer.reserve(now: start, perSecond: 10)
        #expect(pacer.reserve(now: start + .seconds(60), perSecond: 10).wait == .zero)
        #expect(pacer.reserve(now: start + .seconds(60), perSecond: 10).wait == .milliseconds(100))
    }

    /// Calls that wait have taken turns far ahead; a client comes between them.
    @Test func aClientDoesNotWaitBehindAllCalls() {
        let pacer = PollPacer()
        _ = waits(pacer, 1000)
        #expect(waits(pacer, 3, .client) == [500, 1000, 1500].map { .milliseconds($0) })
    }

    /// Whoever asks, in whatever order, and whether or not turns are used: two turns are never closer than they may be.
    @Test(arguments: 0..<20)
    func noTwoTurnsAreTooClose(seed: UInt64) {
        let pacer = PollPacer()
        var (state, now, turns) = (seed &* 0x9E37_79B9_7F4A_7C15 | 1, start, [Int64]())
        func random(_ bound: UInt64) -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % bound
        }
        for _ in 0..<3000 {
            if random(4) == 0 { now = now + .milliseconds(Int64(random(400))) }
            let isClient = random(3) == 0
            let turn = pacer.reserve(
                now: now,
                perSecond: 20,
                for: isClient ? .client : .waitingCall,
                longest: isClient ? .seconds(2) : nil
            )
            guard turn.isTaken else { continue }
            if isClient { #expect(turn.wait <= .seconds(2)) }
            turns.append(Int64(now.uptimeNanoseconds) + turn.wait.nanoseconds)
        }
        turns.sort()
        #expect(turns.count > 500)
        #expect(zip(turns, turns.dropFirst()).allSatisfy { $1 - $0 >= 50_000_000 })
    }

    @Test func aTurnThatIsTooFarIsNotTaken() {
        let pacer = PollPacer()
        for _ in 0..<6 {
            _ = pacer.reserve(now: start, perSecond: 10, for: .client, longest: .milliseconds(200))
        }
        let turn = pacer.reserve(now: start, perSecond: 10, for: .client, longest: .milliseconds(200))
        #expect(!turn.isTaken)
        #expect(turn.wait == .milliseconds(300))
        #expect(pacer.reserve(now: start, perSecond: 10, for: .client).wait == .milliseconds(300))
    }
}
