package import APITranslation
import HTTPServing
import JSONBytes
package import Logging
package import NIOCore
import Synchronization
package import Telemetry
package import Upstream

/// What all event loops share: settings, the catalogue, translators, and the counters of the whole gateway.
package final class GatewayCore: Sendable {
    package let configuration: GatewayConfiguration
    package let catalog: ModelCatalog
    package let translator: ChatRequestTranslator
    let baseURL: UpstreamBaseURL
    let logger: Logger
    let accessLog: LogWriter?
    let paths = PathMemory()
    let upstreamHeads: UpstreamHeads
    private let loops: [ObjectIdentifier: NIOLoopBound<LoopContext>]
    private let openRequests = Atomic<Int>(0)
    let modelList: ByteBuffer
    let limits: RelayStateMachine.Limits

    /// Builds the shared parts; every event loop of the server must be in `loops`.
    package init(
        configuration: GatewayConfiguration,
        catalog: ModelCatalog,
        upstream: UpstreamConfiguration,
        baseURL: UpstreamBaseURL,
        loops eventLoops: [any EventLoop],
        logger: Logger,
        accessLog: LogWriter?
    ) async throws {
        self.configuration = configuration
        self.catalog = catalog
        self.translator = ChatRequestTranslator(catalog: catalog)
        self.baseURL = baseURL
        self.logger = logger
        self.accessLog = accessLog
        self.upstreamHeads = UpstreamHeads(
            upstream: upstream,
            pathPrefix: baseURL.pathPrefix,
            headers: configuration.upstream.headers,
            workspace: configuration.upstream.workspace
        )
        limits = RelayStateMachine.Limits(
            firstEvent: configuration.upstream.firstEventTimeout,
            idle: configuration.upstream.idleTimeout,
            total: configuration.upstream.totalTimeout,
            keepAlive: configuration.stream.keepAliveInterval,
            retry: configuration.upstream.retry
        )
        var list = ByteBuffer()
        catalog.writeList(into: &list)
        modelList = list
        let interval = min(TimeAmount.milliseconds(250), configuration.stream.keepAliveInterval)
        var loops: [ObjectIdentifier: NIOLoopBound<LoopContext>] = [:]
        for loop in eventLoops {
            loops[ObjectIdentifier(loop)] = try await loop.submit {
                let context = LoopContext(eventLoop: loop, upstream: upstream)
                context.start(interval: interval)
                return NIOLoopBound(context, eventLoop: loop)
            }.get()
        }
        self.loops = loops
    }

    func loopContext(of eventLoop: any EventLoop) -> LoopContext {
        guard let context = loops[ObjectIdentifier(eventLoop)] else {
            preconditionFailure("an exchange on a loop outside of the gateway's group")
        }
        return context.value
    }

    // MARK: - Admission

    /// Takes one of the permits for open requests; false where all are in use.
    func takePermit() -> Bool {
        let before = openRequests.add(1, ordering: .relaxed).oldValue
        guard before < configuration.server.maximumOpenRequests else {
            releasePermit()
            return false
        }
        return true
    }

    func releasePermit() {
        openRequests.subtract(1, ordering: .relaxed)
    }

    /// Requests being answered now.
    package var openRequestCount: Int { openRequests.load(ordering: .relaxed) }

    /// The connections to upstream, summed over the event loops.
    package func upstreamStatistics() async -> UpstreamStatistics {
        var sum = UpstreamStatistics()
        for loop in loops.values {
            if let part = try? await loop.eventLoop.submit({ loop.value.pool.statistics }).get() { sum += part }
        }
        return sum
    }

    // MARK: - Life-cycle

    /// Ends the streams that still run, with an error event.
    package func endRelays() async {
        for loop in loops.values { try? await loop.eventLoop.submit { loop.value.endRelays() }.get() }
    }

    package func shutdown() async {
        for loop in loops.values { try? await loop.eventLoop.submit { loop.value.shutdown() }.get() }
    }
}
