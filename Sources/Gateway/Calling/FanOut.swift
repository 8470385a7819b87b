import APITranslation
import HTTPServing
import NIOCore
import Telemetry
import Upstream

/// Carries a request that makes one or several calls, whose answers are merged into one.
///
/// The calls run side by side, as many as the operator allows. Whole answers are put together in the order of the calls as
/// they come, so that no answer is kept twice; the chunks of a stream leave in the order in which they come. The first call
/// that fails ends the request, and the others are cancelled.
final class FanOut: RunningRequest, PartCallOwner {
    let ticket: RequestTicket
    let caller: Caller
    let wishes: RequestWishes
    private let translator: any SplitTranslating
    let exchange: HTTPExchange
    /// The tasks that the request continues, by call.
    private let tasks: [String?]
    /// The client's body, kept where a call may have to be made again for the other generation path.
    private var body: ByteBuffer?
    private(set) var request: SplitRequest?
    /// The same request for the other path.
    private var otherRequest: SplitRequest?
    /// Replies of calls under way whose answers may lead to another call.
    var steps: [Int: any FollowedReply] = [:]
    /// Calls that were made of the answers to others.
    var followed = 0
    /// Calls under way.
    var running: [any PartCall] = []
    /// The next call to start.
    private var next = 0
    /// Answers that wait for those before them.
    private var early: [Int: ByteBuffer] = [:]
    /// Answers that stand in the output.
    private var written = 0
    private var output = ByteBuffer()
    private(set) var requestID: String?
    var facts = RequestTicket.Facts()
    private(set) var isOver = false
    /// Media that are stored before the calls are sent.
    private var uploads: MediaUploads?
    /// The client's side of a stream.
    var machine: RelayStateMachine
    var isPaused = false
    var place: Int?

    private init(
        ticket: RequestTicket,
        caller: Caller,
        wishes: RequestWishes,
        tasks: [String?],
        translator: any SplitTranslating
    ) {
        self.ticket = ticket
        self.caller = caller
        self.wishes = wishes
        self.tasks = tasks
        self.translator = translator
        exchange = ticket.exchange
        machine = RelayStateMachine(keepAlive: ticket.settings.configuration.stream.keepAliveInterval)
    }

    /// Takes over an admitted request.
    static func begin(_ ticket: RequestTicket, caller: Caller, translator: any SplitTranslating) {
        do {
            let wishes = try RequestWishes(
                headers: ticket.exchange.head.headers,
                strict: ticket.settings.configuration.translation.strict
            )
            ticket.exchange.delegate = FanOut(
                ticket: ticket,
                caller: caller,
                wishes: wishes,
                tasks: try TaskHeader.read(ticket.exchange.head.headers),
                translator: translator
            )
        } catch {
            ticket.refuse(error)
        }
    }

    private var settings: LiveSettings { ticket.settings }

    private func start(_ body: ByteBuffer) throws(APIError) {
        var request = try translate(body, operation: nil)
        if let first = request.calls.first, first.operation.other != nil {
            self.body = body
            if let learned = ticket.core.paths.operation(for: first.upstreamModel), learned != first.operation {
                request = try translate(body, operation: learned)
            }
        }
        try TaskHeader.check(tasks, calls: request.calls)
        try hold(request)
        self.request = request
        facts.model = SecretFilter.recordable(request.model, caller, settings)
        facts.adjustments = request.adjustments
        facts.isStreamed = request.streamsToClient
        ticket.beginTrace(
            operation: translator.operationName,
            model: facts.model ?? "",
            isStreamed: request.streamsToClient
        )
        ticket.stepTranslated(facts, calls: request.calls.count)
        machine.callStarted(streamsToClient: request.streamsToClient, now: .now())
        request.reply.begin(requestID: String(ticket.requestID.dropFirst("req_".count)), into: &output)
        ticket.loop.add(self)
        guard let first = request.calls.first(where: { !$0.uploads.isEmpty }) else { return startCalls() }
        let uploads = MediaUploads(for: first.upstreamModel, ticket: ticket, caller: caller, owner: self)
        self.uploads = uploads
        do {
            try uploads.start(request.calls, body: body)
        } catch {
            fail(error)
        }
    }

