import ArgumentParser
import Gateway

/// Prints what the packages that are part of the program ask to be told.
struct LicensesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "licenses",
        abstract: "Print the licences and notices of everything that is part of this program."
    )

    func run() {
        print(noticeText, terminator: "")
    }
}
