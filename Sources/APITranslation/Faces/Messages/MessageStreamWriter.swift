import ByteWriting
import JSONBytes
import NIOCore

/// Writes an answer as Anthropic's stream: blocks one after the other, each with start, deltas and stop.
///
/// Texts that are the same in all deltas of a block are prepared when it opens, so that the usual event is three
/// copies of bytes.
struct MessageStreamWriter: StreamWriter {
    private enum Block: Equatable {
        case none, thinking, text
        case tool(Int)
    }

    static let takesOneBlockAtATime = true
    private static let textTail = Array("\"}}\n\n".utf8)

    /// Events that have not been taken yet.
    var output = ByteBuffer()
    private let context: MessagesReplyContext
    private var hasStarted = false
    private var id: [UInt8] = []
    private var block = Block.none
    /// The index of the next block.
    private var next = 0
    /// An event of the open block, up to the opening quote of its text.
    private var deltaHead: [UInt8] = []
    private var hasSearch = false
    /// A search that was told while a call was open.
    private var waitingSearch: MessageSearch?
    private var reason = FinishReason.stop
    private var stops: StopSequences
    /// Nothing more of the answer is taken: nothing was wanted, or a stop sequence has ended it.
    private var isOver: Bool

    init(context: MessagesReplyContext) {
        self.context = context
        stops = StopSequences(context.stopSequences)
        isOver = context.wantsNothing
    }

    static func makeCallID(request: [UInt8], choice: Int, call: Int) -> [UInt8] {
        MessageWriter.makeCallID(request: request, choice: choice, call: call)
    }

