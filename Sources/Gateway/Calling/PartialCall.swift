import APITranslation
import HTTPServing
import NIOCore
import Upstream
import WireFormats

/// One call to upstream of a request that makes several.
///
/// What its reply writes before the end, for a client of a stream, is handed on at the end of each read.
final class PartialCall: PartCall, UpstreamResponseReceiver {
    let index: Int
    let runner: CallRunner
    private let reply: any ReplyTranslating
    private let loop: LoopContext
    private weak var owner: (any PartCallOwner)?
    private var isOver = false
    /// What a client of a stream may see and was not handed on yet.
    private var written = ByteBuffer()
    /// What the last event of the present answer told of its end.
    private var outcome = ReplyOutcome.progress
    /// Every choice has ended; usage may follow.
    private var pendingEnd: Scheduled<Void>?
    private let grace: TimeAmount
    /// Events that told something.
    private(set) var events = 0

    init(
        _ index: Int,
        ticket: RequestTicket,
        caller: Caller,
        mayRepeat: Bool,
        reply: any ReplyTranslating,
        owner: any PartCallOwner
    ) {
        self.index = index
        self.reply = reply
        self.owner = owner
        loop = ticket.loop
        grace = ticket.settings.configuration.stream.finishGrace
        runner = CallRunner(ticket: ticket, caller: caller, mayRepeat: mayRepeat)
    }

    var facts: ReplyFacts { reply.facts }

    func start(_ call: NativeCall, isUrgent: Bool) {
        self.isUrgent = isUrgent
        runner.start(call, isUrgent: isUrgent, receiver: self)
    }

    private var isUrgent = false

    func cancel(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        forgetOutcome()
        runner.cancel()
        runner.end(reason)
    }

    func tick(now: NIODeadline) -> APIError? { isOver ? nil : runner.timeout(now: now) }

    // MARK: - Upstream

    func upstreamHead(_ head: UpstreamResponseHead) { runner.received(head) }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        if case .events = runner.answer {
            runner.decoder.append(bytes)
            receiveEvents()
        } else if !runner.collect(bytes) {
            fail(UpstreamError(.invalidResponse, detail: "answer too large"))
        }
    }

    private func receiveEvents() {
        do {
            while !isOver, let event = try runner.decoder.next() { receive(event) }
        } catch {
            fail(UpstreamError(.invalidResponse, detail: "event line longer than \(error.limit) bytes"))
        }
    }

    private func receive(_ event: ServerSentEvent) {
        take(
            event.data.withUnsafeReadableBytes {
                reply.receive($0, isError: event.isError, status: event.status, tape: loop.tape, into: &written)
            }
        )
    }

    private func take(_ outcome: ReplyOutcome) {
        if case .refused(let error) = outcome { return fail(error, detail: nil) }
        events += 1
        self.outcome = outcome
        runner.progressed()
    }

    func upstreamReadComplete() {
        guard !isOver else { return }
        handOn()
        guard case .events = runner.answer else { return }
        switch outcome {
        case .complete: endBeforeUpstream()
        case .choicesEnded where pendingEnd == nil:
            pendingEnd = loop.eventLoop.assumeIsolated().scheduleTask(in: grace) { [self] in endBeforeUpstream() }
        default: break
        }
    }

    /// All is said: nobody waits until upstream ends its answer, too.
    private func endBeforeUpstream() {
        guard !isOver, case .events = runner.answer else { return }
        runner.release()
        finish()
    }

    private func forgetOutcome() {
        outcome = .progress
        pendingEnd?.cancel()
        pendingEnd = nil
    }

    private func handOn() {
        guard written.readableBytes > 0 else { return }
        var bytes = ByteBuffer()
        swap(&bytes, &written)
        owner?.callWrote(index, bytes)
    }

    func upstreamEnded() {
        guard !isOver else { return }
        switch runner.answer {
        case .refusal(let head):
            let refusal = runner.refusal(head)
            return fail(refusal.error, detail: refusal.detail)
        case .none: return fail(UpstreamError(.invalidResponse, detail: "no head"))
        case .whole:
            take(
                runner.collected.withUnsafeReadableBytes {
                    reply.receive(whole: $0, tape: loop.tape, into: &written)
                }
            )
        case .events:
            if let rest = runner.decoder.finish() { receive(rest) }
        }
        guard !isOver, !isPending else { return }
        finish()
    }

    private func finish() {
        handOn()
        guard !isOver else { return }
        if let linked = reply as? any LinkedReply, !linked.links.isEmpty {
            end()
            owner?.callNamesFiles(index, reply: linked)
            return
        }
        var output = ByteBuffer()
        if let error = reply.finish(into: &output) { return fail(error, detail: nil) }
        end()
        owner?.callEnded(index, output: output)
    }

    private func end() {
        isOver = true
        forgetOutcome()
        runner.end(nil)
    }

    /// A refusal in the answer has led to another attempt, which has no answer yet.
    private var isPending: Bool {
        if case .none = runner.answer { return true }
        return false
    }

    func upstreamFailed(_ error: UpstreamError) { fail(error) }

    private func fail(_ error: UpstreamError) {
        fail(runner.error(of: error), detail: error.description)
    }

    func fail(_ error: APIError, detail: String?) {
        guard !isOver else { return }
        var error = error
        if error.requestID == nil { error.requestID = runner.requestID }
        let other = error.disposition.isWrongPath ? runner.operation?.other : nil
        error.disposition.isWrongPath = other != nil
        forgetOutcome()
        switch runner.failed(error, receiver: self) {
        case .retries: return
        case .otherPath:
            if let other, let call = owner?.call(index, on: other) { return start(call, isUrgent: isUrgent) }
            // The refusal stands.
            error.disposition.isWrongPath = false
            return fail(error, detail: detail)
        case .giveUp: break
        }
        // What came before counts.
        handOn()
        guard !isOver else { return }
        isOver = true
        runner.end(error.code ?? error.type)
        owner?.callFailed(index, error: error, detail: detail)
    }
}
