import Foundation
import Gateway
import Testing

/// Signals go to a process, so each test has one of its own.
struct TerminationSignalsTests {
    @Test func theFirstSignalAsksToStopAndTheSecondToEndNow() async {
        await #expect(processExitsWith: .exitCode(143)) {
            let signals = await TerminationSignals()
            var events = signals.events.makeAsyncIterator()
            kill(getpid(), SIGHUP)
            guard await events.next() == .reload else { exit(1) }
            kill(getpid(), SIGINT)
            guard await events.next() == .stop else { exit(2) }
            kill(getpid(), SIGHUP)
            guard await events.next() == .reload else { exit(3) }
            kill(getpid(), SIGTERM)
            guard case .stopNow(let status) = await events.next() else { exit(4) }
            exit(status)
        }
    }

    @Test func aThirdSignalEndsAProcessThatNoLongerListens() async {
        await #expect(processExitsWith: .exitCode(130)) {
            let signals = await TerminationSignals()
            var events = signals.events.makeAsyncIterator()
            kill(getpid(), SIGINT)
            _ = await events.next()
            kill(getpid(), SIGINT)
            _ = await events.next()
            kill(getpid(), SIGINT)
            _ = await events.next()
            exit(1)
        }
    }

    @Test(arguments: [SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPIPE])
    func aSignalThatMeansNothingEndsNothing(number: Int32) async {
        await #expect(processExitsWith: .success) { [number] in
            let signals = await TerminationSignals()
            kill(getpid(), number)
            withExtendedLifetime(signals) { exit(0) }
        }
    }

    @Test func aReaderThatLeftDoesNotEndTheProcess() async {
        await #expect(processExitsWith: .success) {
            let signals = await TerminationSignals()
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0, close(ends[0]) == 0 else { exit(1) }
            let written = write(ends[1], "x", 1)
            guard written == -1, errno == EPIPE else { exit(2) }
            withExtendedLifetime(signals) { exit(0) }
        }
    }
}