    // MARK: - The message

    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?) {
        // Silence may have started it, with the gateway's own id.
        guard !hasStarted else { return }
        let usage = usage.map { MessageUsage($0) } ?? MessageUsage(estimatedInput: context.estimatedInputTokens)
        start(id: Array(id), usage: usage)
    }

    private mutating func start(id: [UInt8], usage: MessageUsage) {
        hasStarted = true
        self.id = id
        output.append("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{")
        context.writeHead(id: id, into: &output)
        output.append(",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":")
        usage.write(hasSearch: false, into: &output)
        output.append("}}\n\n")
    }

    mutating func open(choice: Int) {}

    mutating func finish(choice: Int, reason: FinishReason) {
        if choice == 0 { self.reason = reason }
    }

    mutating func end(_ ending: ReplyEnding, tape: JSONTape) {
        closeBlock()
        output.append("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{")
        context.writeStop(reason, sequence: stops.found, into: &output)
        output.append("},\"usage\":")
        MessageUsage(ending.usage, tape: tape).writeFinal(hasSearch: hasSearch, into: &output)
        if context.tellsExtras { ending.extras.write(into: &output) }
        output.append("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
    }

    mutating func keepAlive() {
        if !hasStarted {
            start(
                id: Array(context.fallbackID.utf8),
                usage: MessageUsage(estimatedInput: context.estimatedInputTokens)
            )
        }
        output.append("event: ping\ndata: {\"type\":\"ping\"}\n\n")
    }

    mutating func fail(_ error: APIError) {
        output.append("event: error\ndata: ")
        let form = ErrorForm.anthropic
        form.write(form.adapt(error), into: &output)
        output.append("\n\n")
    }

    // MARK: - Blocks

    /// Writes the start of a block up to the block itself.
    private mutating func beginStart() {
        output.append("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":")
        output.writeJSON(next)
        output.append(",\"content_block\":")
    }

    private mutating func beginDelta(_ kind: StaticString) {
        var head = ByteBuffer()
        head.append("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        head.writeJSON(next)
        head.append(",\"delta\":{\"type\":")
        head.append(kind)
        deltaHead = Array(head.readableBytesView)
    }

    private mutating func stop() {
        output.append("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":")
        output.writeJSON(next)
        output.append("}\n\n")
        next += 1
    }

    private mutating func closeBlock() {
        if !stops.isEmpty { flushText() }
        endBlock()
    }

    private mutating func endBlock() {
        guard block != .none else { return }
        if block == .thinking {
            output.append("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
            output.writeJSON(next)
            output.append(",\"delta\":{\"type\":\"signature_delta\",\"signature\":\"")
            output.append(MessagesReplyContext.signature)
            output.append("\"}}\n\n")
        }
        block = .none
        stop()
        if let search = waitingSearch.take() { write(search) }
    }

    private mutating func openBlock(_ kind: Block, _ start: StaticString, delta: StaticString) {
        beginStart()
        output.append(start)
        output.append("}\n\n")
        beginDelta(delta)
        block = kind
    }

    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0, !isOver, !text.isEmpty else { return }
        if block != .thinking {
            closeBlock()
            openBlock(
                .thinking,
                "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}",
                delta: "\"thinking_delta\",\"thinking\":\""
            )
        }
        if !context.omitsThinking { output.write(deltaHead, text, Self.textTail) }
    }

    @inline(__always)
    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        guard choice == 0, !isOver, !text.isEmpty else { return }
        guard stops.isEmpty else { return cut(text) }
        write(text)
    }

    @inline(__always)
    private mutating func write(_ text: UnsafeRawBufferPointer) {
        if block != .text {
            endBlock()
            openBlock(.text, "{\"type\":\"text\",\"text\":\"\"}", delta: "\"text_delta\",\"text\":\"")
        }
        output.write(deltaHead, text, Self.textTail)
    }

    /// Writes a text up to a stop sequence.
    private mutating func cut(_ text: UnsafeRawBufferPointer) {
        let passed = stops.take(text)
        if passed.readableBytes > 0 { passed.withUnsafeReadableBytes { write($0) } }
        isOver = stops.found != nil
    }

    private mutating func flushText() {
        let rest = stops.flush()
        if rest.readableBytes > 0 { rest.withUnsafeReadableBytes { write($0) } }
    }

    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0, !isOver else { return }
        closeBlock()
        beginStart()
        output.append("{\"type\":\"tool_use\",\"id\":\"")
        output.append(bytes: call.id)
        output.append("\",\"name\":")
        context.writeToolName(call.name, into: &output)
        output.append(",\"input\":{}}}\n\n")
        beginDelta("\"input_json_delta\",\"partial_json\":\"")
        block = .tool(call.index)
        self.arguments(arguments, call: call.index, choice: choice)
    }

    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        guard choice == 0, block == .tool(call), !isOver, !text.isEmpty else { return }
        output.write(deltaHead, text, Self.textTail)
    }

    // MARK: - Beside the text

    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?) {
        guard let search, !hasSearch, !isOver,
            let found = MessageSearch(search, request: id, query: context.searchQuery)
        else { return }
        hasSearch = true
        if case .tool = block {
            waitingSearch = found
        } else {
            closeBlock()
            write(found)
        }
    }

    private mutating func write(_ search: MessageSearch) {
        beginStart()
        search.writeUse(input: { $0.append("{}") }, into: &output)
        output.append("}\n\n")
        beginDelta("\"input_json_delta\",\"partial_json\":\"")
        output.append(bytes: deltaHead)
        search.writeInput(into: &output)
        output.append(bytes: Self.textTail)
        stop()
        beginStart()
        search.writeResult(into: &output)
        output.append("}\n\n")
        stop()
    }

    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {}
    mutating func research(_ report: ByteBuffer) {}

    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape) {
        guard choice == 0, hasSearch else { return }
        if !stops.isEmpty { flushText() }
        guard block == .text else { return }
        for citation in ReplyCitation.distinct(closing.citations) {
            output.append("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
            output.writeJSON(next)
            output.append(",\"delta\":{\"type\":\"citations_delta\",\"citation\":")
            citation.writeLocation(into: &output)
            output.append("}}\n\n")
        }
    }
}
