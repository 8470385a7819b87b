import JSONBytes
import NIOCore

/// Writes an answer as OpenAI's stream: one `data:` line with a chunk for each piece.
///
/// What is the same in all chunks is prepared once, so that the usual chunk (text of the first choice) is three
/// copies of bytes.
struct ChunkWriter: ChatReplySink {
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

    mutating func begin(id: UnsafeRawBufferPointer) {
        head.writeStaticString("data: {\"id\":\"chatcmpl-")
        head.writeBytes(id)
        head.writeStaticString("\",\"object\":\"chat.completion.chunk\",\"created\":")
        head.writeJSON(context.created)
        head.writeStaticString(",\"model\":")
        head.writeJSON(context.model)
        head.writeStaticString(",\"choices\":[")
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
        output.writeStaticString("{\"index\":")
        output.writeJSON(choice)
        output.writeStaticString(",\"delta\":{")
    }

    private mutating func endDelta() {
        output.writeStaticString("}")
        output.writeBytes(tail)
    }

    // MARK: - Text

    mutating func open(choice: Int) {
        beginDelta(choice)
        output.writeStaticString("\"role\":\"assistant\",\"content\":\"\"")
        endDelta()
    }

    @inline(__always)
    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        guard choice != 0 else { return output.write(reasoningHead, text, textTail) }
        beginDelta(choice)
        output.writeStaticString("\"reasoning_content\":\"")
        output.writeBytes(text)
        output.writeBytes(textTail)
    }

    @inline(__always)
    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        guard choice != 0 || logprobs != nil else { return output.write(contentHead, text, textTail) }
        contentAside(text, choice: choice, logprobs: logprobs)
    }

    private mutating func contentAside(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        beginDelta(choice)
        output.writeStaticString("\"content\":\"")
        output.writeBytes(text)
        guard let logprobs else {
            output.writeBytes(textTail)
            return
        }
        output.writeStaticString("\"},\"logprobs\":{\"content\":[")
        logprobs.write(into: &output)
        output.writeStaticString("],\"refusal\":null},\"finish_reason\":null}]")
        endChunk()
    }

    private mutating func endChunk() {
        output.writeStaticString(context.includesUsage ? ",\"usage\":null}\n\n" : "}\n\n")
    }

    // MARK: - Tool calls

    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {
        if context.usesLegacyFunctions {
            // The deprecated form has room for one call.
            guard call.index == 0 else { return }
            beginDelta(choice)
            output.writeStaticString("\"function_call\":{\"name\":\"")
            output.writeBytes(call.name)
            output.writeStaticString("\",\"arguments\":\"")
            output.writeBytes(arguments)
            output.writeStaticString("\"}")
            return endDelta()
        }
        beginDelta(choice)
        output.writeStaticString("\"tool_calls\":[{\"index\":")
        output.writeJSON(call.index)
        output.writeStaticString(",")
        output.writeToolCall(call, arguments: arguments)
        output.writeStaticString("}]")
        endDelta()
    }

    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        if context.usesLegacyFunctions {
            guard call == 0 else { return }
            beginDelta(choice)
            output.writeStaticString("\"function_call\":{\"arguments\":\"")
            output.writeBytes(text)
            output.writeStaticString("\"}")
            return endDelta()
        }
        beginDelta(choice)
        output.writeStaticString("\"tool_calls\":[{\"index\":")
        output.writeJSON(call)
        output.writeStaticString(",\"function\":{\"arguments\":\"")
        output.writeBytes(text)
        output.writeStaticString("\"}}]")
        endDelta()
    }

    // MARK: - Beside the answer

    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {
        beginDelta(choice)
        output.writeStaticString("\"audio\":{\"data\":\"")
        output.writeBytes(text)
        output.writeStaticString("\"}")
        endDelta()
    }

    mutating func extra(_ members: ByteBuffer) {
        // A choice with an empty delta, because clients look at the first choice of every chunk.
        beginDelta(0)
        output.writeStaticString("},\"logprobs\":null,\"finish_reason\":null}]")
        output.writeImmutableBuffer(members)
        endChunk()
    }

    mutating func item(_ item: ByteBuffer, of list: StaticString) {
        var members = ByteBuffer()
        members.writeStaticString(",\"")
        members.writeStaticString(list)
        members.writeStaticString("\":[")
        members.writeImmutableBuffer(item)
        members.writeStaticString("]")
        extra(members)
    }

    // MARK: - The end

    mutating func closing(_ closing: ChoiceClosing, choice: Int) {
        beginDelta(choice)
        var members = ByteBuffer()
        if closing.annotations.readableBytes > 0 {
            members.writeStaticString(",\"annotations\":[")
            members.writeImmutableBuffer(closing.annotations)
            members.writeStaticString("]")
        }
        if closing.audioMembers.readableBytes > 0 {
            members.writeStaticString(",\"audio\":{")
            members.writeImmutableBuffer(closing.audioMembers.withoutComma)
            members.writeStaticString("}")
        }
        members.writeImmutableBuffer(closing.messageMembers)
        output.writeImmutableBuffer(members.withoutComma)
        output.writeStaticString("},\"logprobs\":null,\"finish_reason\":null")
        output.writeImmutableBuffer(closing.choiceMembers)
        output.writeStaticString("}]")
        endChunk()
    }

    mutating func finish(choice: Int, reason: FinishReason) {
        beginDelta(choice)
        output.writeStaticString("},\"logprobs\":null,\"finish_reason\":\"")
        output.writeStaticString(reason.word)
        output.writeStaticString("\"}]")
        endChunk()
    }

    mutating func end(usage: ByteBuffer?, extras: ByteBuffer) {
        if context.includesUsage, let usage {
            output.writeImmutableBuffer(head)
            output.writeStaticString("],\"usage\":")
            output.writeImmutableBuffer(usage)
            output.writeStaticString("}\n\n")
        }
        output.writeStaticString("data: [DONE]\n\n")
    }
}

extension ByteBuffer {
    /// Appends three pieces at once.
    @inline(__always)
    fileprivate mutating func write(_ head: [UInt8], _ text: UnsafeRawBufferPointer, _ tail: [UInt8]) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: head.count + text.count + tail.count) { target in
            head.withUnsafeBytes { target.copyMemory(from: $0) }
            UnsafeMutableRawBufferPointer(rebasing: target[head.count...]).copyMemory(from: text)
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[(head.count + text.count)...])
            tail.withUnsafeBytes { rest.copyMemory(from: $0) }
            return head.count + text.count + tail.count
        }
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
        writeStaticString("\"id\":\"")
        writeBytes(call.id)
        if call.isCustom {
            writeStaticString("\",\"type\":\"custom\",\"custom\":{\"name\":\"")
            writeBytes(call.name)
            writeStaticString("\",\"input\":\"")
        } else {
            writeStaticString("\",\"type\":\"function\",\"function\":{\"name\":\"")
            writeBytes(call.name)
            writeStaticString("\",\"arguments\":\"")
        }
        writeBytes(arguments)
        writeStaticString("\"}")
    }
}
