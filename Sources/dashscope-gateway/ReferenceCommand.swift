import APITranslation
import ArgumentParser
import Gateway

/// Prints documents that are generated from the code.
struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Print a generated document.",
        shouldDisplay: false
    )

    @Argument(help: "parameters or configuration")
    var document: String

    func run() throws {
        switch document {
        case "parameters": print(ParametersDocument.render(), terminator: "")
        case "configuration": print(ConfigurationDocument.render(), terminator: "")
        default: throw ValidationError("unknown document \(document)")
        }
    }
}
