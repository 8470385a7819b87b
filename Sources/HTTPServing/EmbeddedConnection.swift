package import NIOCore

/// A connection without a socket, served by the handlers of a real one; for fuzzers and tests.
package struct EmbeddedConnection {
    private let counters: ServerCounters

    /// Puts the handlers of an accepted connection on a channel.
    package init(
        _ channel: any Channel,
        listener: HTTPListener,
        configuration: HTTPServerConfiguration,
        application: any HTTPApplication
    ) throws {
        counters = ServerCounters(maximumMemory: configuration.maximumMemory)
        let registry = ConnectionRegistry(eventLoop: channel.eventLoop)
        let pipeline = ConnectionPipeline(
            application: application,
            configuration: configuration,
            registries: [ObjectIdentifier(channel.eventLoop): NIOLoopBound(registry, eventLoop: channel.eventLoop)],
            counters: counters
        )
        try pipeline.start(channel, of: BoundListener(listener, counters: counters))
    }

    package var statistics: ServerStatistics { ServerStatistics(counters) }
}
