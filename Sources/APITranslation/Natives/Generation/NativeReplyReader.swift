import ByteWriting
import JSONBytes
import NIOCore

/// Reads native events and tells a sink what is new in them.
///
/// Every difference between the native forms is settled here: both generation paths, text format, increments and
/// repetition, one choice per event or all of them, fragments of tool calls in whatever grouping. A whole reply is
/// read as a stream of one event, so that both ways lead to the same answer.
///
/// Members for which no face has a place keep their own names: those of a message or choice are told once, when it
/// ends, members of `output` (`search_info`, `tool_info`, `model_name`, …) as soon as they are known or change.
struct NativeReplyReader<Sink: ReplySink>: Sendable {
    /// The largest event that is put together from several `data:` lines.
    static var maximumHeldBytes: Int { 8 * 1024 * 1024 }
    static var maximumChoices: Int { 128 }
    /// How often the sources of a search are told before the end; each time all of them are written.
    static var maximumSearchReports: Int { 8 }

    let context: NativeReplyContext
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
    private(set) var finished: ReplyFacts?
    private var usage = ByteBuffer()
    private var countsUsagePerChoice = false
    private var held = ByteBuffer()
    private var heldCompleteness = JSONCompleteness()
    private var holdsError = false
    /// Choices that have a finish reason.
    var endedChoices = 0
    /// Usage stood in the event that ended the last choice, or came later.
    private var hasFinalUsage = false
    var searchReports = 0
    var hasTooManyCalls = false
    /// Names of the custom tools, as they stand in JSON.
    let customTools: Set<[UInt8]>
    /// The node of a workflow that speaks, as last told.
    var nodeState: [UInt8] = []
    /// Phase and status of a research model, as last passed on.
    var researchState: [UInt8] = []

    init(context: NativeReplyContext, isWhole: Bool, sink: Sink) {
        self.context = context
        self.isWhole = isWhole
        self.sink = sink
        customTools = Set(context.customTools.map { Array($0.utf8) })
    }

