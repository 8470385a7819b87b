import APITranslation
import ByteWriting
import HTTPServing
import JSONBytes
import NIOCore
import NIOHTTP1
import Telemetry
import Upstream
import WireFormats

/// Carries one reply between upstream and a client, on one event loop.
///
/// Performs what ``RelayStateMachine`` decides; ``ReplyTranslating`` makes the bytes, whichever dialect they are in.
final class ChatRelay: RunningRequest {
    // Members that each chunk needs come first and close together: a stream's memory is cold when its next chunk
    // arrives.
    let exchange: HTTPExchange
    let loop: LoopContext
    let runner: CallRunner
    var isPaused = false
    /// Whether a chunk, which a comment is not, was handed to the client.
    private var hasChunks = false
    /// The client's body, kept until upstream has taken the call: the other path may need it.
    var requestBody: ByteBuffer?
    /// Chunks that leave at the end of the present read.
    var chunk: ChunkBuffer?
    var machine: RelayStateMachine
    /// Makes the client's bytes; one for all calls of the request, since a call that is repeated has said nothing.
    var reply: (any ReplyTranslating)?
    var streamsToClient: Bool { machine.streamsToClient }
    /// The outcome of the last event of the present answer.
    var outcome = ReplyOutcome.progress

    let ticket: RequestTicket
    let caller: Caller
    let wishes: RequestWishes
    let translator: any ConversationTranslating
    /// The model's largest answer, where upstream refused a call because it asked for more.
    var outputLimit: Int?
    /// Bytes of the call that are counted as held.
    private var heldCall = 0
    /// Every choice has ended; usage may follow.
    var pendingEnd: Scheduled<Void>?
    var facts = RequestTicket.Facts()
    /// Media that are stored before the call is sent.
    var media: ChatMedia?
    /// Where the loop keeps this relay.
    var place: Int?

    var core: GatewayCore { ticket.core }
    var settings: LiveSettings { ticket.settings }

    private init(ticket: RequestTicket, caller: Caller, wishes: RequestWishes, translator: any ConversationTranslating)
    {
        self.exchange = ticket.exchange
        self.loop = ticket.loop
        self.ticket = ticket
        self.caller = caller
        self.wishes = wishes
        self.translator = translator
        machine = RelayStateMachine(keepAlive: ticket.settings.configuration.stream.keepAliveInterval)
        runner = CallRunner(ticket: ticket, caller: caller, mayRepeat: !wishes.isRepeated)
    }

    /// Takes over an admitted request.
    static func begin(_ ticket: RequestTicket, caller: Caller, translator: any ConversationTranslating) {
        do {
            let wishes = try RequestWishes(
                headers: ticket.exchange.head.headers,
                strict: ticket.settings.configuration.translation.strict
            )
            ticket.exchange.delegate = ChatRelay(
                ticket: ticket,
                caller: caller,
                wishes: wishes,
                translator: translator
            )
        } catch {
            ticket.refuse(error)
        }
    }

    // MARK: - Calling

    /// Makes the native call; its bytes, and while it is made the parser's, count as held for the client.
    func translate(operation: DashScopeOperation?) throws(APIError) -> ChatCall {
        let body = requestBody ?? ByteBuffer()
        exchange.release(heldCall)
        heldCall = 0
        let call = try loop.translating(body, for: exchange) { (tape) throws(APIError) -> ChatCall in
            try translator.translate(
                body,
                tape: tape,
                strict: wishes.isStrict,
                created: Timestamp.unixSeconds,
                operation: operation,
                outputLimit: outputLimit
            )
        }
        guard exchange.hold(call.body.readableBytes) else { throw APIError(.tooMuchMemory) }
        heldCall = call.body.readableBytes
        return call
    }

