import ByteWriting
import JSONBytes
import NIOCore

/// Writes an answer as the events of the Responses API: items one after the other, each added, filled and done.
///
/// Texts that are the same in all deltas of an item are prepared when it begins, so that the usual event is a few
/// copies of bytes. The text of the answer is kept, because the last event repeats all of it.
struct ResponseStreamWriter: StreamWriter {
    private enum Item: Equatable {
        case none, reasoning, message
        case call(Int)
    }

    static let takesOneBlockAtATime = true

    /// Events that have not been taken yet.
    var output = ByteBuffer()
    private let context: ResponsesReplyContext
    private var hasStarted = false
    private var id: [UInt8] = []
    /// The number of the next event.
    private var sequence = 0

    /// The open item.
    private var item = Item.none
    private var itemID: [UInt8] = []
    private var call: ToolCallHead?
    private var part = ResponseText()
    /// An event of the open item, up to the opening quote of its delta, and what stands behind the closing one.
    private var deltaHead: [UInt8] = []
    private var deltaTail: [UInt8] = []

    /// Items that are done, separated by commas.
    private var items = ByteBuffer()
    private var itemCount = 0
    private var hasSearch = false
    /// The sources of a search that was told while an item was open.
    private var waitingSources: ByteBuffer?
    private var reason = FinishReason.stop

    init(context: ResponsesReplyContext) { self.context = context }

