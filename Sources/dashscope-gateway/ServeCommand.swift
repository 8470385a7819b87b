import ArgumentParser
import CProcess
import DashScopeEmulator
import Gateway
import HTTPServing
import Logging
import NIOCore
import NIOPosix
import Telemetry

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Serves the gateway.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the gateway (default)."
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Use the built-in emulator of DashScope as upstream: needs no key and no internet.")
    var demo = false

    func run() async throws {
        malloc_return_large_blocks()
        // Not fatal: the system's own settings may forbid them as well.
        if !forbid_core_dumps() { StandardError.write("core dumps could not be forbidden", level: .warning) }
        let environment = ProcessInfo.processInfo.environment
        let inherited = InheritedSocket.takeAll(environment: environment).map(\.descriptor)
        let signals = await TerminationSignals()
        var setup = GatewaySetup(try options.sources())
        var emulator: HTTPServer?
        if demo {
            let server = try await HTTPServer.start(
                HTTPServerConfiguration(maximumBodyBytes: DashScopeEmulator.maximumBodyBytes),
                group: MultiThreadedEventLoopGroup.singleton,
                responder: DashScopeEmulator()
            )
            setup.sources.arguments["upstream.baseURL"] = "http://127.0.0.1:\(server.port)"
            setup.sources.isDemo = true
            emulator = server
        }
        let settings = try await ConfigurationOptions.load(setup)
        let configuration = settings.configuration
        let level = Logger.Level(rawValue: configuration.log.level) ?? .info
        let threshold = LogThreshold(level)
        let console = LogWriter(
            descriptor: 1,
            format: LogFormat(setting: configuration.log.format) ?? .json,
            isColored: LogFormat.allowsColor(descriptor: 1, environment: environment),
            marksLevels: JournalStream.isOurs(descriptor: 1, environment: environment)
        )
        // The banner holds the text of the start.
        if console.format == .terminal { threshold.level = max(level, .notice) }
        let logger = Logger(label: "gateway") { _ in LineLogHandler(writer: console, threshold: threshold) }
        if let notice = LogFolder.notice(file: configuration.log.file, environment: environment) {
            logger.info("\(notice)")
        }
        let accessLog = try openAccessLog(configuration.log, console: console)
        let threads = configuration.server.workers > 0 ? configuration.server.workers : AvailableCores.count
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let service = try await start(setup, settings, inherited, group: group, logger, threshold, accessLog)
        threshold.level = level
        for warning in UnknownVariables.warnings(in: environment) { logger.warning("\(warning)") }
        if demo || console.format != .json {
            let banner = Banner(
                listeners: service.publicListeners,
                configuration: configuration,
                isDemo: demo,
                isColored: console.isColored
            )
            console.write(banner.text)
        }
        let process = GatewayProcess(
            service: service,
            group: group,
            notifier: ServiceNotifier(environment: environment),
            logger: logger,
            returnMemory: { malloc_return_free_pages() }
        )
        release_startup_pages()
        let status = await process.run(signals)
        if status == 0 { await emulator?.shutdown(drain: .zero) }
        console.flush()
        accessLog.flush()
        if status != 0 { throw ExitCode(status) }
    }

    private func start(
        _ setup: GatewaySetup,
        _ settings: LiveSettings,
        _ inherited: [Int32],
        group: MultiThreadedEventLoopGroup,
        _ logger: Logger,
        _ threshold: LogThreshold,
        _ accessLog: LogWriter
    ) async throws -> GatewayService {
        do {
            return try await ConfigurationOptions.tellingProblems {
                try await GatewayService(
                    settings: settings,
                    setup: setup,
                    inherited: inherited,
                    group: group,
                    logger: logger,
                    threshold: threshold,
                    accessLog: accessLog
                )
            }
        } catch let error as ServerListenError {
            StandardError.write("\(error)")
            throw ExitStatus.unavailable
        }
    }

    private func openAccessLog(_ log: GatewayConfiguration.Log, console: LogWriter) throws -> LogWriter {
        guard let path = log.file else { return console }
        do {
            return try LogWriter(path: path, format: LogFormat(setting: log.format, descriptor: -1) ?? .json)
        } catch {
            StandardError.write("configuration: log.file: \(error)")
            throw ExitStatus.configuration
        }
    }
}
