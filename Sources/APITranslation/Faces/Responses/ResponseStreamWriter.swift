import ByteWriting
import JSONBytes
import NIOCore

/// Writes an answer as the events of the Responses API: items one after the other, each added, filled and done.
///
/// Texts that are the same in all deltas of an item are prepared when it begins, so that the usual event is a few
/// copies of bytes. The text of the answer is kept, because the last event repeats all of it.
struct ResponseStreamWriter: StreamWriter {
    enum Item: Equatable {
        case none, reasoning, message
        case call(Int)
    }

    static let takesOneBlockAtATime = true

    /// Events that have not been taken yet.
    var output = ByteBuffer()
    let context: ResponsesReplyContext
    private var hasStarted = false
    /// Whether the response has begun before upstream did.
    private var isQueued = false
    var id: [UInt8] = []
    /// The number of the next event.
    var sequence = 0

    /// The open item.
    var item = Item.none
    var itemID: [UInt8] = []
    var call: ToolCallHead?
    var part = ResponseText()
    /// An event of the open item, up to the opening quote of its delta, and what stands behind the closing one.
    var deltaHead: [UInt8] = []
    var deltaTail: [UInt8] = []

    /// Items that are done, separated by commas.
    var items = ByteBuffer()
    var itemCount = 0
    var hasSearch = false
    /// The sources of a search that was told while an item was open.
    var waitingSources: ByteBuffer?
    private var reason = FinishReason.stop

    init(context: ResponsesReplyContext) { self.context = context }

    // MARK: - The response

    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?) {
        guard !hasStarted else { return }
        hasStarted = true
        self.id = context.identifier(id)
        if !isQueued { writeState("response.created", .inProgress) }
        writeState("response.in_progress", .inProgress)
    }

    /// Begins before upstream has been asked.
    mutating func queue() {
        isQueued = true
        id = Array(context.id.utf8)
        writeState("response.created", .queued)
        writeState("response.queued", .queued)
    }

    private mutating func writeState(_ type: StaticString, _ status: ResponseStatus) {
        beginEvent(type)
        output.append(",\"response\":")
        context.writeResponse(id: id, status, into: &output)
        output.append("}\n\n")
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
        if !hasStarted, !isQueued {
            var fallback = context.fallbackID
            fallback.withUTF8 { begin(id: UnsafeRawBufferPointer($0), usage: nil) }
        }
        // The text so far is in the response, although its item did not end.
        if item != .none { keepItem(.incomplete) }
        finishStream(.failed, error: error)
    }

    /// Ends a response that its owner does not want any more.
    mutating func cancel() {
        if item != .none { keepItem(.incomplete) }
        finishStream(.cancelled)
    }

    private mutating func finishStream(
        _ status: ResponseStatus,
        error: APIError? = nil,
        usage: NativeUsage? = nil,
        extras: ExtraMembers? = nil
    ) {
        switch status {
        case .failed: beginEvent("response.failed")
        // There is no event for a response that was cancelled: it is one without its end.
        case .incomplete, .cancelled: beginEvent("response.incomplete")
        case .completed, .inProgress, .queued: beginEvent("response.completed")
        }
        output.append(",\"response\":")
        let start = output.writerIndex
        let place = context.writeResponse(
            id: id,
            status,
            reason: reason,
            error: error,
            items: items,
            usage: usage,
            extras: extras,
            into: &output
        )
        let length = output.writerIndex - start
        output.append("}\n\n")
        guard let ended = context.ended, let response = output.getSlice(at: start, length: length) else { return }
        ended(
            FinishedResponse(
                response: response,
                items: output.getSlice(at: place, length: items.readableBytes) ?? items,
                itemCount: itemCount,
                input: context.storedInput,
                inputCount: context.storedInputCount,
                hasAnswer: status == .completed || status == .incomplete
            )
        )
    }

    // MARK: - Events

    /// Writes the beginning of an event, up to its own members.
    mutating func beginEvent(_ type: StaticString) {
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

    /// Takes no `self`: a copy of it would hold the output, which would then be copied for each event.
    private static func writePlace(
        _ inner: StaticString?,
        _ itemID: [UInt8],
        _ itemCount: Int,
        into output: inout ByteBuffer
    ) {
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
    mutating func beginItemEvent(_ type: StaticString, _ inner: StaticString? = nil) {
        beginEvent(type)
        Self.writePlace(inner, itemID, itemCount, into: &output)
    }

    mutating func prepareDeltas(_ type: StaticString, _ inner: StaticString?, tail: StaticString) {
        var head = ByteBuffer()
        Self.beginEvent(type, into: &head)
        Self.writePlace(inner, itemID, itemCount, into: &head)
        head.append(",\"delta\":\"")
        deltaHead = Array(head.readableBytesView)
        deltaTail = Array(UnsafeBufferPointer(start: tail.utf8Start, count: tail.utf8CodeUnitCount))
    }

    /// Writes a delta; the tail stands between its text and its number.
    @inline(__always)
    mutating func delta(_ text: UnsafeRawBufferPointer) {
        output.write(deltaHead, text, deltaTail)
        endDelta()
    }

    mutating func endDelta() {
        output.append(number: sequence)
        output.append("}\n\n")
        sequence += 1
    }
}
