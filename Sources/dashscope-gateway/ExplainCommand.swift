import APITranslation
import ArgumentParser
import Gateway
import JSONBytes
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Prints the native request that a request would become; sends nothing.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Read a request from standard input and print the native request it becomes."
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Refuse instead of repairing, as `x-gateway-strict: true` does.")
    var strict = false

    @Option(
        help: """
            The endpoint the request is for: chat, messages, responses, completions, embeddings, rerank, images, \
            images-edits, videos, speech, transcriptions or translations.
            """
    )
    var endpoint = Explanation.Face.chat

    func run() async throws {
        let settings = try await options.load()
        if isatty(0) == 1 {
            StandardError.write(
                "Type or paste the JSON of a request for \(endpoint.rawValue), then Ctrl-D on a line of its own."
            )
        }
        let body = ByteBuffer(bytes: FileHandleReader.standardInput())
        do {
            print(
                try Explanation.make(
                    of: body,
                    configuration: settings.configuration,
                    catalog: settings.catalog,
                    strict: strict,
                    face: endpoint
                )
            )
        } catch {
            var text = ByteBuffer()
            let form = endpoint.errorForm
            form.write(form.adapt(error), into: &text)
            print(String(buffer: text))
            throw ExitCode.failure
        }
    }
}

extension Explanation.Face: ExpressibleByArgument {}

/// Reads a descriptor to its end.
private enum FileHandleReader {
    static func standardInput() -> [UInt8] {
        var bytes: [UInt8] = []
        while let line = readLine(strippingNewline: false) { bytes.append(contentsOf: line.utf8) }
        return bytes
    }
}
