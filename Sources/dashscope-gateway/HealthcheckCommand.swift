import ArgumentParser
import Gateway

/// Asks a running gateway whether it is healthy; for containers without curl.
struct HealthcheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Check the gateway on this machine: exit status 0 if it is healthy, 1 if not."
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "Path to ask: /health (the process is alive) or /ready (it takes requests).")
    var path = "/health"

    @Option(help: "Longest wait in seconds.")
    var timeout = 3.0

    func run() async throws {
        let sources = try options.sources()
        let configuration = try await ConfigurationOptions.tellingProblems {
            try await ConfigurationLoader.load(sources)
        }
        let verdict = HealthProbe(
            target: try ConfigurationOptions.target(configuration),
            path: path,
            timeout: .milliseconds(Int(timeout * 1000))
        ).run()
        print(verdict.line)
        if !verdict.isHealthy { throw ExitCode.failure }
    }
}

extension ConfigurationOptions {
    /// The first listener that speaks plain HTTP, the admin listener before the others.
    static func target(_ configuration: GatewayConfiguration) throws -> HealthProbe.Target {
        var texts = [configuration.admin.listen].compactMap { $0 } + configuration.server.listen
        if configuration.server.listen.isEmpty {
            let scheme = configuration.tls.certificate == nil ? "http" : "https"
            let host = configuration.server.host
            texts.append("\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(configuration.server.port)")
        }
        for text in texts {
            let address = try ListenAddress(text, key: "server.listen")
            guard !address.isSecure, !address.expectsProxyProtocol else { continue }
            switch address.place {
            case .tcp(let host, let port): return .address(host: host, port: port)
            case .unix(let path): return .unixSocket(path: path)
            }
        }
        StandardError.write(
            "healthcheck needs a listener without TLS and PROXY protocol: set admin.listen, such as http://127.0.0.1:9090"
        )
        throw ExitStatus.configuration
    }
}
