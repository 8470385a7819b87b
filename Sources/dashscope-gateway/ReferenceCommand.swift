import APITranslation
import ArgumentParser

/// Prints documents that are generated from the code.
struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Print a generated document.",
        shouldDisplay: false
    )

    @Argument(help: "parameters")
    var document: String

    func run() throws {
        guard document == "parameters" else { throw ValidationError("unknown document \(document)") }
        print(ParametersDocument.render(), terminator: "")
    }
}