    func start(_ call: ChatCall) {
        call.context.fallbackID = ticket.requestID
        facts.model = SecretFilter.recordable(call.context.model, caller, settings)
        facts.adjustments = call.adjustments
        facts.isStreamed = call.streamsToClient
        if machine.state == .receiving {
            ticket.beginTrace(operation: "chat", model: facts.model ?? "", isStreamed: call.streamsToClient)
        }
        if reply == nil { reply = call.makeReply() }
        ticket.stepTranslated(facts, calls: 1)
        machine.callStarted(streamsToClient: call.streamsToClient, now: .now())
        forgetOutcome()
        guard call.native.uploads.isEmpty else { return upload(call) }
        runner.start(call.native, isUrgent: call.streamsToClient, receiver: self)
    }

    /// Forgets the outcome of an answer that failed, so that the next answer starts without it.
    func forgetOutcome() {
        outcome = .progress
        pendingEnd?.cancel()
        pendingEnd = nil
    }

    // MARK: - Towards the client

    func startStream() {
        facts.firstByte = .now()
        ticket.startStream(
            requestID: runner.requestID,
            adjustments: facts.adjustments,
            attempts: runner.facts.attempts
        )
    }

    /// Hands the chunks of this read to the connection; the head goes first where they are the first.
    func writeChunks() {
        guard let piece = chunk.take(), !piece.isEmpty else { return }
        let now = NIODeadline.now()
        if machine.hasOutput(now: now) { startStream() }
        if !hasChunks {
            hasChunks = true
            facts.firstChunk = now
        }
        exchange.write(piece)
    }

    func respondWhole(_ body: ByteBuffer) {
        guard machine.finish() else { return }
        facts.firstByte = .now()
        ticket.send(body, requestID: runner.requestID) { lines in
            ResponseHeaders.write(facts.adjustments, into: &lines)
            ResponseHeaders.write(attempts: runner.facts.attempts, into: &lines)
        }
        complete()
    }

    func complete() {
        leave()
        ticket.complete(facts)
    }

    /// Nothing more happens to the call.
    func leave() {
        loop.remove(self)
        media?.uploads.cancel()
        media = nil
        // Facts from a stream that was cut are used nevertheless.
        if facts.usage == nil, let reply { note(reply.facts) }
        pendingEnd?.cancel()
        pendingEnd = nil
        requestBody = nil
        // A refusal may name the key in whatever place.
        facts.upstreamRequestID =
            facts.error == nil ? runner.requestID : runner.requestID.map { SecretFilter(caller, settings).clean($0) }
        runner.end(facts.status == 499 ? "client_left" : facts.error.map { $0.code ?? $0.type })
        facts.calls = runner.facts
    }

    // MARK: - Ending

    /// Ends a relay whose client is gone or beyond hope.
    func abandon(status: Int, abort: Bool) {
        guard machine.finish() else { return }
        runner.cancel()
        facts.status = status
        complete()
        if abort { exchange.abort() }
    }

    // MARK: - Time

    func tick(now: NIODeadline) {
        media?.uploads.tick(now: now)
        if let error = runner.timeout(now: now) {
            // A client that reads nothing cannot be told anything either.
            return isPaused ? abandon(status: 499, abort: true) : fail(error)
        }
        let keepAlive = machine.keepAliveIsDue(now: now)
        guard keepAlive.isDue else { return }
        if keepAlive.startsStream { startStream() }
        // A paused client has bytes enough.
        guard !isPaused else { return }
        var piece = exchange.makeChunk(capacity: 32)
        reply?.keepAlive(into: &piece.bytes)
        exchange.write(piece)
        exchange.flush()
    }
}

// MARK: - Client

extension ChatRelay: HTTPExchangeDelegate {
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        requestBody = body
        do {
            var call = try translate(operation: nil)
            if let learned = core.paths.operation(for: call.upstreamModel), learned != call.operation {
                call = try translate(operation: learned)
            }
            // A plain call has no second thoughts once it is sent, unless the path may be wrong.
            loop.add(self)
            start(call)
        } catch {
            requestBody = nil
            ticket.refuse(error)
        }
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        _ = machine.finish()
        ticket.refuse(APIError(reason))
    }

    func clientLeft(_ exchange: HTTPExchange) {
        abandon(status: 499, abort: false)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {
        isPaused = !isWritable
        runner.pauseReading(isPaused)
    }
}