    /// Reads one event.
    @inline(__always)
    mutating func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape
    ) -> ReplyOutcome {
        guard held.readableBytes == 0 else { return receiveMore(data, isError: isError, status: status, tape: tape) }
        do throws(JSONError) {
            let root = try tape.parse(data)
            return read(root, isError: isError, status: status)
        } catch {
            return receive(data, refused: error, isError: isError, status: status, tape: tape)
        }
    }

    /// Reads a whole reply that is parsed already.
    mutating func receive(_ root: JSONValue) -> ReplyOutcome {
        read(root, isError: false, status: nil)
    }

    // MARK: - Events on several lines

    /// Looks again at a line that is no JSON.
    ///
    /// A line that is not complete is kept, because some deployments break an event into several lines; half a
    /// surrogate pair is mended, because the answer is paid for.
    private mutating func receive(
        _ data: UnsafeRawBufferPointer,
        refused error: JSONError,
        isError: Bool,
        status: Int?,
        tape: JSONTape
    ) -> ReplyOutcome {
        if data.isEmpty { return outcome }
        if data.elementsEqual("[DONE]".utf8) { return .complete }
        var completeness = JSONCompleteness()
        completeness.read(data)
        let isComplete = completeness.isComplete
        if isComplete, JSONRepair.canMend(error) {
            let mended = JSONRepair.mended(data)
            return mended.withUnsafeReadableBytes { bytes in
                guard let root = try? tape.parse(bytes) else { return .refused(unreadable) }
                return read(root, isError: isError, status: status)
            }
        }
        let mayContinue = error.code == .unexpectedEnd || JSONRepair.canMend(error)
        guard !isComplete, mayContinue, data.count <= Self.maximumHeldBytes else { return .refused(unreadable) }
        held.append(bytes: data)
        heldCompleteness = completeness
        holdsError = isError
        return .progress
    }

    private var unreadable: APIError { ErrorTable.invalidResponse(requestID: requestIDText) }

    private mutating func receiveMore(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape
    ) -> ReplyOutcome {
        if isError, !holdsError {
            // Upstream broke off and says why.
            held.clear()
            return receive(data, isError: isError, status: status, tape: tape)
        }
        guard held.readableBytes + data.count <= Self.maximumHeldBytes else { return .refused(unreadable) }
        held.append(bytes: data)
        heldCompleteness.read(data)
        guard heldCompleteness.isComplete else { return .progress }
        var whole = ByteBuffer()
        swap(&whole, &held)
        return whole.withUnsafeReadableBytes { receive($0, isError: isError, status: status, tape: tape) }
    }

    // MARK: - One event

    private mutating func read(_ root: JSONValue, isError: Bool, status: Int?) -> ReplyOutcome {
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
        if mayBeRefusal, let error = refusal(root, output: output, isError: isError, status: status) {
            return .refused(error)
        }
        let givesUsage = usage.map { $0.kind == .object && !$0.isEmptyContainer } ?? false
        // Nothing to read.
        if output == nil, !givesUsage { return outcome }
        if !hasBegun { begin(requestID, usage: givesUsage ? usage : nil) }
        if self.requestID.isEmpty, let content = requestID?.escapedContent {
            UpstreamID.appendVisible(content, to: &self.requestID)
        }
        let single = output.map { readOutput($0) } ?? nil
        if givesUsage, let usage { keep(usage, of: single) }
        if hasTooManyCalls { return .refused(unreadable) }
        if givesUsage, hasEnded { hasFinalUsage = true }
        return outcome
    }

    /// Whether every choice that was asked for has ended.
    private var hasEnded: Bool {
        endedChoices > 0 && endedChoices == choices.count && endedChoices >= context.choices
    }

    /// The outcome of the events so far.
    private var outcome: ReplyOutcome {
        guard hasEnded else { return .progress }
        return hasFinalUsage ? .complete : .choicesEnded
    }

    /// Decides whether an event is a refusal: it says so, it has a code, or it has a message and no output.
    private func refusal(_ root: JSONValue, output: JSONValue?, isError: Bool, status: Int?) -> APIError? {
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
        // An event of a stream need not say anything; an answer must.
        return output == nil && isWhole ? unreadable : nil
    }

    private mutating func begin(_ requestID: JSONValue?, usage: JSONValue?) {
        hasBegun = true
        if let content = requestID?.escapedContent { UpstreamID.appendVisible(content, to: &self.requestID) }
        if !self.requestID.isEmpty {
            self.requestID.withUnsafeBytes { sink.begin(id: $0, usage: usage) }
        } else {
            // Without a request id all chunks still need the same one; the time is the last resort.
            var id = context.fallbackID.isEmpty ? String(context.created, radix: 16) : context.fallbackID
            id.withUTF8 { sink.begin(id: UnsafeRawBufferPointer($0), usage: usage) }
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
        if searchReports > Self.maximumSearchReports { sink.extra(ExtraMembers(), search: searchInfo) }
        for index in choices.indices {
            endCalls(choice: index, tape: tape)
            let closing = closing(of: index, tape: tape)
            if !closing.isEmpty { sink.closing(closing, choice: index, tape: tape) }
        }
        for index in choices.indices { sink.finish(choice: index, reason: choices[index].reason) }
        let usage = NativeUsage(parts: usageParts, tape: tape)
        sink.end(ReplyEnding(usage: usage, extras: outputExtras, search: searchInfo), tape: tape)
        finished = ReplyFacts(requestID: requestIDText, usage: usage?.counts)
        return nil
    }

    /// The facts of the answer so far; of the whole answer once it is complete.
    var facts: ReplyFacts {
        if let finished { return finished }
        return ReplyFacts(
            requestID: requestIDText,
            usage: NativeUsage(parts: usageParts, tape: JSONTape())?.counts
        )
    }

    private var usageParts: [ByteBuffer] {
        guard countsUsagePerChoice else { return usage.readableBytes == 0 ? [] : [usage] }
        return choices.map(\.usage).filter { $0.readableBytes > 0 }
    }

    var requestIDText: String? {
        requestID.isEmpty ? nil : String(decoding: requestID, as: UTF8.self)
    }
}
