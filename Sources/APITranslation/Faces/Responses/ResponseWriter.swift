import ByteWriting
import JSONBytes
import NIOCore

/// Folds an answer into one response object.
struct ResponseWriter: WholeWriter {
    private enum Item: Sendable {
        case reasoning(ByteBuffer)
        case message(ResponseText)
        case call(ToolCallHead, ByteBuffer)
        case search(ByteBuffer)

        /// About how long its text becomes.
        var size: Int {
            switch self {
            case .reasoning(let text), .call(_, let text), .search(let text): text.readableBytes + 256
            case .message(let part):
                part.text.readableBytes + part.annotations.readableBytes + part.logprobs.readableBytes + 256
            }
        }
    }

    static let takesOneBlockAtATime = true

    /// The response, once ``end(_:tape:)`` was called.
    var output = ByteBuffer()
    private let context: ResponsesReplyContext
    private var id: [UInt8] = []
    private var items: [Item] = []
    /// Where each call stands among the items.
    private var callItems: [Int] = []
    private var hasSearch = false
    private var waitingSources: ByteBuffer?
    private var reason = FinishReason.stop

    init(context: ResponsesReplyContext) { self.context = context }

    // MARK: - Pieces

    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?) { self.id = context.identifier(id) }

    mutating func open(choice: Int) {}

    private mutating func append(_ item: Item) {
        if let sources = waitingSources.take() { items.append(.search(sources)) }
        items.append(item)
    }

    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0, !text.isEmpty else { return }
        if case .reasoning(var before)? = items.last {
            items[items.count - 1] = .search(ByteBuffer())
            before.append(bytes: text)
            items[items.count - 1] = .reasoning(before)
        } else {
            append(.reasoning(ByteBuffer(bytes: text)))
        }
    }

    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        guard choice == 0, !text.isEmpty || logprobs != nil else { return }
        if case .message(var before)? = items.last {
            // The buffer must have one owner to grow in place.
            items[items.count - 1] = .search(ByteBuffer())
            before.append(text, logprobs)
            items[items.count - 1] = .message(before)
        } else {
            var part = ResponseText()
            part.append(text, logprobs)
            append(.message(part))
        }
    }

    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0 else { return }
        append(.call(call, ByteBuffer(bytes: arguments)))
        callItems.append(items.count - 1)
    }

    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        guard choice == 0, call < callItems.count, case .call(let head, var before) = items[callItems[call]] else {
            return
        }
        items[callItems[call]] = .search(ByteBuffer())
        before.append(bytes: text)
        items[callItems[call]] = .call(head, before)
    }

    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?) {
        guard let search, !hasSearch, let sources = ResponsesReplyContext.sources(search) else { return }
        hasSearch = true
        switch items.last {
        case nil, .reasoning: items.append(.search(sources))
        default: waitingSources = sources
        }
    }

    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape) {
        guard choice == 0, !closing.citations.isEmpty, case .message(var part)? = items.last else { return }
        for (index, citation) in closing.citations.enumerated() {
            if index > 0 { part.annotations.append(",") }
            citation.writeAnnotation(into: &part.annotations)
        }
        items[items.count - 1] = .message(part)
    }

    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {}
    mutating func research(_ report: ByteBuffer) {}

    mutating func finish(choice: Int, reason: FinishReason) {
        if choice == 0 { self.reason = reason }
    }

    // MARK: - The whole

    mutating func end(_ ending: ReplyEnding, tape: JSONTape) {
        if context.compacts { return writeCompaction(ending) }
        let status = ResponsesReplyContext.status(of: reason)
        var written = ByteBuffer()
        let last = items.count - 1
        if let sources = waitingSources.take() { items.append(.search(sources)) }
        // Buffers of this size are not moved while they grow.
        written.reserveCapacity(items.reduce(0) { $0 + $1.size })
        for (index, item) in items.enumerated() {
            if index > 0 { written.append(",") }
            write(item, at: index, index == last ? status : .completed, into: &written)
        }
        output.reserveCapacity(512 + written.readableBytes + context.echo.readableBytes)
        let place = context.writeResponse(
            id: id,
            status,
            reason: reason,
            items: written,
            usage: ending.usage,
            extras: ending.extras,
            into: &output
        )
        context.ended?(
            FinishedResponse(
                response: output,
                items: output.getSlice(at: place, length: written.readableBytes) ?? written,
                itemCount: items.count,
                input: context.storedInput,
                inputCount: context.storedInputCount,
                hasAnswer: true
            )
        )
    }

    private mutating func writeCompaction(_ ending: ReplyEnding) {
        var text = ByteBuffer()
        for case .message(let part) in items { text.writeImmutableBuffer(part.text) }
        context.writeCompaction(id: id, text, usage: ending.usage, into: &output)
    }

    private func write(_ item: Item, at index: Int, _ status: ResponseStatus, into output: inout ByteBuffer) {
        func itemID(_ prefix: StaticString) -> [UInt8] {
            ResponsesReplyContext.itemID(prefix, of: id, at: index)
        }
        switch item {
        case .reasoning(let text): context.writeReasoning(itemID("rs_"), status, text, into: &output)
        case .message(let part): context.writeMessage(itemID("msg_"), status, part, into: &output)
        case .call(let call, let arguments):
            context.writeCall(itemID(call.isCustom ? "ctc_" : "fc_"), status, call, arguments, into: &output)
        case .search(let sources): context.writeSearch(itemID("ws_"), .completed, sources: sources, into: &output)
        }
    }
}