    private func translate(_ body: ByteBuffer, operation: DashScopeOperation?) throws(APIError) -> SplitRequest {
        try ticket.loop.translating(body, for: exchange) { (tape) throws(APIError) -> SplitRequest in
            try translator.translate(
                body,
                tape: tape,
                strict: wishes.isStrict,
                created: Timestamp.unixSeconds,
                operation: operation
            )
        }
    }

    /// Writes the links of what was stored.
    private func complete(_ request: SplitRequest) {
        guard let uploads else { return }
        for index in request.calls.indices { uploads.complete(&request.calls[index]) }
    }

    private func hold(_ request: SplitRequest) throws(APIError) {
        guard exchange.hold(request.calls.reduce(0) { $0 + $1.body.readableBytes }) else {
            throw APIError(.tooMuchMemory)
        }
    }

    private func startCalls() {
        guard let request else { return }
        let limit = settings.configuration.upstream.parallelCalls
        while !isOver, running.count < limit, next < request.calls.count {
            let call = makeCall(next, of: request)
            running.append(call)
            if isPaused { call.runner.pauseReading(true) }
            let native = (otherRequest ?? request).calls[next]
            request.calls[next].body = ByteBuffer()
            next += 1
            call.start(native, isUrgent: request.streamsToClient)
        }
    }

    private func makeCall(_ index: Int, of request: SplitRequest) -> any PartCall {
        let reply = request.reply.makePart(index)
        steps[index] = reply as? any FollowedReply
        guard request.calls[index].operation.isAsynchronous else {
            return PartialCall(
                index,
                ticket: ticket,
                caller: caller,
                mayRepeat: !wishes.isRepeated,
                reply: reply,
                owner: self
            )
        }
        return TaskCall(
            index,
            ticket: ticket,
            caller: caller,
            mayRepeat: !wishes.isRepeated,
            id: index < tasks.count ? tasks[index] : nil,
            awaitsEnd: request.awaitsTasks,
            reply: reply,
            owner: self
        )
    }

    // MARK: - Calls

    func callNamesFiles(_ index: Int, reply: any LinkedReply) {
        guard !isOver, let place = running.firstIndex(where: { $0.index == index }) else { return }
        let collection = LinkCollection(of: running[place], reply: reply, ticket: ticket, owner: self)
        running[place] = collection
        collection.start()
    }

    func callEnded(_ index: Int, output part: ByteBuffer) {
        guard !isOver, let request else { return }
        settle(index)
        if let next = steps.removeValue(forKey: index)?.following() { return follow(index, next) }
        if request.streamsToClient {
            writeChunks(part)
            written += 1
            guard written == request.calls.count else { return startCalls() }
            return endStream()
        }
        guard exchange.hold(part.readableBytes) else { return fail(APIError(.tooMuchMemory)) }
        early[index] = part
        while let part = early.removeValue(forKey: written) {
            if written > 0 { output.writeInteger(UInt8(ascii: ",")) }
            if written == 0, request.calls.count > 1 {
                // The parts are of about one size: the room is taken once.
                output.reserveCapacity(minimumWritableBytes: part.readableBytes * request.calls.count + 256)
            }
            output.writeImmutableBuffer(part)
            written += 1
        }
        guard written == request.calls.count else { return startCalls() }
        isOver = true
        let contentType = request.reply.contentType
        request.reply.end(requestID: requestID ?? ticket.requestID, into: &output)
        facts.firstByte = .now()
        let attempts = attempts
        leave()
        ticket.send(output, contentType: contentType, requestID: requestID) { lines in
            ResponseHeaders.write(facts.adjustments, into: &lines)
            ResponseHeaders.write(attempts: attempts, into: &lines)
        }
        ticket.complete(facts)
    }

    /// Calls beyond one for each part, and one.
    var attempts: Int {
        let known = facts.calls.attempts + running.reduce(0) { $0 + $1.runner.facts.attempts }
        return known - next - followed + 1
    }

