import ByteWriting
import JSONBytes
import NIOCore

/// Reads native events and tells a sink what is new in them.
///
/// Every difference between the native forms is settled here: both generation paths, text format, increments and
/// repetition, one choice per event or all of them, fragments of tool calls in whatever grouping. A whole reply is
/// read as a stream of one event, so that both ways lead to the same answer.
///
/// What OpenAI's objects have no place for is kept under its own name: members of a message or choice in its
/// closing chunk, members of `output` (`search_info`, `tool_info`, `model_name`, …) at the top of a chunk as soon
/// as they are known or change. SDKs concatenate what they find repeatedly in a delta, so nothing of the kind
/// stands there twice.
struct ChatReplyReader<Sink: ChatReplySink>: Sendable {
    /// The largest event that is put together from several `data:` lines.
    static var maximumHeldBytes: Int { 8 * 1024 * 1024 }
    static var maximumChoices: Int { 128 }

    let context: ChatReplyContext
    /// The one event is a complete reply.
    let isWhole: Bool
    var sink: Sink
    var choices: [ChoiceProgress] = []
    var hasBegun = false
    var outputExtras = ExtraMembers()
    var searchInfo = ExtraMembers()
    /// Used for texts in several parts.
    var scratch = ByteBuffer()
    private(set) var requestID: [UInt8] = []
    private(set) var finished: ChatReplyFacts?
    private var usage = ByteBuffer()
    private var countsUsagePerChoice = false
    private var held = ByteBuffer()
    /// Phase and status of a research model, as last passed on.
    var researchState: [UInt8] = []

    init(context: ChatReplyContext, isWhole: Bool, sink: Sink) {
        self.context = context
        self.isWhole = isWhole
        self.sink = sink
    }

