import ArgumentParser
import Gateway

/// Checks the configuration and tells every problem at once.
struct CheckConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Check the configuration and print what is in force."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let settings = try await options.load()
        try await ConfigurationOptions.tellingProblems { try GatewayService.checkFiles(of: settings.configuration) }
        for line in settings.configuration.effectiveSettings { print("\(line.key): \(line.value)") }
    }
}
