import APITranslation
import JSONBytes
import NIOCore
import Telemetry
import Upstream

/// A call whose result is made by an asynchronous task of DashScope's: submitted, asked for until it has ended, and
/// cancelled where nobody waits for it any more.
///
/// Knows nothing of what the task makes.
final class TaskCall: PartCall {
    let index: Int
    let runner: CallRunner
    private let ticket: RequestTicket
    private let caller: Caller
    private let reply: any ReplyTranslating
    private weak var owner: (any PartCallOwner)?
    private var machine: TaskStateMachine
    /// Whether the task is waited for; otherwise what upstream says of it first is the answer.
    private let awaitsEnd: Bool
    private var id: String?
    /// Whether the caller named the task, which may be one of another kind.
    private let isContinued: Bool
    private var query: TaskQuery?
    private var isOver = false
    /// Given up before upstream had named the task: it is cancelled as soon as that is known, or forgotten then.
    private var abandonment: NIODeadline?
    var place: Int?

    private static let patience = TimeAmount.seconds(30)

    /// A call that continues a task where `id` is given.
    init(
        _ index: Int,
        ticket: RequestTicket,
        caller: Caller,
        mayRepeat: Bool,
        id: String?,
        awaitsEnd: Bool = true,
        reply: any ReplyTranslating,
        owner: any PartCallOwner
    ) {
        self.index = index
        self.ticket = ticket
        self.caller = caller
        self.reply = reply
        self.owner = owner
        self.id = id
        isContinued = id != nil
        self.awaitsEnd = awaitsEnd
        runner = CallRunner(ticket: ticket, caller: caller, mayRepeat: mayRepeat)
        machine = TaskStateMachine(limits: ticket.settings.taskLimits, now: .now())
    }

    var facts: ReplyFacts { reply.facts }
    private var loop: LoopContext { ticket.loop }

    /// A task has no events.
    var events: Int { 0 }

    func start(_ call: NativeCall, isUrgent: Bool) {
        guard let id else { return runner.start(call, isUrgent: isUrgent, receiver: self) }
        ticket.note(task: id, at: index)
        // It has run for a while: what it does is asked as soon as there is a turn.
        let now = NIODeadline.now()
        machine.submitted(now: now, random: 0)
        reserve(now: now)
    }

    /// Takes a turn for a query, and asks when it comes: the loop's ticks would send several together.
    private func reserve(now: NIODeadline) {
        let perSecond = ticket.settings.configuration.tasks.pollsPerSecond
        let wait = ticket.core.pollPacer.reserve(now: now, perSecond: perSecond).wait
        machine.reserved(after: wait, now: now)
        guard wait > .zero else { return poll() }
        loop.eventLoop.assumeIsolated().scheduleTask(in: wait) { [weak self] in self?.doWhatIsDue(now: .now()) }
    }

    // MARK: - Time

    func tick(now: NIODeadline) -> APIError? {
        doWhatIsDue(now: now)
        return nil
    }

    private func doWhatIsDue(now: NIODeadline) {
        if let abandonment { return tickAbandoned(now: now, since: abandonment) }
        guard !isOver else { return }
        if id == nil, let error = runner.timeout(now: now) { return fail(error.ofSubmission) }
        switch machine.due(now: now) {
        case .wait: return
        case .reserve: reserve(now: now)
        case .poll: poll()
        case .giveUpPoll:
            query?.cancel()
            pollFailed(.taskTimeout)
        case .timeOut: timeOut()
        }
    }

    /// With `wait` upstream wants to be left alone for longer than the task may take.
    private func timeOut(wait: TimeAmount? = nil) {
        runner.facts.mayHaveRun = true
        let seconds = ticket.settings.taskLimits.total.nanoseconds / 1_000_000_000
        var error = APIError(
            status: 504,
            message: "The task did not end within \(seconds) seconds.",
            type: "timeout_error",
            code: "timeout",
            origin: .gateway,
            shouldRetry: false
        )
        if let id {
            let reason =
                wait.map {
                    "DashScope wants not to be asked for the task \(id) for \($0.seconds) seconds (retry-after), which is longer "
                        + "than it may take (tasks.timeout: \(seconds) seconds)."
                } ?? "The task \(id) did not end within \(seconds) seconds."
            error.message =
                reason + " It was told to stop, which helps only while it waits for its turn. " + hint(id)
            error.retryAfter = wait?.seconds
        }
        giveUp()
        fail(error)
    }

