import ArgumentParser
import Gateway
import Telemetry

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
        help: ArgumentHelp("Any setting, as its key and value.", valueName: "key=value")
    )
    var settings: [String] = []

    /// The configuration, or an exit after every problem has been told.
    func load(overriding: [String: String] = [:]) async throws -> GatewayConfiguration {
        var arguments = overriding
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
        do {
            return try await ConfigurationLoader.load(
                arguments: arguments,
                environment: ProcessInfo.processInfo.environment,
                file: config
            )
        } catch let problems as ConfigurationProblems {
            for problem in problems.problems { StandardError.write("configuration: \(problem)") }
            throw ExitStatus.configuration
        }
    }
}
