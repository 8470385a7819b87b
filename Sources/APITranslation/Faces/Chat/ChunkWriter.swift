import ByteWriting
import JSONBytes
import NIOCore

/// Writes an answer as OpenAI's stream: one `data:` line with a chunk for each piece.
///
/// Texts that are the same in all chunks are prepared once, so that the usual chunk (text of the first choice) is three
/// copies of bytes.
struct ChunkWriter: StreamWriter {
    /// Chunks that have not been taken yet.
    var output = ByteBuffer()
    private let context: ChatReplyContext
    /// From the beginning of an event to the opening bracket of its choices.
    private var head = ByteBuffer()
    /// The head of a chunk with text of the first choice, up to the opening quote of the text.
    private var contentHead: [UInt8] = []
    private var reasoningHead: [UInt8] = []
    /// From behind the delta to the end of the event.
    private var tail: [UInt8] = []
    /// The same with the closing quote of a text and the end of the delta.
    private var textTail: [UInt8] = []

    init(context: ChatReplyContext) { self.context = context }

    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?) {
        head.append("data: {\"id\":\"chatcmpl-")
        head.append(bytes: id)
        head.append("\",\"object\":\"chat.completion.chunk\",\"created\":")
        head.writeJSON(context.created)
        head.append(",\"model\":")
        head.writeJSON(context.model)
        head.append(",\"choices\":[")
        let common = Array(head.readableBytesView)
        contentHead = common + Array("{\"index\":0,\"delta\":{\"content\":\"".utf8)
        reasoningHead = common + Array("{\"index\":0,\"delta\":{\"reasoning_content\":\"".utf8)
        tail = Array(",\"logprobs\":null,\"finish_reason\":null}]".utf8)
        tail += Array((context.includesUsage ? ",\"usage\":null}\n\n" : "}\n\n").utf8)
        textTail = Array("\"}".utf8) + tail
    }

    /// Begins a chunk of a choice, up to the members of the delta.
    private mutating func beginDelta(_ choice: Int) {
        output.writeImmutableBuffer(head)
        output.append("{\"index\":")
        output.writeJSON(choice)
        output.append(",\"delta\":{")
    }

    private mutating func endDelta() {
        output.append("}")
        output.append(bytes: tail)
    }

    // MARK: - Text

    mutating func open(choice: Int) {
        beginDelta(choice)
        output.append("\"role\":\"assistant\",\"content\":\"\"")
        endDelta()
    }

    @inline(__always)
    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        guard choice != 0 else { return output.write(reasoningHead, text, textTail) }
        beginDelta(choice)
        output.append("\"reasoning_content\":\"")
        output.append(bytes: text)
        output.append(bytes: textTail)
    }

    @inline(__always)
    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        guard choice != 0 || logprobs != nil else { return output.write(contentHead, text, textTail) }
        contentAside(text, choice: choice, logprobs: logprobs)
    }

    private mutating func contentAside(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        beginDelta(choice)
        output.append("\"content\":\"")
        output.append(bytes: text)
        guard let logprobs else {
            output.append(bytes: textTail)
            return
        }
        output.append("\"},\"logprobs\":{\"content\":[")
        logprobs.write(into: &output)
        output.append("],\"refusal\":null},\"finish_reason\":null}]")
        endChunk()
    }

    private mutating func endChunk() {
        output.append(context.includesUsage ? ",\"usage\":null}\n\n" : "}\n\n")
    }

    // MARK: - Tool calls

    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {
        if context.usesLegacyFunctions {
            // The deprecated form has room for one call.
            guard call.index == 0 else { return }
            beginDelta(choice)
            output.append("\"function_call\":{\"name\":\"")
            output.append(bytes: call.name)
            output.append("\",\"arguments\":\"")
            output.append(bytes: arguments)
            output.append("\"}")
            return endDelta()
        }
        beginDelta(choice)
        output.append("\"tool_calls\":[{\"index\":")
        output.writeJSON(call.index)
        output.append(",")
        output.writeToolCall(call, arguments: arguments)
        output.append("}]")
        endDelta()
    }

    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        if context.usesLegacyFunctions {
            guard call == 0 else { return }
            beginDelta(choice)
            output.append("\"function_call\":{\"arguments\":\"")
            output.append(bytes: text)
            output.append("\"}")
            return endDelta()
        }
        beginDelta(choice)
        output.append("\"tool_calls\":[{\"index\":")
        output.writeJSON(call)
        output.append(",\"function\":{\"arguments\":\"")
        output.append(bytes: text)
        output.append("\"}}]")
        endDelta()
    }

    // MARK: - Beside the answer

    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {
        beginDelta(choice)
        output.append("\"audio\":{\"data\":\"")
        output.append(bytes: text)
        output.append("\"}")
        endDelta()
    }

    /// Begins a chunk with members at its top: SDKs concatenate what they find repeatedly in a delta.
    private mutating func beginAside() {
        // A choice with an empty delta, because clients look at the first choice of every chunk.
        beginDelta(0)
        output.append("},\"logprobs\":null,\"finish_reason\":null}]")
    }

    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?) {
        beginAside()
        members.write(into: &output)
        search?.write(into: &output, object: ",\"search_info\":{")
        endChunk()
    }

    mutating func research(_ report: ByteBuffer) {
        beginAside()
        output.append(",\"deep_research\":[")
        output.writeImmutableBuffer(report)
        output.append("]")
        endChunk()
    }

    // MARK: - The end

    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape) {
        let closing = ChatClosing(closing, tape: tape)
        beginDelta(choice)
        var members = ByteBuffer()
        if closing.annotations.readableBytes > 0 {
            members.append(",\"annotations\":[")
            members.writeImmutableBuffer(closing.annotations)
            members.append("]")
        }
        if closing.audioMembers.readableBytes > 0 {
            members.append(",\"audio\":{")
            members.writeImmutableBuffer(closing.audioMembers.withoutComma)
            members.append("}")
        }
        members.writeImmutableBuffer(closing.messageMembers)
        output.writeImmutableBuffer(members.withoutComma)
        output.append("},\"logprobs\":null,\"finish_reason\":null")
        output.writeImmutableBuffer(closing.choiceMembers)
        output.append("}]")
        endChunk()
    }

    mutating func finish(choice: Int, reason: FinishReason) {
        beginDelta(choice)
        output.append("},\"logprobs\":null,\"finish_reason\":\"")
        output.append(context.word(for: reason))
        output.append("\"}]")
        endChunk()
    }

    mutating func end(_ ending: ReplyEnding, tape: JSONTape) {
        if context.includesUsage, let usage = ending.usage {
            output.writeImmutableBuffer(head)
            output.append("],\"usage\":")
            UsageConverter(usage: usage).write(into: &output, tape: tape)
            output.append("}\n\n")
        }
        output.append("data: [DONE]\n\n")
    }

    // MARK: - Beside upstream's events

    mutating func keepAlive() { output.writeKeepAlive() }
    mutating func fail(_ error: APIError) { output.writeErrorEvent(error) }
}

extension ByteBuffer {
    /// A comment of a stream, which clients skip.
    mutating func writeKeepAlive() { append(": keep-alive\n\n") }

    /// The event that ends a stream of OpenAI's because of an error.
    mutating func writeErrorEvent(_ error: APIError) {
        append("data: ")
        error.write(into: &self)
        append("\n\n")
    }

    /// The same members without the leading comma.
    var withoutComma: ByteBuffer {
        guard readableBytes > 0 else { return self }
        var rest = self
        rest.moveReaderIndex(forwardBy: 1)
        return rest
    }

    /// Appends the members of a tool call, except its index.
    mutating func writeToolCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer) {
        append("\"id\":\"")
        append(bytes: call.id)
        if call.isCustom {
            append("\",\"type\":\"custom\",\"custom\":{\"name\":\"")
            append(bytes: call.name)
            append("\",\"input\":\"")
        } else {
            append("\",\"type\":\"function\",\"function\":{\"name\":\"")
            append(bytes: call.name)
            append("\",\"arguments\":\"")
        }
        append(bytes: arguments)
        append("\"}")
    }
}
