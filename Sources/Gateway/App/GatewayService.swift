import APITranslation
import AdmissionControl
import HTTPServing
package import Logging
package import NIOCore
import Synchronization
package import Telemetry
package import Upstream

/// The running gateway: listens, reloads its settings, and drains when it is told to stop.
package final class GatewayService: Sendable {
    private let setup: GatewaySetup?
    private let core: GatewayCore
    private let server: HTTPServer
    private let tls: TLSContextStore?
    private let anyLoop: any EventLoop
    private let logger: Logger
    private let threshold: LogThreshold
    /// The state of a drain when a second signal arrives.
    private struct Drain {
        /// The pause before the listeners close.
        var delay: Scheduled<Void>?
        var isCut = false
    }

    private let drain = Mutex(Drain())

    /// The port of the first listener that has one.
    package var port: Int { server.port }

    /// Requests being answered now.
    package var openRequestCount: Int { core.openRequestCount }

    /// The connections to upstream, summed over the event loops.
    package func upstreamStatistics() async -> UpstreamStatistics { await core.upstreamStatistics() }

    package var phase: LifecyclePhase { core.phase }

    /// Where it listens, one address each.
    package var listeners: [String] { server.listeners.map(\.description) }

    /// Where callers reach it, one address each.
    package var publicListeners: [String] { core.publicListeners }

    /// One line for the service manager.
    package var summary: String {
        "version \(GatewayVersion.current), listening on \(listeners.joined(separator: ", "))"
    }

    /// Whether a flood is over, once for each, and the allocator may give its pages back.
    package func hasCalmed() -> Bool { server.hasCalmed() }

    /// Counts how late a timer of a loop was; called on that loop.
    func noteLag(_ lag: TimeAmount, of loop: any EventLoop) {
        core.loopContext(of: loop).metrics.loopLagged(lag)
    }

    /// Binds the listeners and prepares every event loop of `group`.
    ///
    /// `setup` is where a reload reads again (without it there is none), `inherited` are listening sockets handed over
    /// by systemd.
    ///
    /// - Throws: ``ConfigurationProblems`` for files that cannot be used, or `ServerListenError`.
    package init(
        settings: LiveSettings,
        setup: GatewaySetup? = nil,
        inherited: [Int32] = [],
        group: any EventLoopGroup,
        logger: Logger,
        threshold: LogThreshold = LogThreshold(.info),
        accessLog: LogWriter?
    ) async throws {
        let configuration = settings.configuration
        let baseURL = try UpstreamBaseURL(configuration.upstream.baseURL)
        let loops = Array(group.makeIterator())
        let upstream = try UpstreamConfiguration(configuration.upstream, baseURL: baseURL, loops: loops.count)
        self.setup = setup
        anyLoop = group.any()
        self.logger = logger
        self.threshold = threshold
        let tls = try Self.tlsStore(configuration.tls)
        self.tls = tls
        core = try await GatewayCore(
            settings: settings,
            upstream: upstream,
            baseURL: baseURL,
            loops: loops,
            environment: setup?.sources.environment ?? [:],
            certificates: tls,
            logger: logger,
            threshold: threshold,
            accessLog: accessLog
        )
        let files = OpenFileLimit.raise()
        var serving = try HTTPServerConfiguration(configuration, inherited: inherited, tls: tls, files: files)
        serving.isExempt = { [core] address in
            address.isLocal || core.settings.proxies.trusts(address.bits.map { ClientAddress(bits: $0) })
        }
        if serving.maximumConnections < configuration.server.maximumConnections {
            logger.warning(
                "too few open files for server.maximumConnections",
                metadata: [
                    "connections": .stringConvertible(serving.maximumConnections),
                    "open_files": .stringConvertible(files.count),
                ]
            )
        }
        server = try await HTTPServer.start(
            serving,
            group: group,
            application: RequestPipeline(core: core)
        )
        core.watch(server)
        core.phase.enter(.serving)
        logger.info(
            "listening",
            metadata: [
                "listeners": "\(listeners.joined(separator: ", "))",
                "upstream": "\(configuration.upstream.baseURL)", "version": "\(GatewayVersion.current)",
                "workers": .stringConvertible(loops.count),
            ]
        )
        warnOfIgnored(settings)
    }

    private func warnOfIgnored(_ settings: LiveSettings) {
        guard !settings.ignoredSettings.isEmpty else { return }
        logger.warning(
            "settings that this version does not know are ignored",
            metadata: ["settings": "\(settings.ignoredSettings.joined(separator: ", "))"]
        )
    }

    private static func tlsStore(_ settings: GatewayConfiguration.TLS) throws -> TLSContextStore? {
        guard let certificate = settings.certificate, let key = settings.key else { return nil }
        do {
            return try TLSContextStore(certificateFile: certificate, keyFile: key, offersHTTP2: settings.http2)
        } catch {
            throw ConfigurationProblems(problems: [ConfigurationProblem(key: "tls.certificate", reason: "\(error)")])
        }
    }

    /// Looks at the files a configuration names, as the start would.
    ///
    /// - Throws: ``ConfigurationProblems``.
    package static func checkFiles(of configuration: GatewayConfiguration, environment: [String: String]) throws {
        _ = try tlsStore(configuration.tls)
        if let problem = try ResponseStore.problem(configuration, stateDirectory: environment["STATE_DIRECTORY"]) {
            throw ConfigurationProblems(problems: [problem])
        }
        if let problem = configuration.uploads.problem { throw ConfigurationProblems(problems: [problem]) }
        if let authority = configuration.upstream.certificateAuthority {
            do { _ = try UpstreamTLS.context(authority: authority) } catch {
                throw ConfigurationProblems(problems: [
                    ConfigurationProblem(key: "upstream.certificateAuthority", reason: "\(error)")
                ])
            }
        }
    }

    // MARK: - Reload

    /// Reads the configuration again and puts what can change into force; on any problem nothing changes.
    ///
    /// Requests under way keep their settings. The log file is reopened in any case.
    package func reload() async {
        do { try await core.logWriter?.reopen() } catch {
            logger.error("log file not opened anew", metadata: ["reason": "\(error)"])
        }
        guard let setup else { return }
        do {
            let read = try await setup.load()
            let running = core.settings.configuration
            let pending = read.configuration.settingsThatNeedARestart(comparedTo: running)
            let settings = try LiveSettings(
                configuration: read.configuration.keepingWhatNeedsARestart(from: running),
                catalog: read.catalog,
                credentials: setup.sources.environment["CREDENTIALS_DIRECTORY"],
                ignoredSettings: read.ignoredSettings
            )
            do { try tls?.reload() } catch {
                throw ConfigurationProblems(problems: [ConfigurationProblem(key: "tls.certificate", reason: "\(error)")]
                )
            }
            await core.apply(settings)
            threshold.level = Logger.Level(rawValue: settings.configuration.log.level) ?? .info
            core.metrics.configurationReloaded(succeeded: true, at: Timestamp.unixSeconds)
            logger.notice("configuration reloaded")
            warnOfIgnored(settings)
            if settings.serverKeyIsCredential {
                logger.warning(
                    "the server's key is a credential of systemd's, which only a restart reads anew; upstream.keyFile is read by a reload"
                )
            }
            if !pending.isEmpty {
                logger.warning(
                    "settings that wait for a restart",
                    metadata: ["settings": "\(pending.joined(separator: ", "))"]
                )
            }
        } catch {
            core.metrics.configurationReloaded(succeeded: false, at: Timestamp.unixSeconds)
            logger.error(
                "configuration not reloaded: the one in force stays",
                metadata: ["problems": "\("\(error)".split(separator: "\n").joined(separator: "; "))"]
            )
        }
    }

    // MARK: - Stopping

    /// Is no longer ready, stops to listen, lets answers finish within the drain time, and ends the rest with an error event.
    package func stop() async {
        let limits = core.settings.configuration.drain
        core.phase.enter(.draining)
        logger.info("draining", metadata: ["open_requests": .stringConvertible(core.openRequestCount)])
        if limits.delay > .zero {
            let delay = anyLoop.scheduleTask(in: limits.delay) {}
            let isCut = drain.withLock { drain in
                drain.delay = delay
                return drain.isCut
            }
            if isCut { delay.cancel() }
            try? await delay.futureResult.get()
        }
        let isCut = drain.withLock { $0.isCut }
        let deadline = NIODeadline.now() + (isCut ? .zero : limits.timeout)
        await server.shutdown(drain: isCut ? .zero : limits.timeout) { [core] in await core.endRelays() }
        // No connection waits for what runs in the background.
        await core.background.drain(until: deadline, on: anyLoop)
        if core.background.count > 0 {
            await core.endRelays()
            await core.background.drain(until: .now() + .seconds(2), on: anyLoop)
        }
        await core.shutdown()
        logger.info("stopped")
    }

    /// Ends a drain that is under way: every open stream gets its error event, every request its record.
    package func cutDrainShort() async {
        logger.notice("drain cut short", metadata: ["open_requests": .stringConvertible(core.openRequestCount)])
        let delay = drain.withLock { drain in
            drain.isCut = true
            return drain.delay
        }
        delay?.cancel()
        await core.endRelays()
    }

    /// Writes the records of what has ended so far.
    func writeRecords() async {
        await core.shutdown()
    }
}