    /// How a client comes to the result of a task that it did not wait for.
    private func hint(_ id: String) -> String {
        "DashScope keeps the result for 24 hours: send the same request with the header \(TaskHeader.name): \(id), or ask "
            + "DashScope with GET /api/v1/tasks/\(id)."
    }

    // MARK: - Asking

    private func poll() {
        guard let id else { return }
        machine.pollStarted(now: .now())
        query = TaskQuery(
            ticket.core.upstreamHeads.request(.query, task: id, caller: caller, lines: ticket.upstreamLines),
            pool: loop.pool,
            maximumBytes: ticket.settings.configuration.upstream.maximumReplyBytes
        ) { [weak self] in self?.polled($0) }
    }

    private func polled(_ outcome: TaskQuery.Outcome) {
        guard !isOver else { return }
        query = nil
        switch outcome {
        case .failed(let failure):
            pollFailed(runner.error(of: failure), wait: failure.retryAfter, detail: failure.description)
        case .answer(let head, let body):
            let requestID = head.first("x-request-id").flatMap(UpstreamID.visible)
            loop.pool.hostAnswered()
            let task = head.status == 200 ? read(body) : nil
            guard let task else {
                let error = body.withUnsafeReadableBytes {
                    ErrorTable.map(status: head.status, body: $0, requestIDHeader: requestID, tape: loop.tape)
                }
                return pollFailed(
                    head.status == 200 ? ErrorTable.invalidResponse(requestID: requestID) : error,
                    wait: RetryAfter.read(head, now: Timestamp.unixSeconds).map(TimeAmount.init)
                )
            }
            take(task, body)
        }
    }

    private func read(_ body: ByteBuffer) -> TaskReply? {
        body.withUnsafeReadableBytes { bytes in (try? loop.tape.parse(bytes)).flatMap { TaskReply($0) } }
    }

    private func pollFailed(_ error: APIError, wait: TimeAmount? = nil, detail: String? = nil) {
        ticket.step("task not asked for", error, caller)
        if let wait, !machine.hasTime(for: wait, now: .now()) { return timeOut(wait: wait) }
        guard let id, !machine.pollFailed(wait: wait, now: .now(), random: UInt64.random(in: .min ... .max)) else {
            return
        }
        var error = error
        error.message =
            "The task \(id) could not be asked for \(machine.errors) times in a row; the last time: \(error.message) "
            + hint(id)
        // To make a new task would be charged again.
        error.shouldRetry = false
        fail(error, detail: detail)
    }

    /// What upstream says of the task.
    private func take(_ task: TaskReply, _ body: ByteBuffer) {
        ticket.step("task asked for", ["status": "\(task.status)"])
        if !awaitsEnd, task.status != .unknown { return finish(body) }
        if task.status == .failed, let reading = reply as? any TaskFailureReading, reading.reads(failure: task.code) {
            return finish(body)
        }
        if let error = task.error { return fail(error) }
        guard task.status == .succeeded else {
            return machine.polled(now: .now(), random: UInt64.random(in: .min ... .max))
        }
        finish(body)
    }

    private func finish(_ body: ByteBuffer) {
        var output = ByteBuffer()
        let outcome = body.withUnsafeReadableBytes { reply.receive(whole: $0, tape: loop.tape, into: &output) }
        if case .refused(let error) = outcome { return fail(unreadable(error)) }
        if let linked = reply as? any LinkedReply, !linked.links.isEmpty {
            end()
            owner?.callNamesFiles(index, reply: linked)
            return
        }
        if let error = reply.finish(into: &output) { return fail(unreadable(error)) }
        end()
        owner?.callEnded(index, output: output)
    }

    /// The error of a result that the reply could not use.
    private func unreadable(_ error: APIError) -> APIError {
        guard let id else { return error.ofSubmission }
        let isForeign = error.code == "upstream_invalid_response" || error.code == "upstream_incomplete"
        guard isContinued, isForeign, error.upstreamCode == nil else { return error }
        return .otherTask(id, param: TaskHeader.name, requestID: error.requestID)
    }

    // MARK: - Ending

