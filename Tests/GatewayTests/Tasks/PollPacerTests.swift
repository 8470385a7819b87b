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

    /// Calls that end early leave their turns to those that come next.
    @Test func turnsThatAreGivenBackAreTakenFirst() {
        let pacer = PollPacer()
        let turns = waits(pacer, 100)
        for wait in turns[50..<90].reversed() { pacer.giveBack(start + wait) }
        // Those that are left for clients stay with them.
        #expect(waits(pacer, 10) == Array(turns[50..<60]))
        #expect(waits(pacer, 2, .client) == [.milliseconds(500), .milliseconds(1000)])
        for wait in turns[..<2] { pacer.giveBack(start + wait) }
        #expect(waits(pacer, 2, .client) == Array(turns[..<2]))
        #expect(waits(pacer, 30) == Array(turns[60..<90]))
        #expect(waits(pacer, 1)[0] > turns[99])
        // A turn whose time is over is nobody's.
        pacer.giveBack(start + turns[3])
        #expect(pacer.reserve(now: start + .seconds(60), perSecond: 10).wait == .zero)
        #expect(pacer.reserve(now: start + .seconds(60), perSecond: 10).wait == .milliseconds(100))
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
            if random(6) == 0, !turns.isEmpty {
                let place = Int(random(UInt64(turns.count)))
                if turns[place] > Int64(now.uptimeNanoseconds) {
                    pacer.giveBack(.uptimeNanoseconds(UInt64(turns.remove(at: place))))
                }
            }
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
