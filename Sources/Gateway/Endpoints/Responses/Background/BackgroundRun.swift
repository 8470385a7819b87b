import APITranslation
import AdmissionControl
import ByteWriting
import HTTPServing
import JSONBytes
import NIOCore
import Storage
import Telemetry
import Upstream

/// Makes a response that no client waits for: the call, its events for whoever follows, and the end that is stored.
///
/// Belongs to the loop of the request that began it, and holds that request's ticket: its permits come back, and it is
/// recorded, when the response has ended.
final class BackgroundRun: RunningRequest {
    /// How long a response may be silent in the store before it counts as lost.
    private static let lease = 60
    /// How often a busy store is asked again, after 1, 2, 4, … seconds.
    private static let mostRepeats = 5

    private let ticket: RequestTicket
    private let caller: Caller
    private let isStrict: Bool
    private let isRepeated: Bool
    private let isStreamed: Bool
    private let context: StoredContext
    private let store: ResponseStore
    private let owner: UInt64
    private let id: String
    private let limits: GatewayConfiguration.Background

    private var body: ByteBuffer
    private var translator: ResponsesTurnTranslator?
    private var reply: (any BackgroundReplying)?
    private var log: BackgroundLog?
    private var call: PartialCall?
    /// Media that are stored before the call is sent, and the call that waits for them.
    private var uploads: MediaUploads?
    private var waiting: NativeCall?
    private var heldBytes = 0
    private var hasStarted = false
    private var isOver = false
    private var finished: FinishedResponse?
    private var leaseEnds = 0
    private var facts = RequestTicket.Facts()
    private let stored: EventLoopPromise<Void>
    var place: Int?

    private init(
        _ ticket: RequestTicket,
        _ caller: Caller,
        _ wishes: RequestWishes,
        _ body: ByteBuffer,
        _ context: StoredContext,
        _ store: ResponseStore,
        _ owner: UInt64,
        isStreamed: Bool
    ) {
        self.ticket = ticket
        self.caller = caller
        isStrict = wishes.isStrict
        isRepeated = wishes.isRepeated
        self.body = body
        self.context = context
        self.store = store
        self.owner = owner
        self.isStreamed = isStreamed
        id = String(ticket.requestID.dropFirst("req_".count))
        limits = ticket.settings.configuration.background
        stored = ticket.loop.eventLoop.makePromise()
    }

    private var background: BackgroundResponses { ticket.core.background }

    /// Begins a response and answers with its beginning, or with what it may not begin for.
    ///
    /// `isOpen` tells whether the client is still there when the beginning is stored.
    static func begin(
        _ ticket: RequestTicket,
        caller: Caller,
        body: ByteBuffer,
        context: StoredContext,
        isStreamed: Bool,
        isOpen: @escaping () -> Bool
    ) {
        do throws(APIError) {
            guard let store = ticket.core.store, let owner = ticket.callerID?.value else {
                throw .invalidRequest(
                    "Invalid value for 'background': the operator keeps no responses, so nobody could ask for it later.",
                    param: "background",
                    code: "unsupported_parameter"
                )
            }
            let wishes = try RequestWishes(
                headers: ticket.exchange.head.headers,
                strict: ticket.settings.configuration.translation.strict
            )
            // Before there is a run: one that may not begin has nothing to let go of.
            try ticket.core.background.enter(owner: owner, limits: ticket.settings.configuration.background)
            let run = BackgroundRun(ticket, caller, wishes, body, context, store, owner, isStreamed: isStreamed)
            do throws(APIError) {
                try run.prepare(isOpen)
            } catch {
                run.giveUp()
                throw error
            }
        } catch {
            ticket.refuse(error)
        }
    }

    // MARK: - Beginning

