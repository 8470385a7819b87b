import NIOCore
import Testing

@testable import Upstream

struct CircuitBreakerTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func opened(recentFailures: Int = 1000) -> CircuitBreaker {
        var breaker = CircuitBreaker(
            limits: .init(
                consecutiveFailures: 3,
                recentFailures: recentFailures,
                pause: .seconds(2),
                maximumPause: .seconds(5)
            )
        )
        for _ in 0..<3 { breaker.failed("unreachable", now: start) }
        return breaker
    }

    @Test func aRunOfFailuresOpensIt() {
        var breaker = CircuitBreaker(limits: .init(consecutiveFailures: 3))
        breaker.failed("unreachable", now: start)
        breaker.failed("unreachable", now: start)
        breaker.succeeded()
        breaker.failed("unreachable", now: start)
        breaker.failed("unreachable", now: start)
        #expect(breaker.wait(now: start) == nil)
        breaker.failed("status 502", now: start)
        #expect(breaker.wait(now: start) == .seconds(2))
        #expect(breaker.reason == "status 502")
        #expect(breaker.openings == 1)
    }

    @Test func oneCallFindsOutWhetherTheHostIsBack() {
        var breaker = opened()
        #expect(breaker.wait(now: start + .milliseconds(1500)) == .milliseconds(500))
        #expect(breaker.wait(now: start + .seconds(2)) == nil)
        #expect(breaker.wait(now: start + .seconds(3)) == .seconds(1))
        breaker.succeeded()
        #expect(breaker.state == .closed)
        #expect(breaker.wait(now: start + .seconds(3)) == nil)
    }

    @Test func thePauseGrowsWithEachProbeThatFails() {
        var breaker = opened()
        var now = start
        for pause in [2, 4, 5, 5] as [Int64] {
            #expect(breaker.wait(now: now) == .seconds(pause))
            now = now + .seconds(pause)
            #expect(breaker.wait(now: now) == nil)
            breaker.failed("unreachable", now: now)
        }
        _ = breaker.wait(now: now + .seconds(5))
        breaker.succeeded()
        for _ in 0..<3 { breaker.failed("unreachable", now: now) }
        #expect(breaker.wait(now: now) == .seconds(2))
    }

    @Test func aProbeThatNeverReportsIsReplaced() {
        var breaker = opened()
        #expect(breaker.wait(now: start + .seconds(2)) == nil)
        #expect(breaker.wait(now: start + .seconds(4)) == nil)
    }

    @Test func lateFailuresDoNotProlongThePause() {
        var breaker = opened()
        breaker.failed("unreachable", now: start + .seconds(1))
        #expect(breaker.wait(now: start + .seconds(2)) == nil)
        #expect(breaker.openings == 1)
    }

    @Test func failuresAmongSuccessesOpenItWhenTheyAreTheGreaterPart() {
        var breaker = CircuitBreaker(limits: .init(consecutiveFailures: 100, recentFailures: 8))
        for _ in 0..<20 { breaker.succeeded() }
        for _ in 0..<7 {
            breaker.failed("unreachable", now: start)
            breaker.succeeded()
        }
        #expect(breaker.state == .closed)
        // The good old times fade.
        for _ in 0..<20 { breaker.fade() }
        for _ in 0..<8 {
            breaker.succeeded()
            breaker.failed("unreachable", now: start)
        }
        #expect(breaker.state != .closed)
    }

    @Test func withoutALimitItStaysClosed() {
        var breaker = CircuitBreaker(limits: .init(consecutiveFailures: 0))
        for _ in 0..<1000 { breaker.failed("unreachable", now: start) }
        #expect(breaker.wait(now: start) == nil)
    }
}
