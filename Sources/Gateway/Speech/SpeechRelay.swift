import APITranslation
import HTTPServing
import NIOCore
import Upstream

/// Carries a request for speech: the calls for the parts of its text run one after the other, and audio leaves as it comes.
///
/// The head of the answer is held back until the first audio is there, so that a refusal keeps its status. What fails later
/// is an event in a stream of events; in audio it cuts the connection, because a file that ends early would look complete.
final class SpeechRelay: RunningRequest, PartCallOwner {
    let ticket: RequestTicket
    private let caller: Caller
    private let wishes: RequestWishes
    private let exchange: HTTPExchange
    private var request: SpeechRequest?
    private var reply: SpeechReply?
    /// The call under way, and what reads its answer.
    private var call: (any PartCall)?
    private var part: SpeechPart?
    /// The next call to start.
    private var next = 0
    /// A file that says how long it is, until it is complete; nil where audio leaves as it comes.
    private var file: ByteBuffer?
    private var requestID: String?
    private var facts = RequestTicket.Facts()
    private var isOver = false
    private var machine = RelayStateMachine(keepAlive: .zero)
    private var isPaused = false
    var place: Int?

    private init(ticket: RequestTicket, caller: Caller, wishes: RequestWishes) {
        self.ticket = ticket
        self.caller = caller
        self.wishes = wishes
        exchange = ticket.exchange
    }

    /// Takes over an admitted request.
    static func begin(_ ticket: RequestTicket, caller: Caller) {
        do {
            let wishes = try RequestWishes(
                headers: ticket.exchange.head.headers,
                strict: ticket.settings.configuration.translation.strict
            )
            ticket.exchange.delegate = SpeechRelay(ticket: ticket, caller: caller, wishes: wishes)
        } catch {
            ticket.refuse(error)
        }
    }

    private func start(_ body: ByteBuffer) throws(APIError) {
        let translator = ticket.settings.speechTranslator
        let request = try ticket.loop.translating(body, for: exchange) { (tape) throws(APIError) -> SpeechRequest in
            try translator.translate(body, tape: tape, strict: wishes.isStrict)
        }
        guard exchange.hold(request.calls.reduce(0) { $0 + $1.bytes }) else {
            throw APIError(.tooMuchMemory)
        }
        self.request = request
        let reply = request.makeReply()
        self.reply = reply
        if reply.hasLength, !ticket.settings.configuration.speech.streamWAV { file = ByteBuffer() }
        facts.model = SecretFilter.recordable(request.model, caller, ticket.settings)
        facts.adjustments = request.adjustments
        facts.isStreamed = file == nil
        ticket.beginTrace(operation: translator.operationName, model: facts.model ?? "", isStreamed: facts.isStreamed)
        ticket.stepTranslated(facts, calls: request.calls.count)
        // Audio has no place for a sign of life.
        let keepAlive = ticket.settings.configuration.stream.keepAliveInterval
        machine = RelayStateMachine(keepAlive: request.streamsEvents ? keepAlive : .zero)
        machine.callStarted(streamsToClient: file == nil, now: .now())
        ticket.loop.add(self)
        startNext()
    }

    private func startNext() {
        guard let request, !isOver else { return }
        let part = request.makePart()
        let native = request.calls[next]
        let call = makeCall(next, part, isSession: native.operation.isSession)
        self.part = part
        self.call = call
        if isPaused { call.runner.pauseReading(true) }
        request.calls[next].body = ByteBuffer()
        request.calls[next].texts = []
        next += 1
        call.start(native, isUrgent: true)
    }

    private func makeCall(_ index: Int, _ part: SpeechPart, isSession: Bool) -> any PartCall {
        let mayRepeat = !wishes.isRepeated
        guard isSession else {
            return PartialCall(index, ticket: ticket, caller: caller, mayRepeat: mayRepeat, reply: part, owner: self)
        }
        return SpeechSession(index, ticket: ticket, caller: caller, mayRepeat: mayRepeat, reply: part, owner: self)
    }

    // MARK: - Calls

    func callWrote(_ index: Int, _ bytes: ByteBuffer) { deliver(bytes) }

    func callNamesFiles(_ index: Int, reply: any LinkedReply) {
        guard !isOver, let call else { return }
        let collection = LinkCollection(of: call, reply: reply, ticket: ticket, owner: self)
        self.call = collection
        collection.start()
    }

    /// A model that speaks has one path.
    func call(_ index: Int, on operation: DashScopeOperation) -> NativeCall? { nil }

    func callEnded(_ index: Int, output: ByteBuffer) {
        deliver(output)
        guard !isOver, let request else { return }
        settle()
        guard next == request.calls.count else { return startNext() }
        if file == nil { endStream() } else { sendFile() }
    }

    func callFailed(_ index: Int, error: APIError, detail: String?) {
        guard !isOver, let request else { return }
        settle()
        var error = error
        error.param = request.member(of: error)
        if request.calls.count > 1 { error.message = "\(request.place(ofPart: index)): \(error.message)" }
        fail(error, detail: detail)
    }

    /// Keeps the facts of a call that has ended.
    private func settle() {
        guard let call, let part else { return }
        self.call = nil
        note(call)
        facts.note(call)
        facts.calls.add(call.runner.facts)
        reply?.add(part)
    }

