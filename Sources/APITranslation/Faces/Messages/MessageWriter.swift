import ByteWriting
import JSONBytes
import NIOCore

/// Folds an answer into one message of Anthropic's.
struct MessageWriter: WholeWriter {
    private struct Block: Sendable {
        enum Kind: Sendable {
            case thinking, text
            case tool(ToolCallHead)
            case search(MessageSearch)

            var isThinking: Bool { if case .thinking = self { true } else { false } }
            var isText: Bool { if case .text = self { true } else { false } }
        }

        let kind: Kind
        /// Text, or arguments.
        var text: ByteBuffer
        var citations: [ReplyCitation] = []
    }

    static let takesOneBlockAtATime = true

    /// The message, once ``end(_:tape:)`` was called.
    var output = ByteBuffer()
    private let context: MessagesReplyContext
    private var id: [UInt8] = []
    private var blocks: [Block] = []
    /// Where each call stands among the blocks.
    private var callBlocks: [Int] = []
    private var hasSearch = false
    private var reason = FinishReason.stop
    private var stops: StopSequences
    /// Nothing more of the answer is taken: nothing was wanted, or a stop sequence has ended it.
    private var isOver: Bool

    init(context: MessagesReplyContext) {
        self.context = context
        stops = StopSequences(context.stopSequences)
        isOver = context.wantsNothing
    }

    /// `toolu_` and 24 characters.
    static func makeCallID(request: [UInt8], choice: Int, call: Int) -> [UInt8] {
        let number = Array(String(call).utf8)
        let digits = Array(repeating: UInt8(ascii: "0"), count: max(0, 4 - number.count)) + number
        let letters = request.filter { $0 != UInt8(ascii: "-") }
        let padding = Array(repeating: UInt8(ascii: "0"), count: 20)
        return Array("toolu_".utf8) + (letters + padding).prefix(20) + digits
    }

    // MARK: - Pieces

    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?) { self.id = Array(id) }

    mutating func open(choice: Int) {}

    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0, !isOver, !text.isEmpty else { return }
        flushText()
        if blocks.last?.kind.isThinking != true { blocks.append(Block(kind: .thinking, text: ByteBuffer())) }
        blocks[blocks.count - 1].text.append(bytes: text)
    }

    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        guard choice == 0, !isOver, !text.isEmpty else { return }
        guard !stops.isEmpty else { return add(text) }
        let passed = stops.take(text)
        if passed.readableBytes > 0 { passed.withUnsafeReadableBytes { add($0) } }
        isOver = stops.found != nil
    }

    private mutating func add(_ text: UnsafeRawBufferPointer) {
        if blocks.last?.kind.isText != true { blocks.append(Block(kind: .text, text: ByteBuffer())) }
        blocks[blocks.count - 1].text.append(bytes: text)
    }

    /// Text that was held because it might have been the beginning of a stop sequence.
    private mutating func flushText() {
        guard !stops.isEmpty else { return }
        let rest = stops.flush()
        if rest.readableBytes > 0 { rest.withUnsafeReadableBytes { add($0) } }
    }

    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0, !isOver else { return }
        flushText()
        callBlocks.append(blocks.count)
        blocks.append(Block(kind: .tool(call), text: ByteBuffer(bytes: arguments)))
    }

    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        guard choice == 0, !isOver, call < callBlocks.count else { return }
        blocks[callBlocks[call]].text.append(bytes: text)
    }

    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?) {
        guard let search, !hasSearch, !isOver,
            let found = MessageSearch(search, request: id, query: context.searchQuery)
        else { return }
        flushText()
        hasSearch = true
        blocks.append(Block(kind: .search(found), text: ByteBuffer()))
    }

    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {}
    mutating func research(_ report: ByteBuffer) {}

    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape) {
        guard choice == 0, hasSearch else { return }
        flushText()
        guard blocks.last?.kind.isText == true else { return }
        blocks[blocks.count - 1].citations = ReplyCitation.distinct(closing.citations)
    }

    mutating func finish(choice: Int, reason: FinishReason) {
        if choice == 0 { self.reason = reason }
    }

    // MARK: - The whole

    mutating func end(_ ending: ReplyEnding, tape: JSONTape) {
        flushText()
        output.reserveCapacity(blocks.reduce(768) { $0 + $1.text.readableBytes + 128 })
        output.append("{")
        context.writeHead(id: id, into: &output)
        output.append(",\"content\":[")
        for (position, block) in blocks.enumerated() {
            if position > 0 { output.append(",") }
            write(block, tape: tape)
        }
        output.append("],")
        context.writeStop(reason, sequence: stops.found, into: &output)
        output.append(",\"usage\":")
        MessageUsage(ending.usage, tape: tape).write(hasSearch: hasSearch, into: &output)
        if context.tellsExtras { ending.extras.write(into: &output) }
        output.append("}")
    }

    private mutating func write(_ block: Block, tape: JSONTape) {
        switch block.kind {
        case .thinking:
            output.append("{\"type\":\"thinking\",\"thinking\":\"")
            if !context.omitsThinking { output.writeImmutableBuffer(block.text) }
            output.append("\",\"signature\":\"")
            output.append(MessagesReplyContext.signature)
            output.append("\"}")
        case .text:
            output.append("{\"type\":\"text\",\"text\":\"")
            output.writeImmutableBuffer(block.text)
            output.append("\"")
            for (position, citation) in block.citations.enumerated() {
                output.append(position == 0 ? ",\"citations\":[" : ",")
                citation.writeLocation(into: &output)
            }
            output.append(block.citations.isEmpty ? "}" : "]}")
        case .tool(let call):
            output.append("{\"type\":\"tool_use\",\"id\":\"")
            output.append(bytes: call.id)
            output.append("\",\"name\":")
            context.writeToolName(call.name, into: &output)
            output.append(",\"input\":")
            writeInput(block.text, tape: tape)
            output.append("}")
        case .search(let search):
            search.writeUse(input: { search.writeInputObject(into: &$0) }, into: &output)
            output.append(",")
            search.writeResult(into: &output)
        }
    }

    /// Writes arguments, the inside of a JSON string, as the object they are the text of.
    ///
    /// Arguments that were cut off are kept as text in an object.
    private mutating func writeInput(_ arguments: ByteBuffer, tape: JSONTape) {
        guard arguments.readableBytes > 0 else { return output.append("{}") }
        var quoted = ByteBuffer()
        quoted.append("\"")
        quoted.writeImmutableBuffer(arguments)
        quoted.append("\"")
        let text = quoted.withUnsafeReadableBytes { (try? tape.parse($0))?.string } ?? ""
        let object = ByteBuffer(string: text)
        let isObject = object.withUnsafeReadableBytes { (try? tape.parse($0))?.kind == .object }
        if isObject {
            output.writeImmutableBuffer(object)
            return
        }
        output.append("{\"INVALID_JSON\":")
        output.writeImmutableBuffer(quoted)
        output.append("}")
    }
}