    // MARK: - The response

    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?) {
        guard !hasStarted else { return }
        hasStarted = true
        self.id = context.identifier(id)
        for type in ["response.created", "response.in_progress"] as [StaticString] {
            beginEvent(type)
            output.append(",\"response\":")
            context.writeResponse(id: self.id, .inProgress, into: &output)
            output.append("}\n\n")
        }
    }

    mutating func open(choice: Int) {}

    mutating func finish(choice: Int, reason: FinishReason) {
        if choice == 0 { self.reason = reason }
    }

    mutating func end(_ ending: ReplyEnding, tape: JSONTape) {
        let status = ResponsesReplyContext.status(of: reason)
        close(status)
        finishStream(status, usage: ending.usage, extras: ending.extras)
    }

    mutating func keepAlive() { output.append(": keep-alive\n\n") }

    mutating func fail(_ error: APIError) {
        if !hasStarted {
            var fallback = context.fallbackID
            fallback.withUTF8 { begin(id: UnsafeRawBufferPointer($0), usage: nil) }
        }
        // The text so far is in the response, although its item did not end.
        if item != .none { keepItem(.incomplete) }
        finishStream(.failed, error: error)
    }

    private mutating func finishStream(
        _ status: ResponseStatus,
        error: APIError? = nil,
        usage: NativeUsage? = nil,
        extras: ExtraMembers? = nil
    ) {
        switch status {
        case .failed: beginEvent("response.failed")
        case .incomplete: beginEvent("response.incomplete")
        case .completed, .inProgress: beginEvent("response.completed")
        }
        output.append(",\"response\":")
        let start = output.writerIndex
        context.writeResponse(
            id: id,
            status,
            reason: reason,
            error: error,
            items: items,
            usage: usage,
            extras: extras,
            into: &output
        )
        if let ended = context.ended,
            let response = output.getSlice(at: start, length: output.writerIndex - start)
        {
            ended(
                FinishedResponse(
                    response: response,
                    items: items,
                    itemCount: itemCount,
                    input: context.storedInput,
                    inputCount: context.storedInputCount,
                    hasAnswer: status != .failed
                )
            )
        }
        output.append("}\n\n")
    }

    // MARK: - Events

    /// Writes the beginning of an event, up to its own members.
    private mutating func beginEvent(_ type: StaticString) {
        Self.beginEvent(type, into: &output)
        output.append(",\"sequence_number\":")
        output.append(number: sequence)
        sequence += 1
    }

    private static func beginEvent(_ type: StaticString, into output: inout ByteBuffer) {
        output.append("event: ")
        output.append(type)
        output.append("\ndata: {\"type\":\"")
        output.append(type)
        output.append("\"")
    }

    private func writePlace(_ inner: StaticString?, into output: inout ByteBuffer) {
        output.append(",\"item_id\":\"")
        output.append(bytes: itemID)
        output.append("\",\"output_index\":")
        output.append(number: itemCount)
        guard let inner else { return }
        output.append(",\"")
        output.append(inner)
        output.append("\":0")
    }

    /// Writes the beginning of an event about the open item.
    private mutating func beginItemEvent(_ type: StaticString, _ inner: StaticString? = nil) {
        beginEvent(type)
        writePlace(inner, into: &output)
    }

    private mutating func prepareDeltas(_ type: StaticString, _ inner: StaticString?, tail: StaticString) {
        var head = ByteBuffer()
        Self.beginEvent(type, into: &head)
        writePlace(inner, into: &head)
        head.append(",\"delta\":\"")
        deltaHead = Array(head.readableBytesView)
        deltaTail = Array(UnsafeBufferPointer(start: tail.utf8Start, count: tail.utf8CodeUnitCount))
    }

    /// Writes a delta; the tail stands between its text and its number.
    @inline(__always)
    private mutating func delta(_ text: UnsafeRawBufferPointer) {
        output.write(deltaHead, text, deltaTail)
        endDelta()
    }

    private mutating func endDelta() {
        output.append(number: sequence)
        output.append("}\n\n")
        sequence += 1
    }

    // MARK: - Items

    /// Writes that an item begins; `write` appends the item as it is then.
    private mutating func add(_ prefix: StaticString, _ write: ([UInt8], inout ByteBuffer) -> Void) {
        itemID = ResponsesReplyContext.itemID(prefix, of: id, at: itemCount)
        beginEvent("response.output_item.added")
        output.append(",\"output_index\":")
        output.append(number: itemCount)
        output.append(",\"item\":")
        write(itemID, &output)
        output.append("}\n\n")
    }

    /// Adds the open item as it stands to the response's output.
    ///
    /// - Returns: Where it begins among them.
    @discardableResult
    private mutating func keepItem(_ status: ResponseStatus) -> Int {
        if items.readableBytes > 0 { items.append(",") }
        let start = items.writerIndex
        switch item {
        case .reasoning: context.writeReasoning(itemID, status, part.text, into: &items)
        case .message: context.writeMessage(itemID, status, part, into: &items)
        case .call: if let call { context.writeCall(itemID, status, call, part.text, into: &items) }
        case .none: break
        }
        itemCount += 1
        item = .none
        return start
    }

    /// Writes what ends the open item.
    private mutating func close(_ status: ResponseStatus = .completed) {
        switch item {
        case .none: return flushSearch()
        case .reasoning:
            beginItemEvent("response.reasoning_summary_text.done", "summary_index")
            writeText("text")
            beginItemEvent("response.reasoning_summary_part.done", "summary_index")
            output.append(",\"part\":")
            context.writeSummary(part.text, into: &output)
            output.append("}\n\n")
        case .message:
            beginItemEvent("response.output_text.done", "content_index")
            output.append(",\"text\":\"")
            output.writeImmutableBuffer(part.text)
            output.append("\",\"logprobs\":[")
            output.writeImmutableBuffer(part.logprobs)
            output.append("]}\n\n")
            beginItemEvent("response.content_part.done", "content_index")
            output.append(",\"part\":")
            part.write(into: &output)
            output.append("}\n\n")
        case .call:
            let isCustom = call?.isCustom == true
            beginItemEvent(
                isCustom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done"
            )
            if !isCustom, let call { context.writeToolName(call.name, withNamespace: false, into: &output) }
            writeText(isCustom ? "input" : "arguments")
        }
        done { $0.keepItem(status) }
        flushSearch()
    }

    private mutating func writeText(_ name: StaticString) {
        output.append(",\"")
        output.append(name)
        output.append("\":\"")
        output.writeImmutableBuffer(part.text)
        output.append("\"}\n\n")
    }

    /// Writes that an item is done; `keep` adds it to the output and tells where it begins there.
    private mutating func done(_ keep: (inout Self) -> Int) {
        beginEvent("response.output_item.done")
        output.append(",\"output_index\":")
        output.append(number: itemCount)
        let start = keep(&self)
        output.append(",\"item\":")
        if let kept = items.getSlice(at: start, length: items.writerIndex - start) {
            output.writeImmutableBuffer(kept)
        }
        output.append("}\n\n")
    }

    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0, !text.isEmpty else { return }
        if item != .reasoning {
            close()
            let context = context
            add("rs_") { context.writeReasoning($0, .inProgress, nil, into: &$1) }
            item = .reasoning
            part = ResponseText()
            beginItemEvent("response.reasoning_summary_part.added", "summary_index")
            output.append(",\"part\":{\"type\":\"summary_text\",\"text\":\"\"}}\n\n")
            prepareDeltas(
                "response.reasoning_summary_text.delta",
                "summary_index",
                tail: "\",\"sequence_number\":"
            )
        }
        part.text.append(bytes: text)
        delta(text)
    }

    @inline(__always)
    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        guard choice == 0, !text.isEmpty || logprobs != nil else { return }
        if item != .message { openMessage() }
        part.append(text, logprobs)
        guard let logprobs else { return delta(text) }
        output.append(bytes: deltaHead)
        output.append(bytes: text)
        output.append("\",\"logprobs\":[")
        logprobs.write(into: &output)
        output.append("],\"sequence_number\":")
        endDelta()
    }

    private mutating func openMessage() {
        close()
        let context = context
        add("msg_") { context.writeMessage($0, .inProgress, nil, into: &$1) }
        item = .message
        part = ResponseText()
        beginItemEvent("response.content_part.added", "content_index")
        output.append(",\"part\":{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[],\"logprobs\":[]}}\n\n")
        prepareDeltas(
            "response.output_text.delta",
            "content_index",
            tail: "\",\"logprobs\":[],\"sequence_number\":"
        )
    }

    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0 else { return }
        close()
        let context = context
        add(call.isCustom ? "ctc_" : "fc_") { context.writeCall($0, .inProgress, call, ByteBuffer(), into: &$1) }
        item = .call(call.index)
        self.call = call
        part = ResponseText()
        prepareDeltas(
            call.isCustom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta",
            nil,
            tail: "\",\"sequence_number\":"
        )
        self.arguments(arguments, call: call.index, choice: choice)
    }

    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        guard choice == 0, item == .call(call), !text.isEmpty else { return }
        part.text.append(bytes: text)
        delta(text)
    }

    // MARK: - Search and citations

    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?) {
        guard let search, !hasSearch, let sources = ResponsesReplyContext.sources(search) else { return }
        hasSearch = true
        waitingSources = sources
        if item == .none || item == .reasoning { close() }
    }

    private mutating func flushSearch() {
        guard let sources = waitingSources.take() else { return }
        let context = context
        add("ws_") { context.writeSearch($0, .inProgress, sources: ByteBuffer(), into: &$1) }
        let steps: [StaticString] = [
            "response.web_search_call.in_progress", "response.web_search_call.searching",
            "response.web_search_call.completed",
        ]
        for step in steps {
            beginItemEvent(step)
            output.append("}\n\n")
        }
        done { writer in
            if writer.items.readableBytes > 0 { writer.items.append(",") }
            let start = writer.items.writerIndex
            context.writeSearch(writer.itemID, .completed, sources: sources, into: &writer.items)
            writer.itemCount += 1
            return start
        }
    }

    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape) {
        guard choice == 0, item == .message else { return }
        for (index, citation) in closing.citations.enumerated() {
            if index > 0 { part.annotations.append(",") }
            citation.writeAnnotation(into: &part.annotations)
            beginItemEvent("response.output_text.annotation.added", "content_index")
            output.append(",\"annotation_index\":")
            output.append(number: index)
            output.append(",\"annotation\":")
            citation.writeAnnotation(into: &output)
            output.append("}\n\n")
        }
    }

    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {}
    mutating func research(_ report: ByteBuffer) {}
}
