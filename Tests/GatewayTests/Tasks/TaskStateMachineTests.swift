import APITranslation
import NIOCore
import Testing

@testable import Gateway

struct TaskStateMachineTests {
    private static let limits = TaskStateMachine.Limits(
        firstPoll: .seconds(1),
        maximumInterval: .seconds(5),
        pollTimeout: .seconds(30),
        maximumErrors: 3,
        total: .seconds(100)
    )
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func machine() -> TaskStateMachine { TaskStateMachine(limits: Self.limits, now: start) }

    /// Goes on until a query is wanted; the time since the beginning, in milliseconds.
    private func nextPoll(_ machine: inout TaskStateMachine, from seconds: Double) throws -> Int {
        var milliseconds = Int(seconds * 1000)
        while machine.due(now: start + .milliseconds(Int64(milliseconds))) == .wait {
            milliseconds += 1
            try #require(milliseconds < 200_000)
        }
        return milliseconds
    }

    private func poll(_ machine: inout TaskStateMachine, at milliseconds: Int) {
        let now = start + .milliseconds(Int64(milliseconds))
        #expect(machine.due(now: now) == .reserve)
        machine.reserved(after: .zero, now: now)
        #expect(machine.due(now: now) == .poll)
        machine.pollStarted(now: now)
    }

    /// Whether a further query may be made.
    private func fail(_ machine: inout TaskStateMachine, wait: TimeAmount? = nil) -> Bool {
        machine.pollFailed(wait: wait, now: start, random: 0)
    }

    @Test func pausesDoubleUpToTheLongest() throws {
        var machine = machine()
        machine.submitted(now: start, random: 0)
        var (times, at) = ([Int](), 0)
        for _ in 0..<6 {
            at = try nextPoll(&machine, from: Double(at) / 1000)
            times.append(at)
            poll(&machine, at: at)
            machine.polled(now: start + .milliseconds(Int64(at)), random: 0)
        }
        #expect(times == [1_000, 3_000, 7_000, 12_000, 17_000, 22_000])
    }

    @Test func chanceAddsAQuarterAtMost() throws {
        var machine = machine()
        machine.submitted(now: start, random: .max)
        #expect(try nextPoll(&machine, from: 0) == 1_250)
    }

    @Test func aQueryWaitsForItsTurn() {
        var machine = machine()
        machine.submitted(now: start, random: 0)
        machine.reserved(after: .seconds(3), now: start + .seconds(1))
        #expect(machine.due(now: start + .milliseconds(3_999)) == .wait)
        #expect(machine.due(now: start + .seconds(4)) == .poll)
    }

    @Test func failedQueriesAreBounded() {
        var machine = machine()
        machine.submitted(now: start, random: 0)
        machine.pollStarted(now: start)
        #expect(fail(&machine))
        #expect(fail(&machine))
        #expect(!fail(&machine))
        #expect(machine.hasEnded)
        #expect(machine.due(now: start + .seconds(1_000)) == .wait)
    }

    @Test func aGoodQueryForgivesFailedOnes() {
        var machine = machine()
        machine.submitted(now: start, random: 0)
        for _ in 0..<20 {
            #expect(fail(&machine))
            machine.polled(now: start, random: 0)
        }
        #expect(!machine.hasEnded)
    }

    @Test func aWaitThatUpstreamAsksForIsKept() throws {
        var machine = machine()
        machine.submitted(now: start, random: 0)
        machine.pollStarted(now: start)
        #expect(fail(&machine, wait: .seconds(20)))
        #expect(try nextPoll(&machine, from: 0) == 20_000)
    }

    @Test func aQueryIsGivenUpInTime() {
        var machine = machine()
        machine.submitted(now: start, random: 0)
        machine.pollStarted(now: start + .seconds(1))
        #expect(machine.due(now: start + .milliseconds(30_999)) == .wait)
        #expect(machine.due(now: start + .seconds(31)) == .giveUpPoll)
    }

    /// Whatever a task does, and before it has a name.
    @Test func theWholeIsBounded() {
        var machine = machine()
        #expect(machine.due(now: start + .seconds(99)) == .wait)
        #expect(machine.due(now: start + .seconds(100)) == .timeOut)
        machine.submitted(now: start + .seconds(99), random: 0)
        #expect(machine.due(now: start + .seconds(100)) == .timeOut)
        machine.pollStarted(now: start + .seconds(99))
        #expect(machine.due(now: start + .seconds(100)) == .timeOut)
        machine.end()
        #expect(machine.due(now: start + .seconds(100)) == .wait)
    }

    @Test func aWaitBeyondTheEndIsNone() {
        let machine = self.machine()
        #expect(machine.hasTime(for: .seconds(89), now: start + .seconds(10)))
        #expect(!machine.hasTime(for: .seconds(90), now: start + .seconds(10)))
    }
}

struct TaskHeaderTests {
    @Test func aHeaderThatIsReadIsTheOneThatIsWritten() throws {
        let ids: [String?] = ["0a6f-1", nil, "b_2"]
        let text = try #require(TaskHeader.value(ids))
        #expect(text == "0a6f-1, -, b_2")
        #expect(try TaskHeader.ids(text) == ids)
        #expect(TaskHeader.value([nil]) == nil)
    }

    @Test(arguments: ["", "a b", "../x", "a,", "é"])
    func whatIsNoIDIsRefused(text: String) {
        #expect(throws: APIError.self) { _ = try TaskHeader.ids(text) }
    }
}
