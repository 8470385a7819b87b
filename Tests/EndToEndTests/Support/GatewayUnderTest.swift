import APITranslation
import HTTPServing
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Telemetry

@testable import Gateway

/// A gateway on a free port with an upstream of the test's, both in this process.
struct GatewayUnderTest {
    let port: Int
    let service: GatewayService
    let upstream: HTTPServer
    let group: any EventLoopGroup

    /// Runs `body` against a gateway whose upstream is `responder`.
    ///
    /// With `setup` the configuration is read from there first, and `service.reload()` reads it again.
    static func run<Result>(
        upstream responder: any HTTPResponding,
        setup: GatewaySetup? = nil,
        workers: Int = 2,
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        log: LogWriter? = nil,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        upstreamTLS: NIOSSLContext? = nil,
        _ body: (GatewayUnderTest) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: workers)
        let upstream = try await HTTPServer.start(
            HTTPServerConfiguration(headerTimeout: .minutes(15), tls: upstreamTLS),
            group: MultiThreadedEventLoopGroup.singleton,
            responder: responder
        )
        var setup = setup
        // As an argument, so that a reload finds the same upstream.
        setup?.sources.arguments["upstream.baseURL"] = "http://127.0.0.1:\(upstream.port)"
        setup?.sources.arguments["server.host"] = "127.0.0.1"
        setup?.sources.arguments["server.port"] = "0"
        var configuration = try await setup?.load().configuration ?? GatewayConfiguration()
        configuration.server.host = "127.0.0.1"
        configuration.server.port = 0
        configuration.drain.timeout = .seconds(5)
        // On a busy machine a test may wait long between its connection and its request.
        if setup == nil {
            configuration.server.headerTimeout = .minutes(15)
            // A connection that opens late must not count as an attempt that failed.
            configuration.upstream.connectTimeout = .minutes(15)
            // The head of a stream leaves after this silence, before upstream's first word on a busy machine.
            configuration.stream.keepAliveInterval = .minutes(15)
        }
        configuration.upstream.baseURL =
            (upstreamTLS == nil ? "http://127.0.0.1" : "https://localhost") + ":\(upstream.port)"
        // Retries come at once; tests that look at pauses ask for them.
        configuration.upstream.retry.baseDelay = .zero
        configure(&configuration)
        let service = try await GatewayService(
            settings: LiveSettings(
                configuration: configuration,
                catalog: try GatewaySetup.catalog(configuration.catalogFile)
            ),
            setup: setup,
            group: group,
            logger: logger,
            accessLog: log
        )
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(
                try await body(GatewayUnderTest(port: service.port, service: service, upstream: upstream, group: group))
            )
        } catch {
            result = .failure(error)
        }
        await service.stop()
        log?.flush()
        await upstream.shutdown(drain: .milliseconds(100))
        try await group.shutdownGracefully()
        return try result.get()
    }

    /// The answer of a gateway that is asked once.
    static func answer(
        to json: String,
        at path: String,
        upstream: any HTTPResponding,
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> TestConnection.Response {
        try await run(upstream: upstream, configure: configure) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(json, to: path)
                return try await client.response()
            }
        }
    }
}
