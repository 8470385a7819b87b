import ArgumentParser
import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Options that say where settings come from.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "YAML file with settings.")
    var config: String?

    @Option(help: "Address to listen on (environment: HOST; default 0.0.0.0).")
    var host: String?

    @Option(help: "Port to listen on (environment: PORT; default 8000).")
    var port: Int?

    @Option(help: "Event-loop threads; 0 is one for each core.")
    var workers: Int?

    @Option(
        name: .customLong("set"),
        parsing: .singleValue,
        help: ArgumentHelp("A setting, by its key; may be given more than once.", valueName: "key=value")
    )
    var settings: [String] = []

    @Flag(help: "Start although there are settings that this version does not know; the log names them.")
    var ignoreUnknownSettings = false

    /// Whether any of them is.
    var areGiven: Bool {
        config != nil || host != nil || port != nil || workers != nil || !settings.isEmpty || ignoreUnknownSettings
    }

    /// Where the configuration is read from.
    func sources() throws -> ConfigurationSources {
        var arguments: [String: String] = [:]
        for setting in settings {
            guard let equals = setting.firstIndex(of: "=") else {
                StandardError.write("--set \(setting): must read key=value")
                throw ExitStatus.configuration
            }
            arguments[String(setting[..<equals])] = String(setting[setting.index(after: equals)...])
        }
        if let host { arguments["server.host"] = host }
        if let port { arguments["server.port"] = String(port) }
        if let workers { arguments["server.workers"] = String(workers) }
        var sources = ConfigurationSources(
            arguments: arguments,
            environment: ProcessInfo.processInfo.environment,
            file: config
        )
        sources.ignoresUnknown = ignoreUnknownSettings
        return sources
    }

    /// Everything that is read, or an exit after every problem has been told.
    func load() async throws -> LiveSettings {
        try await Self.load(GatewaySetup(sources()))
    }

    static func load(_ setup: GatewaySetup) async throws -> LiveSettings {
        try await tellingProblems { try await setup.load() }
    }

    /// Runs `body`; problems of the configuration become lines and an exit status.
    static func tellingProblems<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let problems as ConfigurationProblems {
            for problem in problems.problems { StandardError.write("configuration: \(problem)") }
            throw ExitStatus.configuration
        } catch let problem as ConfigurationProblem {
            StandardError.write("configuration: \(problem)")
            throw ExitStatus.configuration
        }
    }
}
