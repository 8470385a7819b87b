import NIOCore
import Testing

@testable import Gateway

struct RelayStateMachineTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func machine(streams: Bool, keepAlive: TimeAmount = .seconds(10)) -> RelayStateMachine {
        var machine = RelayStateMachine(keepAlive: keepAlive)
        machine.callStarted(streamsToClient: streams, now: start)
        return machine
    }

    @Test func aKeepAliveOfNothingSendsNothing() {
        var machine = machine(streams: true, keepAlive: .zero)
        #expect(machine.keepAliveIsDue(now: start + .seconds(19)) == (false, false))
    }

    @Test func theHeadIsHeldBackUntilTheFirstChunk() {
        var machine = machine(streams: true)
        #expect(machine.state == .calling)
        #expect(machine.hasOutput(now: start) == true)
        #expect(machine.hasOutput(now: start) == false)
        #expect(machine.state == .streaming)
    }

    @Test func aRefusalBeforeTheFirstChunkKeepsItsStatus() {
        var machine = machine(streams: true)
        #expect(machine.failed() == .respond)
        #expect(machine.failed() == .ignore)
    }

    @Test func aFailureAfterTheFirstChunkIsAnEvent() {
        var machine = machine(streams: true)
        _ = machine.hasOutput(now: start)
        #expect(machine.failed() == .writeErrorEvent)
    }

    @Test func silenceStartsTheStreamWithAComment() {
        var machine = machine(streams: true)
        #expect(machine.keepAliveIsDue(now: start + .seconds(9)) == (false, false))
        #expect(machine.keepAliveIsDue(now: start + .seconds(10)) == (true, true))
        #expect(machine.keepAliveIsDue(now: start + .seconds(11)) == (false, false))
        #expect(machine.keepAliveIsDue(now: start + .seconds(20)) == (true, false))
        #expect(machine.failed() == .writeErrorEvent)
    }

    @Test func aRetryChangesNothingForTheClient() {
        var machine = machine(streams: true)
        _ = machine.keepAliveIsDue(now: start + .seconds(10))
        machine.callStarted(streamsToClient: true, now: start + .seconds(12))
        #expect(machine.state == .streaming)
        #expect(machine.keepAliveIsDue(now: start + .seconds(20)) == (true, false))
    }

    @Test func aWholeAnswerGetsNoComments() {
        var machine = machine(streams: false)
        #expect(machine.keepAliveIsDue(now: start + .seconds(30)) == (false, false))
        #expect(machine.hasOutput(now: start) == false)
    }

    @Test func itEndsOnce() {
        var machine = machine(streams: true)
        #expect(machine.finish() == true)
        #expect(machine.finish() == false)
        #expect(machine.keepAliveIsDue(now: start + .seconds(9999)) == (false, false))
    }
}