    /// Reads one event.
    @inline(__always)
    mutating func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape
    ) -> ChatStreamOutcome {
        guard held.readableBytes == 0 else { return receiveMore(data, isError: isError, status: status, tape: tape) }
        do throws(JSONError) {
            let root = try tape.parse(data)
            return read(root, isError: isError, status: status)
        } catch {
            return hold(data, error, status: status)
        }
    }

    /// Reads a whole reply that is parsed already.
    mutating func receive(_ root: JSONValue) -> ChatStreamOutcome {
        read(root, isError: false, status: nil)
    }

    // MARK: - Events on several lines

    /// Keeps a line whose JSON is not complete; some deployments break an event into several lines.
    private mutating func hold(_ data: UnsafeRawBufferPointer, _ error: JSONError, status: Int?) -> ChatStreamOutcome {
        if data.isEmpty { return .progress }
        if data.elementsEqual("[DONE]".utf8) { return .ended }
        let mayContinue =
            error.code == .unexpectedEnd || (error.code == .loneSurrogate && error.offset + 8 >= data.count)
        guard !isWhole, mayContinue, data.count <= Self.maximumHeldBytes else {
            return .refused(ErrorTable.invalidResponse(requestID: requestIDText))
        }
        held.append(bytes: data)
        return .progress
    }

    private mutating func receiveMore(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape
    ) -> ChatStreamOutcome {
        guard held.readableBytes + data.count <= Self.maximumHeldBytes else {
            return .refused(ErrorTable.invalidResponse(requestID: requestIDText))
        }
        held.append(bytes: data)
        var whole = ByteBuffer()
        swap(&whole, &held)
        return whole.withUnsafeReadableBytes { receive($0, isError: isError, status: status, tape: tape) }
    }

    // MARK: - One event

    private mutating func read(_ root: JSONValue, isError: Bool, status: Int?) -> ChatStreamOutcome {
        var output: JSONValue?
        var usage: JSONValue?
        var requestID: JSONValue?
        var mayBeRefusal = isError || root.kind != .object
        for member in root.members {
            let name = member.name
            if name.equals("output") {
                output = member.value
            } else if name.equals("usage") {
                usage = member.value
            } else if name.equals("request_id") {
                requestID = member.value
            } else if name.equals("code") || name.equals("message") || name.equals("error") {
                mayBeRefusal = true
            }
        }
        if output?.kind != .object {
            output = nil
            mayBeRefusal = true
        }
        if mayBeRefusal, let error = refusal(root, output: output, usage: usage, isError: isError, status: status) {
            return .refused(error)
        }
        if !hasBegun { begin(requestID) }
        if self.requestID.isEmpty, let content = requestID?.escapedContent {
            UpstreamID.appendVisible(content, to: &self.requestID)
        }
        let single = output.map { readOutput($0) } ?? nil
        if let usage, usage.kind == .object, !usage.isEmptyContainer { keep(usage, of: single) }
        return .progress
    }

    /// Decides whether an event is a refusal: it says so, it has a code, or it has a message and no output.
    private func refusal(
        _ root: JSONValue,
        output: JSONValue?,
        usage: JSONValue?,
        isError: Bool,
        status: Int?
    ) -> APIError? {
        guard root.kind == .object else { return ErrorTable.invalidResponse(requestID: requestIDText) }
        let failed = (status ?? 0) >= 400 ? status : nil
        let refusal = UpstreamRefusal(root)
        let isRefusal =
            isError || !refusal.code.isEmpty
            || (output == nil && (!refusal.message.isEmpty || refusal.hasErrorObject || failed != nil))
        if isRefusal {
            return ErrorTable.map(
                status: failed,
                code: refusal.code,
                message: refusal.message,
                requestID: refusal.requestID ?? requestIDText
            )
        }
        // Nothing but usage is no progress and no fault in a stream.
        if output == nil, isWhole || usage == nil { return ErrorTable.invalidResponse(requestID: requestIDText) }
        return nil
    }

    private mutating func begin(_ requestID: JSONValue?) {
        hasBegun = true
        if let content = requestID?.escapedContent { UpstreamID.appendVisible(content, to: &self.requestID) }
        if !self.requestID.isEmpty {
            self.requestID.withUnsafeBytes { sink.begin(id: $0) }
        } else {
            // Without a request id all chunks still need the same one; the time is the last resort.
            var id = context.fallbackID.isEmpty ? String(context.created, radix: 16) : context.fallbackID
            id.withUTF8 { sink.begin(id: UnsafeRawBufferPointer($0)) }
        }
        choices.reserveCapacity(max(1, min(context.choices, Self.maximumChoices)))
    }

    /// Remembers usage as it came; it grows from event to event and the last one counts.
    ///
    /// With several choices an event of one choice counts that choice only.
    private mutating func keep(_ usage: JSONValue, of single: Int?) {
        if let single, context.choices > 1, !isWhole {
            countsUsagePerChoice = true
            choices[single].usage.clear()
            choices[single].usage.writeJSON(usage)
        } else {
            countsUsagePerChoice = false
        }
        self.usage.clear()
        self.usage.writeJSON(usage)
    }

    // MARK: - The end

    /// The stream is over.
    ///
    /// - Returns: An error where the answer is not complete. Nothing was written then.
    mutating func finish() -> APIError? {
        guard hasBegun, held.readableBytes == 0, choices.contains(where: { $0.finish != nil }),
            choices.allSatisfy({ $0.finish != nil })
        else { return ErrorTable.incomplete(requestID: requestIDText) }
        let tape = JSONTape()
        for index in choices.indices {
            endCalls(choice: index, tape: tape)
            let closing = closing(of: index, tape: tape)
            if !closing.isEmpty { sink.closing(closing, choice: index) }
        }
        for index in choices.indices {
            sink.finish(choice: index, reason: choices[index].reason(usesLegacyFunctions: context.usesLegacyFunctions))
        }
        var converted = ByteBuffer()
        let counts = UsageConverter(parts: usageParts).write(into: &converted, tape: tape)
        var extras = ByteBuffer()
        outputExtras.write(into: &extras)
        writeSearchInfo(into: &extras)
        sink.end(usage: counts == nil ? nil : converted, extras: extras)
        finished = makeFacts(usage: counts)
        return nil
    }

    /// What is known so far, or of the whole answer once it is complete.
    var facts: ChatReplyFacts {
        if let finished { return finished }
        var unused = ByteBuffer()
        return makeFacts(usage: UsageConverter(parts: usageParts).write(into: &unused, tape: JSONTape()))
    }

    private var usageParts: [ByteBuffer] {
        guard countsUsagePerChoice else { return usage.readableBytes == 0 ? [] : [usage] }
        return choices.map(\.usage).filter { $0.readableBytes > 0 }
    }

    var requestIDText: String? {
        requestID.isEmpty ? nil : String(decoding: requestID, as: UTF8.self)
    }

    private func makeFacts(usage: TokenUsage?) -> ChatReplyFacts {
        var reason: String?
        if let first = choices.first, first.finish != nil {
            reason = first.reason(usesLegacyFunctions: context.usesLegacyFunctions).word.description
        }
        return ChatReplyFacts(requestID: requestIDText, usage: usage, finishReason: reason)
    }
}
