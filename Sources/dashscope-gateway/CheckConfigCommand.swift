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
        let configuration = try await options.load()
        _ = try CatalogFile.load(configuration.catalogFile)
        for line in configuration.effectiveSettings { print("\(line.key): \(line.value)") }
    }
}