    func call(_ index: Int, on operation: DashScopeOperation) -> NativeCall? {
        // A call that was made of an answer has one path.
        guard followed == 0 else { return nil }
        if otherRequest == nil, let body, let other = try? translate(body, operation: operation) {
            guard (try? hold(other)) != nil else { return nil }
            complete(other)
            otherRequest = other
        }
        guard let call = otherRequest?.calls[index], call.operation == operation else { return nil }
        return call
    }

    private func endStream() {
        guard let request else { return }
        var last = ByteBuffer()
        request.reply.end(requestID: requestID ?? ticket.requestID, into: &last)
        writeChunks(last)
        guard machine.finish() else { return }
        isOver = true
        leave()
        exchange.finish()
        ticket.complete(facts)
    }

    func callFailed(_ index: Int, error: APIError, detail: String?) {
        guard !isOver, let request else { return }
        settle(index)
        var error = error
        error.param = request.reply.member(of: error)
        error.code = request.reply.code(of: error)
        if request.calls.count > 1 { error.message = "\(request.reply.place(ofPart: index)): \(error.message)" }
        fail(error, detail: detail)
    }

    /// Takes a call that has ended out of those under way.
    private func settle(_ index: Int) {
        guard let place = running.firstIndex(where: { $0.index == index }) else { return }
        let call = running.remove(at: place)
        note(call)
        facts.note(call)
        facts.calls.add(call.runner.facts)
    }

    private func note(_ call: any PartCall) {
        requestID = requestID ?? call.facts.requestID.flatMap(UpstreamID.visible) ?? call.runner.requestID
    }

    func fail(_ error: APIError, detail: String? = nil) {
        guard !isOver else { return }
        isOver = true
        cancelCalls("canceled")
        let filter = SecretFilter(caller, settings)
        facts.detail = detail.map { filter.clean($0) }
        let error = filter.clean(error)
        facts.error = error
        if machine.failed() == .writeErrorEvent {
            var last = exchange.makeChunk(capacity: 256)
            request?.reply.fail(error, into: &last.bytes)
            exchange.write(last)
            leave()
            exchange.finish()
            ticket.complete(facts)
        } else {
            leave()
            ticket.refuse(error, adjustments: facts.adjustments, facts: facts)
        }
    }

    private func cancelCalls(_ reason: String) {
        for call in running {
            note(call)
            facts.cancel(call, reason)
        }
        running = []
    }

    private func leave() {
        ticket.loop.remove(self)
        uploads?.cancel()
        uploads = nil
        early = [:]
        steps = [:]
        request = nil
        otherRequest = nil
        body = nil
        facts.upstreamRequestID =
            facts.error == nil ? requestID : requestID.map { SecretFilter(caller, settings).clean($0) }
    }

    func abandon(status: Int) {
        guard !isOver else { return }
        isOver = true
        _ = machine.finish()
        facts.calls.mayHaveRun = !running.isEmpty
        cancelCalls("client_left")
        facts.status = status
        leave()
        ticket.complete(facts)
    }

    // MARK: - Time

    func tick(now: NIODeadline) {
        uploads?.tick(now: now)
        // A copy: a call that fails ends the others.
        for call in running {
            guard let error = call.tick(now: now) else { continue }
            guard isPaused else {
                call.fail(error, detail: nil)
                continue
            }
            // A client that reads nothing cannot be told anything either.
            abandon(status: 499)
            return exchange.abort()
        }
        if !isOver { keepAlive(now: now) }
    }

    func endForShutdown() {
        facts.calls.mayHaveRun = true
        fail(.shuttingDown)
    }
}

// MARK: - Media

extension FanOut: MediaUploadsOwner {
    func mediaStored() {
        guard !isOver, let request else { return }
        complete(request)
        startCalls()
    }

    func mediaFailed(_ error: APIError, detail: String?) { fail(error, detail: detail) }
}

// MARK: - Client

extension FanOut: HTTPExchangeDelegate {
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        do {
            try start(body)
        } catch {
            isOver = true
            ticket.refuse(error)
        }
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        isOver = true
        ticket.refuse(APIError(reason))
    }

    func clientLeft(_ exchange: HTTPExchange) { abandon(status: 499) }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) { pause(!isWritable) }
}
