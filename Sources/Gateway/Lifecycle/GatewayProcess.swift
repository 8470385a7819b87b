package import Logging
package import NIOCore

/// A gateway as a process: answers signals, tells the service manager, watches the event loops.
package struct GatewayProcess: Sendable {
    private let service: GatewayService
    private let loops: [any EventLoop]
    private let notifier: ServiceNotifier
    private let logger: Logger
    private let returnMemory: @Sendable () -> Void

    /// `returnMemory` is called off the loops after a flood, to give the system what it has left free.
    package init(
        service: GatewayService,
        group: any EventLoopGroup,
        notifier: ServiceNotifier,
        logger: Logger,
        returnMemory: @escaping @Sendable () -> Void = {}
    ) {
        self.returnMemory = returnMemory
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

    private enum DrainEvent: Sendable {
        case drained
        /// A second signal came.
        case cut(exitStatus: Int32)
        /// The last words have had their time.
        case late
    }

    /// How long the last words of the streams may take when a drain is cut short.
    private static let lastWords = TimeAmount.seconds(2)

    /// Drains; a second signal waits for the last words of the open streams only.
    private func stop(_ signals: TerminationSignals) async -> Int32 {
        let (events, continuation) = AsyncStream.makeStream(of: DrainEvent.self)
        // Both unstructured on purpose: a group would wait for the drain, which cannot be cut short and ends with the process.
        Task { [service] in
            await service.stop()
            continuation.yield(.drained)
        }
        let watch = Task { [service, loops] in
            for await event in signals.events {
                guard case .stopNow(let status) = event else { continue }
                continuation.yield(.cut(exitStatus: status))
                await service.cutDrainShort()
                try? await loops.first?.scheduleTask(in: Self.lastWords) {}.futureResult.get()
                continuation.yield(.late)
            }
        }
        defer { watch.cancel() }
        var status: Int32 = 0
        for await event in events {
            switch event {
            case .drained: return status
            case .cut(let exitStatus): status = exitStatus
            case .late:
                await service.writeRecords()
                return status
            }
        }
        return status
    }

    private func makeWatchdog() -> LoopWatchdog {
        let period = notifier.watchdogMicroseconds.map { TimeAmount.microseconds(Int64(clamping: $0)) }
        return LoopWatchdog(
            loops: loops,
            period: period ?? .seconds(10),
            signOfLife: { [notifier, service, returnMemory] in
                _ = notifier.watchdog()
                if service.hasCalmed() { returnMemory() }
            },
            onLag: { [service, loops] index, lag in service.noteLag(lag, of: loops[index]) },
            onStall: { [logger] stall in
                logger.critical(
                    "an event loop stands still",
                    metadata: [
                        "loop": .stringConvertible(stall.loop),
                        "silence_ms": .stringConvertible(Int(stall.silence.nanoseconds / 1_000_000)),
                    ]
                )
            }
        )
    }
}
