import ByteWriting
import JSONBytes
import NIOCore

/// The facts of a request for text completions that its answer needs, the same for all its calls.
struct CompletionsReplyContext: Sendable {
    /// The model name the client used.
    var model: String
    /// Unix seconds, the same in every object of one answer.
    var created: Int
    /// Texts for each prompt.
    var choices: Int
    var isStreamed: Bool
    var includesUsage: Bool
    var isCumulative: Bool
}

/// Makes the answer of `POST /v1/completions` of the native answers to its calls, one for each prompt.
final class CompletionsReply: SplitReply {
    private let context: CompletionsReplyContext
    /// The inside of each prompt's string, where the texts begin with them.
    private let prompts: [ByteBuffer]?
    /// The name of each prompt.
    private let places: [String]
    /// The text for the id; upstream's id where there is one call.
    fileprivate var id: [UInt8] = []
    fileprivate var usage = UsageSum()

    init(context: CompletionsReplyContext, prompts: [ByteBuffer]?, places: [String]) {
        self.context = context
        self.prompts = prompts
        self.places = places
    }

    func place(ofPart index: Int) -> String { places[index] }

    func name(of parameter: String) -> String { parameter.hasPrefix("messages") ? "prompt" : parameter }

    func makePart(_ index: Int) -> any ReplyTranslating {
        CompletionsPart(
            whole: self,
            context: context,
            writer: TextWriter(
                context: context,
                firstChoice: index * context.choices,
                prompt: prompts?[index],
                id: places.count == 1 ? nil : id
            )
        )
    }

    func begin(requestID: String, into output: inout ByteBuffer) {
        id = Array(requestID.utf8)
        guard !context.isStreamed else { return }
        output.append("{\"object\":\"text_completion\",\"created\":")
        output.writeJSON(context.created)
        output.append(",\"model\":")
        output.writeJSON(context.model)
        output.append(",\"choices\":[")
    }

    func end(requestID: String, into output: inout ByteBuffer) {
        guard !context.isStreamed else { return endStream(into: &output) }
        output.append("],\"id\":\"cmpl-")
        output.append(bytes: id)
        output.append("\"")
        if !usage.isEmpty {
            output.append(",\"usage\":")
            usage.write(into: &output)
        }
        output.append(",\"system_fingerprint\":null}")
    }

    private func endStream(into output: inout ByteBuffer) {
        if context.includesUsage, !usage.isEmpty {
            TextWriter.beginChunk(context, id: id, into: &output)
            output.append("],\"usage\":")
            usage.write(into: &output)
            output.append("}\n\n")
        }
        output.append("data: [DONE]\n\n")
    }
}

/// Reads the native answer to one call.
private final class CompletionsPart: ReplyTranslating {
    private let whole: CompletionsReply
    private let context: CompletionsReplyContext
    private let writer: TextWriter
    private var reader: NativeReplyReader<TextWriter>

    init(whole: CompletionsReply, context: CompletionsReplyContext, writer: TextWriter) {
        self.whole = whole
        self.context = context
        self.writer = writer
        reader = Self.makeReader(context, writer, isWhole: false)
    }

    private static func makeReader(_ context: CompletionsReplyContext, _ writer: TextWriter, isWhole: Bool)
        -> NativeReplyReader<TextWriter>
    {
        NativeReplyReader(
            context: NativeReplyContext(
                created: context.created,
                choices: context.choices,
                isCumulative: context.isCumulative
            ),
            isWhole: isWhole,
            sink: writer
        )
    }

    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome {
        guard context.isStreamed else {
            return reader.receive(data, isError: isError, status: status, tape: tape)
        }
        swap(&reader.sink.output, &output)
        defer { swap(&reader.sink.output, &output) }
        return reader.receive(data, isError: isError, status: status, tape: tape)
    }

    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer) -> ReplyOutcome {
        reader = Self.makeReader(context, writer, isWhole: true)
        return receive(body, isError: false, status: nil, tape: tape, into: &output)
    }

    func finish(into output: inout ByteBuffer) -> APIError? {
        if let error = reader.finish() {
            return reader.isWhole ? ErrorTable.invalidResponse(requestID: reader.requestIDText) : error
        }
        output = reader.sink.output
        reader.sink.output = ByteBuffer()
        whole.id = reader.sink.id
        whole.usage.add(reader.sink.usage, tape: JSONTape())
        return nil
    }

    // The stream belongs to all parts together.
    func fail(_ error: APIError, into output: inout ByteBuffer) {}
    func keepAlive(into output: inout ByteBuffer) {}

    var facts: ReplyFacts { reader.facts }
}
