import APITranslation
import NIOCore
import Testing

@testable import Gateway

struct CallStateMachineTests {
    private static let limits = CallStateMachine.Limits(
        firstEvent: .seconds(60),
        idle: .seconds(20),
        total: .seconds(600)
    )
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static let plain = Disposition()
    private static let wrongPath = Disposition(isWrongPath: true)
    private static let refused = Disposition(retry: .repeatedly)

    private func fail(
        _ machine: inout CallStateMachine,
        _ failure: Disposition = plain,
        canRepeat: Bool = true,
        after: TimeAmount = .zero
    ) -> CallStateMachine.FailureAction {
        machine.failed(failure, canRepeat: canRepeat, now: start + after, random: .max)
    }

    private func machine(mayRepeat: Bool = true) -> CallStateMachine {
        var machine = CallStateMachine(limits: Self.limits, mayRepeat: mayRepeat)
        machine.callStarted(now: start)
        return machine
    }

    @Test func aFailureWithoutAdviceIsTheCallersToHear() {
        var machine = machine()
        #expect(fail(&machine) == .giveUp)
        #expect(machine.timeout(now: start + .seconds(9999)) == nil)
    }

    @Test func theOtherPathIsTriedOnce() {
        var machine = machine()
        #expect(fail(&machine, Self.wrongPath) == .retryOtherPath)
        machine.callStarted(now: start)
        #expect(machine.attempts == 2)
        #expect(fail(&machine, Self.wrongPath) == .giveUp)
    }

    @Test func theFirstEventIsAwaitedForATime() {
        let machine = machine()
        #expect(machine.timeout(now: start + .seconds(59)) == nil)
        #expect(machine.timeout(now: start + .seconds(60)) == .firstEvent)
    }

    @Test func silenceBetweenEventsIsBounded() {
        var machine = machine()
        machine.progressed(now: start + .seconds(50))
        #expect(machine.timeout(now: start + .seconds(69)) == nil)
        #expect(machine.timeout(now: start + .seconds(70)) == .idle)
    }

    @Test func theWholeCallIsBounded() {
        var machine = machine()
        machine.progressed(now: start + .seconds(599))
        #expect(machine.timeout(now: start + .seconds(600)) == .total)
    }

    @Test func aCallThatHasEndedTakesNoTime() {
        var machine = machine()
        machine.finish()
        #expect(machine.timeout(now: start + .seconds(9999)) == nil)
    }

    @Test func aRefusalIsRepeatedWhileAttemptsAreLeft() {
        var machine = machine()
        #expect(fail(&machine, Self.refused) == .retry(after: .milliseconds(500)))
        machine.callStarted(now: start + .seconds(1))
        #expect(fail(&machine, Self.refused, after: .seconds(1)) == .retry(after: .seconds(1)))
        machine.callStarted(now: start + .seconds(2))
        #expect(fail(&machine, Self.refused, after: .seconds(2)) == .giveUp)
        #expect(machine.attempts == 3)
    }

    @Test func aClientThatRepeatsLeavesNoRetryToUs() {
        var machine = machine(mayRepeat: false)
        #expect(fail(&machine, Self.refused) == .giveUp)
    }

    @Test func theOtherPathIsNoRetry() {
        var machine = machine()
        #expect(fail(&machine, Self.wrongPath) == .retryOtherPath)
        machine.callStarted(now: start)
        #expect(fail(&machine, Self.refused) == .retry(after: .milliseconds(500)))
        machine.callStarted(now: start)
        #expect(fail(&machine, Self.refused) == .retry(after: .seconds(1)))
    }

    @Test func progressForbidsARetry() {
        var machine = machine()
        machine.progressed(now: start)
        #expect(fail(&machine, Self.refused) == .giveUp)
    }

    @Test func aRequestThatIsGoneCannotBeRepeated() {
        var machine = machine()
        #expect(fail(&machine, Self.refused, canRepeat: false) == .giveUp)
    }

    @Test func thePauseIsNotUpstreamsSilence() {
        var machine = machine()
        let failure = Disposition(retry: .once, wait: .seconds(25))
        #expect(fail(&machine, failure, after: .milliseconds(1)) == .retry(after: .milliseconds(25_500)))
        #expect(machine.timeout(now: start + .seconds(61)) == nil)
        #expect(machine.timeout(now: start + .seconds(600)) == .total)
        machine.callStarted(now: start + .seconds(61))
        #expect(machine.timeout(now: start + .seconds(122)) == .firstEvent)
    }
}
