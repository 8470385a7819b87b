package import Logging
package import NIOCore

/// A gateway as a process: answers signals, tells the service manager, watches the event loops.
package struct GatewayProcess: Sendable {
    private let service: GatewayService
    private let loops: [any EventLoop]
    private let notifier: ServiceNotifier
    private let logger: Logger

    package init(service: GatewayService, group: any EventLoopGroup, notifier: ServiceNotifier, logger: Logger) {
        self.service = service
        loops = Array(group.makeIterator())
        self.notifier = notifier
        self.logger = logger
    }

    /// Serves until a signal ends it.
    ///
    /// - Returns: the exit status: 0 after a drain, 130 or 143 where a second signal cut it short.
    package func run(_ signals: TerminationSignals) async -> Int32 {
        let watchdog = makeWatchdog()
        watchdog.start()
        _ = notifier.ready(status: service.summary)
        for await event in signals.events {
            switch event {
            case .reload:
                _ = notifier.reloading(status: "reading the configuration again")
                await service.reload()
                _ = notifier.ready(status: service.summary)
            case .stop:
                _ = notifier.stopping(status: "draining \(service.openRequestCount) requests")
                let status = await stop(signals)
                watchdog.stop()
                return status
            case .stopNow(let status):
                return status
            }
        }
        return 0
    }

    /// Drains; a second signal does not wait for its end.
    private func stop(_ signals: TerminationSignals) async -> Int32 {
        await withTaskGroup(of: Int32?.self) { group in
            group.addTask {
                await service.stop()
                return 0
            }
            group.addTask {
                for await event in signals.events {
                    if case .stopNow(let status) = event { return status }
                }
                return nil
            }
            for await status in group {
                guard let status else { continue }
                group.cancelAll()
                // The service's own task may still be draining; it ends with the process.
                return status
            }
            return 0
        }
    }

    private func makeWatchdog() -> LoopWatchdog {
        let period = notifier.watchdogMicroseconds.map { TimeAmount.microseconds(Int64(clamping: $0)) }
        return LoopWatchdog(
            loops: loops,
            period: period ?? .seconds(10),
            signOfLife: { [notifier] in _ = notifier.watchdog() },
            onLag: { [service, loops] index, lag in service.noteLag(lag, of: loops[index]) },
            onStall: { [logger] stall in
                logger.critical(
                    "an event loop stands still",
                    metadata: ["loop": "\(stall.loop)", "silence_ms": "\(stall.silence.nanoseconds / 1_000_000)"]
                )
            }
        )
    }
}
