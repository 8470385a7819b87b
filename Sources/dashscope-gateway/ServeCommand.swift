import APITranslation
import ArgumentParser
import CMalloc
import DashScopeEmulator
import Gateway
import HTTPServing
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals
import Telemetry

/// Serves the gateway.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the gateway (default)."
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Put an emulator of DashScope behind the gateway: no key, no internet.")
    var demo = false

    func run() async throws {
        malloc_return_large_blocks()
        var configuration = try await options.load()
        let console = LogWriter(descriptor: 1)
        let level = Logger.Level(rawValue: configuration.log.level) ?? .info
        let logger = Logger(label: "gateway") { _ in JSONLogHandler(writer: console, level: level) }
        let accessLog = try openAccessLog(configuration, console: console, level: level)
        let catalog = try CatalogFile.load(configuration.catalogFile)
        let threads = configuration.server.workers > 0 ? configuration.server.workers : System.coreCount
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)

        var emulator: HTTPServer?
        if demo {
            let server = try await HTTPServer.start(
                HTTPServerConfiguration(),
                group: MultiThreadedEventLoopGroup.singleton,
                responder: DashScopeEmulator()
            )
            configuration.upstream.baseURL = "http://127.0.0.1:\(server.port)"
            emulator = server
        }
        let service: GatewayService
        do {
            service = try await GatewayService(
                configuration: configuration,
                catalog: catalog,
                group: group,
                logger: logger,
                accessLog: accessLog
            )
        } catch let error as IOError where error.errnoCode == EADDRINUSE || error.errnoCode == EACCES {
            StandardError.write(
                "cannot listen on \(configuration.server.host):\(configuration.server.port): "
                    + (error.errnoCode == EADDRINUSE ? "the port is in use" : "permission denied")
            )
            throw ExitStatus.unavailable
        }
        if demo { Banner.write(port: service.port, to: console) }
        let services = ServiceGroup(
            configuration: .init(
                services: [.init(service: service)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        release_startup_pages()
        try await services.run()
        await emulator?.shutdown(drain: .zero)
        console.flush()
        accessLog?.flush()
    }

    private func openAccessLog(
        _ configuration: GatewayConfiguration,
        console: LogWriter,
        level: Logger.Level
    ) throws -> LogWriter? {
        guard configuration.log.requests, level <= .info else { return nil }
        guard let path = configuration.log.file else { return console }
        do {
            return try LogWriter(path: path)
        } catch {
            StandardError.write("configuration: log.file: \(error)")
            throw ExitStatus.configuration
        }
    }
}
