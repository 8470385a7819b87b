import JSONBytes
import NIOCore

/// Folds an answer into one `chat.completion`.
struct CompletionWriter: ChatReplySink {
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
        var closing = ChoiceClosing()
    }

    /// The completion, once ``end(usage:extras:)`` was called.
    private(set) var output = ByteBuffer()
    private let context: ChatReplyContext
    private var id: [UInt8] = []
    private var choices: [Choice] = []
    private var reasons: [FinishReason] = []
    private var lists = ByteBuffer()
    private var listName: StaticString = ""

    init(context: ChatReplyContext) { self.context = context }

    // MARK: - Pieces

    mutating func begin(id: UnsafeRawBufferPointer) { self.id = Array(id) }

    mutating func open(choice: Int) { choices.append(Choice()) }

    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        choices[choice].reasoning.writeBytes(text)
    }

    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        choices[choice].content.writeBytes(text)
        guard let logprobs else { return }
        var tokens = choices[choice].logprobs ?? ByteBuffer()
        if tokens.readableBytes > 0 { tokens.writeStaticString(",") }
        logprobs.write(into: &tokens)
        choices[choice].logprobs = tokens
    }

    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {
        choices[choice].calls.append(Call(head: call, arguments: ByteBuffer(bytes: arguments)))
    }

    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        choices[choice].calls[call].arguments.writeBytes(text)
    }

    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {
        choices[choice].audio.writeBytes(text)
    }

    mutating func extra(_ members: ByteBuffer) {}

    mutating func item(_ item: ByteBuffer, of list: StaticString) {
        listName = list
        if lists.readableBytes > 0 { lists.writeStaticString(",") }
        lists.writeImmutableBuffer(item)
    }

    mutating func closing(_ closing: ChoiceClosing, choice: Int) { choices[choice].closing = closing }

    mutating func finish(choice: Int, reason: FinishReason) { reasons.append(reason) }

    // MARK: - The whole

    mutating func end(usage: ByteBuffer?, extras: ByteBuffer) {
        output.reserveCapacity(choices.reduce(512) { $0 + $1.content.readableBytes + $1.reasoning.readableBytes + 256 })
        output.writeStaticString("{\"id\":\"chatcmpl-")
        output.writeBytes(id)
        output.writeStaticString("\",\"object\":\"chat.completion\",\"created\":")
        output.writeJSON(context.created)
        output.writeStaticString(",\"model\":")
        output.writeJSON(context.model)
        output.writeStaticString(",\"choices\":[")
        for index in choices.indices { write(choice: index) }
        output.writeStaticString("]")
        if let usage {
            output.writeStaticString(",\"usage\":")
            output.writeImmutableBuffer(usage)
        }
        output.writeStaticString(",\"system_fingerprint\":null")
        output.writeImmutableBuffer(extras)
        if lists.readableBytes > 0 {
            output.writeStaticString(",\"")
            output.writeStaticString(listName)
            output.writeStaticString("\":[")
            output.writeImmutableBuffer(lists)
            output.writeStaticString("]")
        }
        output.writeStaticString("}")
    }

    private mutating func write(choice index: Int) {
        let choice = choices[index]
        if index > 0 { output.writeStaticString(",") }
        output.writeStaticString("{\"index\":")
        output.writeJSON(index)
        output.writeStaticString(",\"message\":{\"role\":\"assistant\",\"content\":")
        let hasAudio = choice.audio.readableBytes > 0 || choice.closing.audioMembers.readableBytes > 0
        if choice.content.readableBytes == 0, !choice.calls.isEmpty || hasAudio {
            output.writeStaticString("null")
        } else {
            output.writeStaticString("\"")
            output.writeImmutableBuffer(choice.content)
            output.writeStaticString("\"")
        }
        if choice.reasoning.readableBytes > 0 {
            output.writeStaticString(",\"reasoning_content\":\"")
            output.writeImmutableBuffer(choice.reasoning)
            output.writeStaticString("\"")
        }
        if !choice.closing.hasRefusal { output.writeStaticString(",\"refusal\":null") }
        if choice.closing.annotations.readableBytes > 0 {
            output.writeStaticString(",\"annotations\":[")
            output.writeImmutableBuffer(choice.closing.annotations)
            output.writeStaticString("]")
        }
        write(choice.calls)
        if hasAudio { writeAudio(choice) }
        output.writeImmutableBuffer(choice.closing.messageMembers)
        output.writeStaticString("},\"logprobs\":")
        if let logprobs = choice.logprobs {
            output.writeStaticString("{\"content\":[")
            output.writeImmutableBuffer(logprobs)
            output.writeStaticString("],\"refusal\":null}")
        } else {
            output.writeStaticString("null")
        }
        output.writeStaticString(",\"finish_reason\":\"")
        output.writeStaticString(reasons[index].word)
        output.writeStaticString("\"")
        output.writeImmutableBuffer(choice.closing.choiceMembers)
        output.writeStaticString("}")
    }

    private mutating func write(_ calls: [Call]) {
        guard let first = calls.first else { return }
        if context.usesLegacyFunctions {
            // The deprecated form has room for one call.
            output.writeStaticString(",\"function_call\":{\"name\":\"")
            output.writeBytes(first.head.name)
            output.writeStaticString("\",\"arguments\":\"")
            output.writeImmutableBuffer(first.arguments)
            output.writeStaticString("\"}")
            return
        }
        output.writeStaticString(",\"tool_calls\":[")
        for call in calls {
            output.writeStaticString(call.head.index == 0 ? "{" : ",{")
            call.arguments.withUnsafeReadableBytes { output.writeToolCall(call.head, arguments: $0) }
            output.writeStaticString("}")
        }
        output.writeStaticString("]")
    }

    private mutating func writeAudio(_ choice: Choice) {
        output.writeStaticString(",\"audio\":{\"data\":\"")
        output.writeImmutableBuffer(choice.audio)
        output.writeStaticString("\"")
        output.writeImmutableBuffer(choice.closing.audioMembers)
        output.writeStaticString("}")
    }
}
