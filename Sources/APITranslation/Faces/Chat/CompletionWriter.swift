import ByteWriting
import JSONBytes
import NIOCore

/// Folds an answer into one `chat.completion`.
struct CompletionWriter: WholeWriter {
    private struct Call: Sendable {
        var head: ToolCallHead
        var arguments: ByteBuffer
    }

    private struct Choice: Sendable {
        var content = ByteBuffer()
        var reasoning = ByteBuffer()
        var logprobs: ByteBuffer?
        var calls: [Call] = []
        var audio = ByteBuffer()
        var closing = ChatClosing()
    }

    /// The completion, once ``end(_:tape:)`` was called.
    var output = ByteBuffer()
    private let context: ChatReplyContext
    private var id: [UInt8] = []
    private var choices: [Choice] = []
    private var reasons: [FinishReason] = []
    private var reports = ByteBuffer()

    init(context: ChatReplyContext) { self.context = context }

    // MARK: - Pieces

    static func writePlainly(_ root: JSONValue, context: ChatReplyContext, into output: inout ByteBuffer) -> ReplyFacts?
    {
        PlainReply.translate(root, context: context, into: &output)
    }

    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?) { self.id = Array(id) }

    mutating func open(choice: Int) { choices.append(Choice()) }

    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        choices[choice].reasoning.append(bytes: text)
    }

    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        choices[choice].content.append(bytes: text)
        guard let logprobs else { return }
        // Taken out, because a buffer that is held twice is copied by each append.
        var tokens = choices[choice].logprobs.take() ?? ByteBuffer()
        if tokens.readableBytes > 0 { tokens.append(",") }
        logprobs.write(into: &tokens)
        choices[choice].logprobs = tokens
    }

    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {
        choices[choice].calls.append(Call(head: call, arguments: ByteBuffer(bytes: arguments)))
    }

    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        choices[choice].calls[call].arguments.append(bytes: text)
    }

    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {
        choices[choice].audio.append(bytes: text)
    }

    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?) {}

    mutating func research(_ report: ByteBuffer) {
        if reports.readableBytes > 0 { reports.append(",") }
        reports.writeImmutableBuffer(report)
    }

    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape) {
        choices[choice].closing = ChatClosing(closing, tape: tape)
    }

    mutating func finish(choice: Int, reason: FinishReason) { reasons.append(reason) }

    // MARK: - The whole

    mutating func end(_ ending: ReplyEnding, tape: JSONTape) {
        output.reserveCapacity(choices.reduce(512) { $0 + $1.content.readableBytes + $1.reasoning.readableBytes + 256 })
        output.append("{\"id\":\"chatcmpl-")
        output.append(bytes: id)
        output.append("\",\"object\":\"chat.completion\",\"created\":")
        output.writeJSON(context.created)
        output.append(",\"model\":")
        output.writeJSON(context.model)
        output.append(",\"choices\":[")
        for index in choices.indices { write(choice: index) }
        output.append("]")
        if let usage = ending.usage {
            output.append(",\"usage\":")
            UsageConverter(usage: usage).write(into: &output, tape: tape)
        }
        output.append(",\"system_fingerprint\":null")
        ending.extras.write(into: &output)
        if ending.search.hasContent { ending.search.write(into: &output, object: ",\"search_info\":{") }
        if reports.readableBytes > 0 {
            output.append(",\"deep_research\":[")
            output.writeImmutableBuffer(reports)
            output.append("]")
        }
        output.append("}")
    }

    private mutating func write(choice index: Int) {
        let choice = choices[index]
        if index > 0 { output.append(",") }
        output.append("{\"index\":")
        output.writeJSON(index)
        output.append(",\"message\":{\"role\":\"assistant\",\"content\":")
        let hasAudio = choice.audio.readableBytes > 0 || choice.closing.audioMembers.readableBytes > 0
        if choice.content.readableBytes == 0, !choice.calls.isEmpty || hasAudio {
            output.append("null")
        } else {
            output.append("\"")
            output.writeImmutableBuffer(choice.content)
            output.append("\"")
        }
        if choice.reasoning.readableBytes > 0 {
            output.append(",\"reasoning_content\":\"")
            output.writeImmutableBuffer(choice.reasoning)
            output.append("\"")
        }
        if !choice.closing.hasRefusal { output.append(",\"refusal\":null") }
        if choice.closing.annotations.readableBytes > 0 {
            output.append(",\"annotations\":[")
            output.writeImmutableBuffer(choice.closing.annotations)
            output.append("]")
        }
        write(choice.calls)
        if hasAudio { writeAudio(choice) }
        output.writeImmutableBuffer(choice.closing.messageMembers)
        output.append("},\"logprobs\":")
        if let logprobs = choice.logprobs {
            output.append("{\"content\":[")
            output.writeImmutableBuffer(logprobs)
            output.append("],\"refusal\":null}")
        } else {
            output.append("null")
        }
        output.append(",\"finish_reason\":\"")
        output.append(context.word(for: reasons[index]))
        output.append("\"")
        output.writeImmutableBuffer(choice.closing.choiceMembers)
        output.append("}")
    }

    private mutating func write(_ calls: [Call]) {
        guard let first = calls.first else { return }
        if context.usesLegacyFunctions {
            // The deprecated form has room for one call.
            output.append(",\"function_call\":{\"name\":\"")
            output.append(bytes: first.head.name)
            output.append("\",\"arguments\":\"")
            output.writeImmutableBuffer(first.arguments)
            output.append("\"}")
            return
        }
        output.append(",\"tool_calls\":[")
        for call in calls {
            output.append(call.head.index == 0 ? "{" : ",{")
            call.arguments.withUnsafeReadableBytes { output.writeToolCall(call.head, arguments: $0) }
            output.append("}")
        }
        output.append("]")
    }

    private mutating func writeAudio(_ choice: Choice) {
        output.append(",\"audio\":{\"data\":\"")
        output.writeImmutableBuffer(choice.audio)
        output.append("\"")
        output.writeImmutableBuffer(choice.closing.audioMembers)
        output.append("}")
    }
}
