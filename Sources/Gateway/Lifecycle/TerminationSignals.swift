import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The signals an operator sends, as a stream for the command that serves.
///
/// Dispatch sources rather than swift-service-lifecycle's sequence: a third request to stop must end the process even
/// when nobody reads the stream any more.
package struct TerminationSignals: Sendable {
    /// The step that a signal asks for.
    package enum Event: Equatable, Sendable {
        /// SIGHUP: read the configuration again, reopen the log.
        case reload
        /// The first SIGTERM or SIGINT: drain, then end with status 0.
        case stop
        /// The second one: end at once, with this exit status (130 for SIGINT, 143 for SIGTERM).
        case stopNow(exitStatus: Int32)
    }

    /// Counts the requests to stop.
    private final class Counter: Sendable {
        private let stops = Mutex(0)

        /// Returns the step that a signal asks for; `nil` ends the process at once.
        func receive(_ signal: Int32) -> Event? {
            if signal == SIGHUP { return .reload }
            let count = stops.withLock { stops in
                stops += 1
                return stops
            }
            switch count {
            case 1: return .stop
            case 2: return .stopNow(exitStatus: 128 + signal)
            default: return nil
            }
        }
    }

    /// Every signal from `init` on, for one reader.
    ///
    /// Of many unread ones the newest stay.
    package let events: AsyncStream<Event>

    /// Would end the process by default; sent by mistake, by old timers or by a reader that left.
    private static let ignored: [Int32] = {
        let everywhere = [SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO]
        #if os(Linux)
        return everywhere + [SIGPWR, SIGSTKFLT]
        #else
        return everywhere
        #endif
    }()

    /// Takes over SIGTERM, SIGINT and SIGHUP, and ignores what means nothing here.
    ///
    /// Called once in a process; returns when the signals are taken, which they stay.
    package init() async {
        for number in Self.ignored { signal(number, SIG_IGN) }
        let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(16))
        self.events = events
        let counter = Counter()
        let queue = DispatchQueue(label: "signals", qos: .userInteractive)
        for number in [SIGTERM, SIGINT, SIGHUP] {
            #if canImport(Darwin)
            signal(number, SIG_IGN)
            #endif
            await withCheckedContinuation { (isTaken: CheckedContinuation<Void, Never>) in
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler {
                    // Held by its own handler: the signals stay taken until the process ends.
                    defer { withExtendedLifetime(source) {} }
                    guard let event = counter.receive(number) else { _exit(128 + number) }
                    continuation.yield(event)
                }
                source.setRegistrationHandler { isTaken.resume() }
                source.resume()
            }
        }
    }
}
