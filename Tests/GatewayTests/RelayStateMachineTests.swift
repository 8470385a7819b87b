import APITranslation
import NIOCore
import Testing

@testable import Gateway

struct RelayStateMachineTests {
    private static let limits = RelayStateMachine.Limits(
        firstEvent: .seconds(60),
        idle: .seconds(20),
        total: .seconds(600),
        keepAlive: .seconds(10)
    )
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static let plain = RelayStateMachine.Failure()
    private static let wrongPath = RelayStateMachine.Failure(isWrongPath: true)
    private static let refused = RelayStateMachine.Failure(advice: .repeatedly)

    private func fail(
        _ machine: inout RelayStateMachine,
        _ failure: RelayStateMachine.Failure = plain,
        canRepeat: Bool = true,
        after: TimeAmount = .zero
    ) -> RelayStateMachine.FailureAction {
        machine.failed(failure, canRepeat: canRepeat, now: start + after, random: .max)
    }

    private func machine(streams: Bool) -> RelayStateMachine {
        var machine = RelayStateMachine(streamsToClient: streams, limits: Self.limits)
        machine.callStarted(now: start)
        return machine
    }

    @Test func aKeepAliveOfNothingSendsNothing() {
        var limits = Self.limits
        limits.keepAlive = .zero
        var machine = RelayStateMachine(streamsToClient: true, limits: limits)
        machine.callStarted(now: start)
        #expect(machine.tick(now: start + .seconds(19)) == .none)
    }

    @Test func theHeadIsHeldBackUntilTheFirstChunk() {
        var machine = machine(streams: true)
        #expect(machine.progressed(hasOutput: false, now: start) == false)
        #expect(machine.state == .calling)
        #expect(machine.progressed(hasOutput: true, now: start) == true)
        #expect(machine.progressed(hasOutput: true, now: start) == false)
        #expect(machine.state == .streaming)
    }

    @Test func aRefusalBeforeTheFirstChunkKeepsItsStatus() {
        var machine = machine(streams: true)
        #expect(fail(&machine) == .respond)
        #expect(fail(&machine) == .ignore)
    }

    @Test func aFailureAfterTheFirstChunkIsAnEvent() {
        var machine = machine(streams: true)
        _ = machine.progressed(hasOutput: true, now: start)
        #expect(fail(&machine) == .writeErrorEvent)
    }

    @Test func theOtherPathIsTriedOnce() {
        var machine = machine(streams: false)
        #expect(fail(&machine, Self.wrongPath) == .retryOtherPath)
        machine.callStarted(now: start)
        #expect(machine.attempts == 2)
        #expect(fail(&machine, Self.wrongPath) == .respond)
    }

    @Test func silenceStartsTheStreamWithAComment() {
        var machine = machine(streams: true)
        #expect(machine.tick(now: start + .seconds(9)) == .none)
        #expect(machine.tick(now: start + .seconds(10)) == .keepAlive(startsStream: true))
        #expect(machine.tick(now: start + .seconds(11)) == .none)
        #expect(machine.tick(now: start + .seconds(20)) == .keepAlive(startsStream: false))
        #expect(fail(&machine, canRepeat: false) == .writeErrorEvent)
    }

    @Test func aWholeAnswerGetsNoComments() {
        var machine = machine(streams: false)
        #expect(machine.tick(now: start + .seconds(30)) == .none)
    }

    @Test func commentsAreNoProgress() {
        var machine = machine(streams: true)
        _ = machine.tick(now: start + .seconds(10))
        #expect(machine.tick(now: start + .seconds(60)) == .timeOut(.firstEvent))
    }

    @Test func silenceBetweenEventsIsBounded() {
        var machine = machine(streams: true)
        _ = machine.progressed(hasOutput: true, now: start + .seconds(50))
        #expect(machine.tick(now: start + .seconds(70)) == .timeOut(.idle))
    }

    @Test func theWholeRequestIsBounded() {
        var machine = machine(streams: false)
        _ = machine.progressed(hasOutput: false, now: start + .seconds(599))
        #expect(machine.tick(now: start + .seconds(600)) == .timeOut(.total))
    }

    @Test func itEndsOnce() {
        var machine = machine(streams: true)
        #expect(machine.finish() == true)
        #expect(machine.finish() == false)
        #expect(machine.tick(now: start + .seconds(9999)) == .none)
    }

    @Test func aRefusalIsRepeatedWhileAttemptsAreLeft() {
        var machine = machine(streams: false)
        #expect(fail(&machine, Self.refused) == .retry(after: .milliseconds(500)))
        machine.callStarted(now: start + .seconds(1))
        #expect(fail(&machine, Self.refused, after: .seconds(1)) == .retry(after: .seconds(1)))
        machine.callStarted(now: start + .seconds(2))
        #expect(fail(&machine, Self.refused, after: .seconds(2)) == .respond)
        #expect(machine.attempts == 3)
    }

    @Test func theOtherPathIsNoRetry() {
        var machine = machine(streams: false)
        #expect(fail(&machine, Self.wrongPath) == .retryOtherPath)
        machine.callStarted(now: start)
        #expect(fail(&machine, Self.refused) == .retry(after: .milliseconds(500)))
        machine.callStarted(now: start)
        #expect(fail(&machine, Self.refused) == .retry(after: .seconds(1)))
    }

    @Test func commentsDoNotForbidARetry() {
        var machine = machine(streams: true)
        #expect(machine.tick(now: start + .seconds(10)) == .keepAlive(startsStream: true))
        #expect(fail(&machine, Self.refused, after: .seconds(11)) == .retry(after: .milliseconds(500)))
        machine.callStarted(now: start + .seconds(12))
        #expect(fail(&machine, after: .seconds(12)) == .writeErrorEvent)
    }

    @Test(arguments: [true, false]) func progressForbidsARetry(hasOutput: Bool) {
        var machine = machine(streams: true)
        _ = machine.progressed(hasOutput: hasOutput, now: start)
        #expect(fail(&machine, Self.refused) == (hasOutput ? .writeErrorEvent : .respond))
    }

    @Test func aRequestThatIsGoneCannotBeRepeated() {
        var machine = machine(streams: false)
        #expect(fail(&machine, Self.refused, canRepeat: false) == .respond)
    }

    @Test func thePauseIsNotUpstreamsSilence() {
        var machine = machine(streams: true)
        let failure = RelayStateMachine.Failure(advice: .once, wait: .seconds(25))
        #expect(fail(&machine, failure, after: .milliseconds(1)) == .retry(after: .milliseconds(25_500)))
        #expect(machine.tick(now: start + .seconds(10)) == .keepAlive(startsStream: true))
        #expect(machine.tick(now: start + .seconds(61)) == .keepAlive(startsStream: false))
        machine.callStarted(now: start + .seconds(61))
        #expect(machine.tick(now: start + .seconds(122)) == .timeOut(.firstEvent))
    }
}