    private func note(_ call: any PartCall) {
        requestID = requestID ?? call.facts.requestID.flatMap(UpstreamID.visible) ?? call.runner.requestID
    }

    /// Calls beyond one for each part, and one.
    private var attempts: Int { facts.calls.attempts + (call?.runner.facts.attempts ?? 0) - next + 1 }

    // MARK: - Towards the client

    private func deliver(_ audio: ByteBuffer) {
        guard !isOver, let reply, let part, audio.readableBytes > 0 else { return }
        let now = NIODeadline.now()
        if facts.firstChunk == nil { facts.firstChunk = now }
        guard file == nil else { return collect(audio) }
        var piece = exchange.makeChunk(capacity: audio.readableBytes / 3 * 4 + 256)
        if let error = reply.write(audio, of: part, into: &piece.bytes) { return fail(error) }
        if machine.hasOutput(now: now) { startStream() }
        exchange.write(piece)
        exchange.flush()
    }

    private func collect(_ audio: ByteBuffer) {
        guard var file, let reply, let part else { return }
        // Nobody else may hold it, or it would be copied.
        self.file = ByteBuffer()
        let limit = ticket.settings.configuration.upstream.maximumReplyBytes
        guard file.readableBytes + audio.readableBytes <= limit else { return fail(Self.tooLarge(limit)) }
        guard exchange.hold(audio.readableBytes) else { return fail(APIError(.tooMuchMemory)) }
        let error = reply.write(audio, of: part, into: &file)
        self.file = file
        if let error { fail(error) }
    }

    private static func tooLarge(_ limit: Int) -> APIError {
        var error = APIError.invalidRequest(
            "The WAV file would be larger than \(limit) bytes. Ask for mp3 or pcm, which are not collected, or send a "
                + "shorter text.",
            param: "input",
            code: "request_too_large"
        )
        error.origin = .gateway
        return error
    }

    private func startStream() {
        guard let reply else { return }
        if facts.firstByte == nil { facts.firstByte = .now() }
        ticket.startStream(
            contentType: reply.contentType,
            requestID: requestID ?? call?.runner.requestID,
            adjustments: facts.adjustments,
            attempts: attempts
        )
    }

    private func endStream() {
        guard let reply else { return }
        var last = exchange.makeChunk(capacity: 256)
        reply.end(into: &last.bytes)
        guard machine.finish() else { return }
        exchange.write(last)
        isOver = true
        leave()
        exchange.finish()
        ticket.complete(facts)
    }

    private func sendFile() {
        guard var file, let reply else { return }
        self.file = nil
        isOver = true
        reply.complete(&file)
        facts.firstByte = .now()
        let attempts = attempts
        leave()
        ticket.send(file, contentType: reply.contentType, requestID: requestID) { lines in
            ResponseHeaders.write(facts.adjustments, into: &lines)
            ResponseHeaders.write(attempts: attempts, into: &lines)
        }
        ticket.complete(facts)
    }

    // MARK: - Ending

    private func fail(_ error: APIError, detail: String? = nil) {
        guard !isOver else { return }
        isOver = true
        cancelCall("canceled")
        let filter = SecretFilter(caller, ticket.settings)
        facts.detail = detail.map { filter.clean($0) }
        let error = filter.clean(error)
        facts.error = error
        guard machine.failed() == .writeErrorEvent else {
            leave()
            return ticket.refuse(error, adjustments: facts.adjustments, facts: facts)
        }
        var last = exchange.makeChunk(capacity: 256)
        let isTold = reply?.fail(error, into: &last.bytes) == true
        leave()
        if isTold {
            exchange.write(last)
            exchange.finish()
        } else {
            exchange.abort()
        }
        ticket.complete(facts)
    }

    private func cancelCall(_ reason: String) {
        guard let call else { return }
        self.call = nil
        note(call)
        facts.cancel(call, reason)
    }

    private func leave() {
        ticket.loop.remove(self)
        request = nil
        part = nil
        file = nil
        facts.upstreamRequestID =
            facts.error == nil ? requestID : requestID.map { SecretFilter(caller, ticket.settings).clean($0) }
    }

    private func abandon() {
        guard !isOver else { return }
        isOver = true
        _ = machine.finish()
        facts.calls.mayHaveRun = call != nil
        cancelCall("client_left")
        facts.status = 499
        leave()
        ticket.complete(facts)
    }

    // MARK: - Time

    func tick(now: NIODeadline) {
        if let call, let error = call.tick(now: now) {
            guard isPaused else { return call.fail(error, detail: nil) }
            // A client that reads nothing cannot be told anything either.
            abandon()
            return exchange.abort()
        }
        let due = machine.keepAliveIsDue(now: now)
        guard due.isDue else { return }
        if due.startsStream { startStream() }
        // A paused client has bytes enough.
        guard !isPaused else { return }
        var piece = exchange.makeChunk(capacity: 32)
        reply?.keepAlive(into: &piece.bytes)
        exchange.write(piece)
        exchange.flush()
    }

    func endForShutdown() {
        facts.calls.mayHaveRun = true
        fail(.shuttingDown)
    }
}

// MARK: - Client

extension SpeechRelay: HTTPExchangeDelegate {
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

    func clientLeft(_ exchange: HTTPExchange) { abandon() }

    /// Stops or resumes reading, for a client that is slower than upstream.
    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {
        isPaused = !isWritable
        call?.runner.pauseReading(isPaused)
    }
}