    private func end(_ reason: String? = nil) {
        isOver = true
        if let turn = machine.turn { ticket.core.pollPacer.giveBack(turn) }
        machine.end()
        query = nil
        runner.end(reason)
    }

    func fail(_ error: APIError, detail: String? = nil) {
        guard !isOver else { return }
        var error = error
        if error.requestID == nil { error.requestID = runner.requestID }
        if id == nil, abandonment == nil { runner.cancel() }
        end(error.code ?? error.type)
        owner?.callFailed(index, error: error, detail: detail)
    }

    func cancel(_ reason: String) {
        guard !isOver else { return }
        giveUp()
        end(reason)
    }

    /// Nobody waits for the task any more.
    private func giveUp() {
        query?.cancel()
        if id != nil {
            cancelTask()
        } else if runner.facts.attempts > 0 {
            // The call is on its way, and the task will run: its name is needed to stop it.
            abandonment = .now() + Self.patience
            loop.add(self)
        }
    }

    private func cancelTask() {
        guard let id else { return }
        ticket.step("task cancelled")
        TaskCancellation.send(
            ticket.core.upstreamHeads.request(.cancel, task: id, caller: caller, lines: ticket.upstreamLines),
            on: loop
        )
    }
}

// MARK: - A call that was given up before its task had a name

extension TaskCall: RunningRequest {
    func tick(now: NIODeadline) { doWhatIsDue(now: now) }

    private func tickAbandoned(now: NIODeadline, since deadline: NIODeadline) {
        guard now >= deadline else { return }
        runner.cancel()
        forget()
    }

    private func forget() {
        abandonment = nil
        loop.remove(self)
    }

    func endForShutdown() {
        guard abandonment != nil else { return }
        runner.cancel()
        forget()
    }
}

// MARK: - Submitting

extension TaskCall: UpstreamResponseReceiver {
    func upstreamHead(_ head: UpstreamResponseHead) { runner.received(head) }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !runner.collect(bytes) else { return }
        upstreamFailed(UpstreamError(.invalidResponse, detail: "answer too large"))
    }

    func upstreamReadComplete() {}

    func upstreamEnded() {
        let task = read(runner.collected)
        if abandonment != nil {
            forget()
            id = task?.id
            return cancelTask()
        }
        guard !isOver else { return }
        switch runner.answer {
        case .refusal(let head):
            let refusal = runner.refusal(head)
            submissionFailed(refusal.error, detail: refusal.detail)
        case .none:
            submissionFailed(runner.error(of: UpstreamError(.invalidResponse, detail: "no head")))
        case .whole, .events:
            runner.progressed()
            runner.end(nil)
            // Some services have been seen to answer with the result itself.
            guard let task else { return finish(runner.collected) }
            id = task.id
            ticket.note(task: task.id, at: index)
            ticket.step("task submitted", ["status": "\(task.status)"])
            guard awaitsEnd else { return finish(runner.collected) }
            machine.submitted(now: .now(), random: UInt64.random(in: .min ... .max))
            if task.status != .pending, task.status != .running { take(task, runner.collected) }
        }
    }

    func upstreamFailed(_ failure: UpstreamError) {
        if abandonment != nil { return forget() }
        guard !isOver else { return }
        submissionFailed(runner.error(of: failure), detail: failure.description)
    }

    /// What was refused, or never arrived, is sent again where that is allowed.
    private func submissionFailed(_ error: APIError, detail: String? = nil) {
        // There is one path for a task.
        var error = error
        error.disposition.isWrongPath = false
        guard case .giveUp = runner.failed(error, receiver: self) else { return }
        fail(error.ofSubmission, detail: detail)
    }
}

extension TimeAmount {
    /// Whole seconds, the begun one counted.
    fileprivate var seconds: Int { Int((nanoseconds + 999_999_999) / 1_000_000_000) }
}

extension APIError {
    /// The error of a call that makes a task: where its outcome is not known, the same call could be charged again.
    fileprivate var ofSubmission: APIError {
        guard status >= 500, disposition.retry == .never, shouldRetry == nil else { return self }
        var error = self
        error.shouldRetry = false
        error.message = error.message.replacing("; try again.", with: ".")
        error.message += " The task may have been made all the same, and be charged."
        return error
    }
}
