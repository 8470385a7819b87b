import ArgumentParser
import Gateway
import Logging

/// Checks the configuration and tells every problem at once.
struct CheckConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Check the configuration and print the settings in force."
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print only settings that differ from their defaults, with the sources of their values.")
    var changed = false

    @Flag(help: "Print a YAML file that --config reads; with --changed, only settings that differ from their defaults.")
    var yaml = false

    func run() async throws {
        let sources = try options.sources()
        for warning in UnknownVariables.warnings(in: sources.environment) {
            StandardError.write("warning: \(warning)", level: .warning)
        }
        let loaded = try await ConfigurationOptions.tellingProblems {
            _ = try await GatewaySetup(sources).load()
            let loaded = try await ConfigurationLoader.loadWithOrigins(sources)
            try GatewayService.checkFiles(of: loaded.configuration, environment: sources.environment)
            return loaded
        }
        let (configuration, origins) = (loaded.configuration, loaded.origins)
        for ignored in loaded.ignored {
            StandardError.write("warning: \(ignored.key) is ignored: \(ignored.reason)", level: .warning)
        }
        if yaml { return print(configuration.yaml(onlyChanged: changed), terminator: "") }
        guard changed else {
            for line in configuration.effectiveSettings { print("\(line.key): \(line.value)") }
            return
        }
        if configuration.changedSettings.isEmpty { print("Everything is as by default.") }
        for line in configuration.changedSettings {
            let usual = line.usual.isEmpty ? "unset" : line.usual
            let origin = origins[line.key].map { "; \($0)" } ?? ""
            print("\(line.key): \(line.value)   (default: \(usual)\(origin))")
        }
    }
}
