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

    private func machine(streams: Bool) -> RelayStateMachine {
        var machine = RelayStateMachine(streamsToClient: streams, limits: Self.limits)
        machine.callStarted(now: start)
        return machine
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
        #expect(machine.failed(isWrongPath: false, canTryOtherPath: true) == .respond)
        #expect(machine.failed(isWrongPath: false, canTryOtherPath: true) == .ignore)
    }

    @Test func aFailureAfterTheFirstChunkIsAnEvent() {
        var machine = machine(streams: true)
        _ = machine.progressed(hasOutput: true, now: start)
        #expect(machine.failed(isWrongPath: false, canTryOtherPath: true) == .writeErrorEvent)
    }

    @Test func theOtherPathIsTriedOnce() {
        var machine = machine(streams: false)
        #expect(machine.failed(isWrongPath: true, canTryOtherPath: true) == .retryOtherPath)
        machine.callStarted(now: start)
        #expect(machine.attempts == 2)
        #expect(machine.failed(isWrongPath: true, canTryOtherPath: true) == .respond)
    }

    @Test func silenceStartsTheStreamWithAComment() {
        var machine = machine(streams: true)
        #expect(machine.tick(now: start + .seconds(9)) == .none)
        #expect(machine.tick(now: start + .seconds(10)) == .keepAlive(startsStream: true))
        #expect(machine.tick(now: start + .seconds(11)) == .none)
        #expect(machine.tick(now: start + .seconds(20)) == .keepAlive(startsStream: false))
        #expect(machine.failed(isWrongPath: false, canTryOtherPath: false) == .writeErrorEvent)
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
}