    private func prepare(_ isOpen: @escaping () -> Bool) throws(APIError) {
        let eventLoop = ticket.loop.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        var turn = ResponsesTurn()
        turn.id = id
        turn.canStore = true
        turn.history = context.items.count
        turn.clock = { Timestamp.unixSeconds }
        turn.seal = ticket.core.sealing.seal(of: owner)
        turn.ended = { bound.value.finished = $0 }
        translator = ResponsesTurnTranslator(ticket.settings.responsesTranslator, turn)
        let call = try translate(nil)
        guard hold(call.body.readableBytes + body.readableBytes) else { throw APIError(.tooMuchMemory) }
        call.context.fallbackID = ticket.requestID
        guard let reply = call.context.makeReply(isStreamed: true) as? any BackgroundReplying else {
            throw .shuttingDown
        }
        self.reply = reply
        facts.model = SecretFilter.recordable(call.context.model, caller, ticket.settings)
        facts.adjustments = call.adjustments
        facts.isStreamed = isStreamed
        let log = BackgroundLog(id: "resp_" + id, owner: owner, document: reply.document(.queued)) {
            eventLoop.flatSubmit {
                bound.value.cancel()
                return bound.value.stored.futureResult
            }
        }
        self.log = log
        write { reply.queue(into: &$0) }
        let beginning = StoredObject(
            id: log.id,
            owner: owner,
            previous: context.previous,
            document: reply.document(.inProgress),
            runsUntil: extendedLease()
        )
        let put = store.objects.put(beginning, provesOwner: false, on: eventLoop)
        put.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success: start(call, isOpen)
            case .failure(let error):
                giveUp()
                StoredResponseEndpoints.refuse(ticket, error)
            }
        }
    }

    private func start(_ call: ChatCall, _ isOpen: () -> Bool) {
        guard let log else { return }
        guard isOpen() else {
            // Its client will never know the id.
            _ = store.objects.remove(log.id, owner: owner, on: ticket.loop.eventLoop)
            return giveUp()
        }
        background.add(log)
        ticket.beginTrace(operation: "chat", model: facts.model ?? "", isStreamed: isStreamed)
        ticket.loop.add(self)
        if call.native.uploads.isEmpty { begin(call.native) }
        answer(log)
        if !call.native.uploads.isEmpty { upload(call.native) }
    }

    /// Nothing has begun.
    private func giveUp() {
        isOver = true
        background.release(heldBytes)
        background.leave("resp_" + id, owner: owner)
        letGo()
        stored.succeed()
    }

    /// What holds it is not needed any more.
    private func letGo() {
        body = ByteBuffer()
        translator = nil
        reply = nil
        call = nil
        uploads?.cancel()
        uploads = nil
        waiting = nil
        log = nil
    }

    private func answer(_ log: BackgroundLog) {
        func writeAdjustments(into lines: inout ByteWriter) { ResponseHeaders.write(facts.adjustments, into: &lines) }
        guard isStreamed else { return ticket.send(log.document) { writeAdjustments(into: &$0) } }
        let headers = ticket.makeHeaders(contentType: "text/event-stream; charset=utf-8", requestID: nil) { lines in
            lines.append("Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n")
            writeAdjustments(into: &lines)
        }
        EventFollower.begin(ticket, log, after: -1, headers: headers) { _ in }
    }

    private func translate(_ operation: DashScopeOperation?) throws(APIError) -> ChatCall {
        guard let translator else { throw .shuttingDown }
        let call = try ticket.loop.translating(body, for: ticket.exchange) { (tape) throws(APIError) -> ChatCall in
            try translator.translate(
                body,
                tape: tape,
                strict: isStrict,
                created: Timestamp.unixSeconds,
                operation: operation,
                outputLimit: nil
            )
        }
        guard operation == nil, let learned = ticket.core.paths.operation(for: call.upstreamModel),
            learned != call.operation
        else { return call }
        return try translate(learned)
    }

    private func upload(_ native: NativeCall) {
        let uploads = MediaUploads(for: native.upstreamModel, ticket: ticket, caller: caller, owner: self)
        self.uploads = uploads
        waiting = native
        do {
            try uploads.start([native], body: body)
        } catch {
            fail(error)
        }
    }

    private func begin(_ native: NativeCall) {
        guard let reply else { return }
        let call = PartialCall(
            0,
            ticket: ticket,
            caller: caller,
            mayRepeat: !isRepeated,
            reply: reply,
            owner: self
        )
        self.call = call
        call.start(native, isUrgent: false)
    }

    // MARK: - Events

    private func hold(_ bytes: Int) -> Bool {
        guard background.hold(bytes, limits: limits) else { return false }
        heldBytes += bytes
        return true
    }

    private func write(_ events: (inout ByteBuffer) -> Void) {
        var output = ByteBuffer()
        events(&output)
        append(output)
    }

    private func append(_ events: ByteBuffer) {
        guard let log, events.readableBytes > 0 else { return }
        if log.events != nil, !hold(events.readableBytes) {
            // The response goes on without: it can still be asked for.
            let lost = log.lose()
            heldBytes -= lost
            background.release(lost)
        }
        log.append(events)
    }

    // MARK: - Ending

    private func cancel() {
        guard !isOver, let reply else { return }
        call?.cancel("canceled")
        facts.calls.mayHaveRun = true
        write { reply.cancel(into: &$0) }
        end()
    }

    private func fail(_ error: APIError, detail: String? = nil) {
        guard !isOver, let reply else { return }
        call?.cancel(error.code ?? error.type)
        let filter = SecretFilter(caller, ticket.settings)
        let error = filter.clean(error)
        facts.error = error
        facts.detail = detail.map { filter.clean($0) }
        write { reply.fail(error, into: &$0) }
        end()
    }

    /// Everything is said: stores it, and lets go of the request.
    private func end() {
        guard !isOver, let log else { return }
        isOver = true
        ticket.loop.remove(self)
        if let call {
            facts.usage = call.facts.usage
            facts.upstreamRequestID = facts.error == nil ? call.runner.requestID : nil
            facts.calls.add(call.runner.facts)
        }
        if let finished {
            log.become(finished.response)
            let object = StoredObject(
                id: log.id,
                owner: owner,
                previous: context.previous,
                document: finished.response,
                input: .init(json: finished.input, count: finished.inputCount),
                output: .init(json: finished.items, count: finished.itemCount),
                events: isStreamed ? log.events : nil
            )
            store(object, finished, conversation: finished.hasAnswer ? context.conversation : nil)
        } else {
            leave(log.id)
        }
        log.end()
        letGo()
        ticket.complete(facts)
    }

    /// Keeps the response, whose client has no other way to it: again where the store is busy, for as long as the
    /// response would count as running; as a failed one where it cannot be kept.
    private func store(_ object: StoredObject, _ finished: FinishedResponse, conversation: String?, attempt: Int = 0) {
        let eventLoop = ticket.loop.eventLoop
        let put = store.keep(object, provesOwner: finished.hasAnswer, conversation: nil, on: eventLoop)
        put.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success:
                if let conversation { store.append(object, to: conversation, on: eventLoop) }
                leave(object.id)
            case .failure(StoreError.timeout) where attempt < Self.mostRepeats:
                eventLoop.assumeIsolated().scheduleTask(in: .seconds(1 << attempt)) { [self] in
                    store(object, finished, conversation: conversation, attempt: attempt + 1)
                }
            case .failure(let error):
                let reason = "The answer could not be stored. " + APIError(store: error).message
                let document = StoredResponse.failed(object.document, reason, tape: ticket.loop.tape)
                let failed = StoredObject(id: object.id, owner: owner, previous: object.previous, document: document)
                store.keep(failed, provesOwner: finished.hasAnswer, conversation: nil, on: eventLoop)
                    .assumeIsolated().whenComplete { [self] _ in leave(object.id) }
            }
        }
    }

    private func leave(_ id: String) {
        background.release(heldBytes)
        background.leave(id, owner: owner)
        stored.succeed()
    }

    // MARK: - Time

    private func extendedLease() -> Int {
        leaseEnds = Timestamp.unixSeconds + Self.lease
        return leaseEnds
    }

    func tick(now: NIODeadline) {
        uploads?.tick(now: now)
        if let call, let error = call.tick(now: now) { call.fail(error, detail: nil) }
        guard !isOver, let log, leaseEnds - Timestamp.unixSeconds < Self.lease * 2 / 3 else { return }
        store.objects.extend(log.id, owner: owner, until: extendedLease(), on: ticket.loop.eventLoop)
            .whenFailure { [store, id] in store.report($0, doing: "extend", request: id) }
    }

    func endForShutdown() {
        facts.calls.mayHaveRun = true
        fail(.shuttingDown)
    }
}

extension BackgroundRun: PartCallOwner {
    func callWrote(_ index: Int, _ output: ByteBuffer) {
        if !hasStarted, let reply {
            hasStarted = true
            log?.become(reply.document(.inProgress))
        }
        append(output)
    }

    func callEnded(_ index: Int, output: ByteBuffer) {
        append(output)
        end()
    }

    func callFailed(_ index: Int, error: APIError, detail: String?) {
        var error = error
        if let translator { error.param = error.param.map(translator.name) }
        fail(error, detail: detail)
    }

    func call(_ index: Int, on operation: DashScopeOperation) -> NativeCall? {
        guard var native = try? translate(operation).native else { return nil }
        uploads?.complete(&native)
        return native
    }

    // No answer of a conversation names files.
    func callNamesFiles(_ index: Int, reply: any LinkedReply) {}
}

extension BackgroundRun: MediaUploadsOwner {
    func mediaStored() {
        guard !isOver, var native = waiting else { return }
        waiting = nil
        uploads?.complete(&native)
        begin(native)
    }

    func mediaFailed(_ error: APIError, detail: String?) { fail(error, detail: detail) }
}
