import ArgumentParser
import Gateway
import NIOCore

/// Asks a running gateway whether it is healthy; for containers without curl.
struct HealthcheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Check the gateway on this machine: exit status 0 if it is healthy, 1 if not.",
        discussion: """
            Without options it asks the gateway that runs here, at one of its own listeners: with the arguments of that process, \
            and with its environment if that may be read. With options it asks where a gateway with these options would listen.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "Path to ask: /health (the process is alive) or /ready (it takes requests).")
    var path = "/health"

    @Option(help: "Longest wait in seconds.")
    var timeout = 3.0

    func run() async throws {
        let sources = try sources()
        let configuration = try await ConfigurationOptions.tellingProblems {
            try await ConfigurationLoader.load(sources)
        }
        var probe = HealthProbe(
            try ConfigurationOptions.listener(configuration),
            trustedProxies: configuration.server.trustedProxies
        )
        probe.path = path
        probe.timeout = .milliseconds(Int64(timeout * 1000))
        let verdict = await probe.run()
        print(verdict.line)
        if !verdict.isHealthy { throw ExitCode.failure }
    }

    /// Those of the gateway that runs here, where there is one, or the first of a container; one's own otherwise.
    private func sources() throws -> ConfigurationSources {
        guard !options.areGiven else { return try options.sources() }
        let serving = RunningGateway.all().compactMap { process in
            // A command that serves nothing, or is another program's, is none of them.
            ((try? GatewayCommand.parseAsRoot(process.arguments)) as? ServeCommand).map { (process, $0) }
        }
        guard let (process, command) = serving.first(where: { $0.0.processID == 1 }) ?? serving.first,
            serving.count == 1 || process.processID == 1
        else { return try options.sources() }
        var sources = try command.options.sources()
        if let environment = process.environment { sources.environment = environment }
        // Settings that it has accepted are not checked again here.
        sources.ignoresUnknown = true
        return sources
    }
}

extension ConfigurationOptions {
    /// The listener to ask: the admin listener before the others.
    static func listener(_ configuration: GatewayConfiguration) throws -> ListenAddress {
        let server = configuration.server
        if let text = configuration.admin.listen { return try ListenAddress(text, key: "admin.listen") }
        if let text = server.listen.first { return try ListenAddress(text, key: "server.listen") }
        return ListenAddress(
            place: .tcp(host: server.host, port: server.port),
            isSecure: configuration.tls.certificate != nil,
            expectsProxyProtocol: server.proxyProtocol
        )
    }
}
