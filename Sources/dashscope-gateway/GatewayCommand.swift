import ArgumentParser
import Gateway

/// The command line of the gateway.
@main
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashscope-gateway",
        abstract: "OpenAI's and Anthropic's APIs in front of the native APIs of Alibaba Cloud DashScope.",
        version: GatewayVersion.current,
        subcommands: [
            ServeCommand.self, EmulateCommand.self, CheckConfigCommand.self, ExplainCommand.self,
            HealthcheckCommand.self,
            ReferenceCommand.self, LicensesCommand.self,
        ],
        defaultSubcommand: ServeCommand.self
    )
}

/// Exit statuses beyond success and failure, after sysexits.h.
enum ExitStatus {
    /// The configuration is wrong.
    static let configuration = ExitCode(78)
    /// The address is in use or cannot be had.
    static let unavailable = ExitCode(69)
}
