import ByteWriting
import JSONBytes
import NIOCore

/// Writes the texts of one prompt: as chunks of a stream, or as elements of `choices`.
struct TextWriter: ReplySink {
    private struct Choice: Sendable {
        var text = ByteBuffer()
        var reasoning = ByteBuffer()
        var logprobs: TextLogprobs
        /// Further members, each with a leading comma.
        var members = ByteBuffer()
        /// Whether tokens came with their probabilities.
        var hasLogprobs = false
        var reason = FinishReason.stop
    }

    /// Chunks that have not been taken yet, or the elements once ``end(_:tape:)`` was called.
    var output = ByteBuffer()
    /// The text for the id of the answer.
    private(set) var id: [UInt8]
    /// OpenAI's usage object; empty where upstream gave none.
    private(set) var usage = ByteBuffer()
    private let context: CompletionsReplyContext
    /// The place of this prompt's first text among all.
    private let firstChoice: Int
    private let prompt: ByteBuffer?
    private let isIDGiven: Bool
    private var choices: [Choice] = []

    /// Without an `id` the answer's is made of upstream's.
    init(context: CompletionsReplyContext, firstChoice: Int, prompt: ByteBuffer?, id: [UInt8]?) {
        self.context = context
        self.firstChoice = firstChoice
        self.prompt = prompt
        self.id = id ?? []
        isIDGiven = id != nil
    }

    // MARK: - Chunks

    /// Begins a chunk, up to the opening bracket of its choices.
    static func beginChunk(_ context: CompletionsReplyContext, id: [UInt8], into output: inout ByteBuffer) {
        output.append("data: {\"id\":\"cmpl-")
        output.append(bytes: id)
        output.append("\",\"object\":\"text_completion\",\"created\":")
        output.writeJSON(context.created)
        output.append(",\"model\":")
        output.writeJSON(context.model)
        output.append(",\"choices\":[")
    }

    /// Writes a chunk of one choice; `fill` writes what stands between its index and its end.
    private mutating func writeChunk(
        _ choice: Int,
        text: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        reason: StaticString? = nil,
        logprobs: Bool = false,
        members: (inout ByteBuffer) -> Void = { _ in }
    ) {
        Self.beginChunk(context, id: id, into: &output)
        output.append("{\"text\":\"", text, "\",\"index\":")
        output.writeJSON(firstChoice + choice)
        output.append(",\"logprobs\":")
        if logprobs { choices[choice].logprobs.take(into: &output) } else { output.append("null") }
        Self.write(reason, into: &output)
        members(&output)
        output.append(context.includesUsage ? "}],\"usage\":null}\n\n" : "}]}\n\n")
    }

    private static func write(_ reason: StaticString?, into output: inout ByteBuffer) {
        guard let reason else { return output.append(",\"finish_reason\":null") }
        output.append(",\"finish_reason\":\"")
        output.append(reason)
        output.append("\"")
    }

    private static func word(for reason: FinishReason) -> StaticString {
        switch reason {
        case .stop, .toolCalls, .other: "stop"
        case .length: "length"
        case .contentFilter: "content_filter"
        }
    }

    // MARK: - Pieces

    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?) {
        if !isIDGiven { self.id = Array(id) }
    }

    /// Whether a text was asked for; the place of one that was not is another prompt's.
    private func isWanted(_ choice: Int) -> Bool { choice < context.choices }

    mutating func open(choice: Int) {
        guard isWanted(choice) else { return }
        let echo = prompt ?? ByteBuffer()
        let offset = echo.withUnsafeReadableBytes { TextLogprobs.characters(in: $0) }
        choices.append(Choice(logprobs: TextLogprobs(offset: offset)))
        guard let prompt else { return }
        if context.isStreamed {
            prompt.withUnsafeReadableBytes { writeChunk(choice, text: $0) }
        } else {
            choices[choice].text.writeImmutableBuffer(prompt)
        }
    }

    /// Reasoning never stands in the text: it gets a member of its own, as in chat.
    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        guard isWanted(choice) else { return }
        guard context.isStreamed else { return choices[choice].reasoning.append(bytes: text) }
        writeChunk(choice) { $0.append(",\"reasoning_content\":\"", text, "\"") }
    }

    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        guard isWanted(choice) else { return }
        if let logprobs {
            choices[choice].logprobs.add(logprobs)
            choices[choice].hasLogprobs = true
        }
        if context.isStreamed {
            writeChunk(choice, text: text, logprobs: logprobs != nil)
        } else {
            choices[choice].text.append(bytes: text)
        }
    }

    // A completion has no tools and no audio.
    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {}
    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {}
    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {}

    /// Upstream's facts about an answer are members of its choice: another prompt's answer has its own.
    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?) {
        guard context.isStreamed else { return }
        writeChunk(0) {
            members.write(into: &$0)
            search?.write(into: &$0, object: ",\"search_info\":{")
        }
    }

    mutating func research(_ report: ByteBuffer) {}

    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape) {
        guard isWanted(choice) else { return }
        let closing = ChatClosing(closing, tape: tape)
        var members = ByteBuffer()
        if closing.annotations.readableBytes > 0 {
            members.append(",\"annotations\":[")
            members.writeImmutableBuffer(closing.annotations)
            members.append("]")
        }
        members.writeImmutableBuffer(closing.messageMembers)
        members.writeImmutableBuffer(closing.choiceMembers)
        guard members.readableBytes > 0 else { return }
        if context.isStreamed {
            writeChunk(choice) { $0.writeImmutableBuffer(members) }
        } else {
            choices[choice].members.writeImmutableBuffer(members)
        }
    }

    mutating func finish(choice: Int, reason: FinishReason) {
        guard isWanted(choice) else { return }
        if context.isStreamed {
            writeChunk(choice, reason: Self.word(for: reason))
        } else {
            choices[choice].reason = reason
        }
    }

    private mutating func writeElement(_ choice: Int) {
        let finished = choices[choice]
        output.append(choice == 0 ? "{\"text\":\"" : ",{\"text\":\"")
        output.writeImmutableBuffer(finished.text)
        output.append("\",\"index\":")
        output.writeJSON(firstChoice + choice)
        output.append(",\"logprobs\":")
        if finished.hasLogprobs { choices[choice].logprobs.take(into: &output) } else { output.append("null") }
        Self.write(Self.word(for: finished.reason), into: &output)
        if finished.reasoning.readableBytes > 0 {
            output.append(",\"reasoning_content\":\"")
            output.writeImmutableBuffer(finished.reasoning)
            output.append("\"")
        }
        output.writeImmutableBuffer(finished.members)
        output.append("}")
    }

    mutating func end(_ ending: ReplyEnding, tape: JSONTape) {
        if !context.isStreamed, !choices.isEmpty {
            ending.extras.write(into: &choices[0].members)
            if ending.search.hasContent { ending.search.write(into: &choices[0].members, object: ",\"search_info\":{") }
            for choice in choices.indices { writeElement(choice) }
        }
        if let usage = ending.usage { UsageConverter(usage: usage).write(into: &self.usage, tape: tape) }
    }
}
