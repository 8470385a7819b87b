import APITranslation
import HTTPServing
import JSONBytes
import NIOCore
import NIOHTTP1
import Telemetry
import Upstream
import WireFormats

/// Carries one chat completion between a client and upstream, on one event loop.
///
/// Performs what ``RelayStateMachine`` decides; the translators make the bytes.
final class ChatRelay {
    /// What the bytes of the upstream answer are.
    private enum Answer {
        case none
        case refusal(UpstreamResponseHead)
        case whole
        case events
    }

    private static let comment: StaticString = ": keep-alive\n\n"
    private static let refusalLimit = 1 << 20

    private let ticket: RequestTicket
    private let caller: Caller
    private let strict: Bool
    private var machine: RelayStateMachine?
    /// The client's body, kept until upstream has taken the call: the other path may need it.
    private var requestBody: ByteBuffer?
    private var call: ChatCall?
    private var upstreamCall: UpstreamCall?
    private var answer = Answer.none
    private var collected = ByteBuffer()
    private var decoder = ServerSentEventDecoder()
    private var stream: ChatStreamTranslator?
    private var folder: ChatStreamFolder?
    /// Chunks that leave at the end of the present read.
    private var chunk: ChunkBuffer?
    private var upstreamRequestID: String?
    private var facts = RequestTicket.Facts()
    private var isPaused = false

    private var exchange: HTTPExchange { ticket.exchange }
    private var loop: LoopContext { ticket.loop }
    private var core: GatewayCore { ticket.core }

    private init(ticket: RequestTicket, caller: Caller, strict: Bool) {
        self.ticket = ticket
        self.caller = caller
        self.strict = strict
    }

    /// Takes over an admitted request.
    static func begin(_ ticket: RequestTicket, caller: Caller) {
        let wish = ticket.exchange.head.headers.first(name: "x-gateway-strict")
        let strict = wish.map { $0.lowercased() == "true" } ?? ticket.core.configuration.translation.strict
        ticket.exchange.delegate = ChatRelay(ticket: ticket, caller: caller, strict: strict)
    }

    /// Ends a request whose body could not be taken.
    func refuse(_ error: APIError) {
        _ = machine?.finish()
        ticket.refuse(error)
    }

    // MARK: - Calling

    private func translate(operation: DashScopeOperation?) throws(APIError) -> ChatCall {
        try core.translator.translate(
            requestBody ?? ByteBuffer(),
            tape: loop.tape,
            strict: strict,
            created: Timestamp.unixSeconds,
            operation: operation
        )
    }

    private func start(_ call: ChatCall) {
        var call = call
        call.context.fallbackID = ticket.requestID
        self.call = call
        facts.model = call.context.model
        facts.adjustments = call.adjustments
        var machine =
            machine
            ?? RelayStateMachine(streamsToClient: call.streamsToClient, limits: core.limits)
        machine.callStarted(now: .now())
        facts.attempts = machine.attempts
        self.machine = machine
        answer = .none
        collected = ByteBuffer()
        decoder = ServerSentEventDecoder()
        if call.streamsToClient {
            stream = ChatStreamTranslator(context: call.context)
        } else if call.streamsUpstream {
            folder = ChatStreamFolder(context: call.context)
        }
        let request = core.upstreamHeads.request(for: call, caller: caller)
        // The connection keeps the bytes until they are sent; a second copy here would double a large body.
        self.call?.body = ByteBuffer()
        upstreamCall = loop.pool.execute(request, receiver: self)
    }

    // MARK: - Towards the client

    private func startStream() {
        facts.firstByte = .now()
        var lines = ResponseHeaders.make(
            contentType: "text/event-stream; charset=utf-8",
            requestID: upstreamRequestID ?? ticket.requestID,
            forBrowser: ticket.forBrowser
        )
        lines.writeStaticString("Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n")
        ResponseHeaders.write(facts.adjustments, into: &lines)
        exchange.startStream(status: 200, headers: lines)
    }

    /// Hands the chunks of this read to the connection; the head goes first where they are the first.
    private func writeChunks() {
        guard let piece = chunk.take(), !piece.isEmpty else { return }
        if machine?.progressed(hasOutput: true, now: .now()) == true { startStream() }
        exchange.write(piece)
    }

    private func respondWhole(_ body: ByteBuffer) {
        guard machine?.finish() == true else { return }
        facts.firstByte = .now()
        var lines = ResponseHeaders.make(
            contentType: "application/json",
            requestID: upstreamRequestID ?? ticket.requestID,
            forBrowser: ticket.forBrowser
        )
        ResponseHeaders.write(facts.adjustments, into: &lines)
        exchange.respond(status: 200, headers: lines, body: body)
        complete()
    }

    private func complete() {
        loop.remove(self)
        facts.upstreamRequestID = upstreamRequestID
        ticket.complete(facts)
    }

    // MARK: - Failing

    private func fail(_ error: APIError, detail: String? = nil) {
        var error = error
        if error.requestID == nil { error.requestID = upstreamRequestID }
        let other = call?.operation.other
        switch machine?.failed(isWrongPath: error.isWrongPath, canTryOtherPath: requestBody != nil) {
        case .retryOtherPath:
            upstreamCall?.cancel()
            retry(on: other, after: error)
        case .respond:
            upstreamCall?.cancel()
            facts.detail = detail
            facts.upstreamRequestID = upstreamRequestID
            loop.remove(self)
            ticket.refuse(error, adjustments: facts.adjustments, facts: facts)
        case .writeErrorEvent:
            upstreamCall?.cancel()
            var piece = chunk.take() ?? exchange.makeChunk(capacity: 256)
            piece.bytes.writeStaticString("data: ")
            error.write(into: &piece.bytes)
            piece.bytes.writeStaticString("\n\n")
            exchange.write(piece)
            facts.error = error
            facts.detail = detail
            exchange.finish()
            complete()
        case .ignore, nil:
            break
        }
    }

    private func retry(on operation: DashScopeOperation?, after refusal: APIError) {
        do {
            start(try translate(operation: operation))
        } catch {
            // The request does not fit the other path: the refusal stands.
            var refusal = refusal
            refusal.isWrongPath = false
            fail(refusal)
        }
    }

    private func fail(_ error: UpstreamError) {
        fail(APIError(error), detail: error.description)
    }

    private func timeOut(_ timeout: RelayStateMachine.Timeout) {
        // A client that reads nothing cannot be told anything either.
        if isPaused { return abandon(status: 499, abort: true) }
        let message =
            switch timeout {
            case .firstEvent: "DashScope sent nothing in time."
            case .idle: "DashScope stopped sending."
            case .total: "The request took longer than the gateway allows."
            }
        fail(APIError(status: 504, message: message, type: "timeout_error", code: "timeout", origin: .gateway))
    }

    /// Ends a relay whose client is gone or beyond hope.
    private func abandon(status: Int, abort: Bool) {
        guard machine?.finish() ?? true else { return }
        upstreamCall?.cancel()
        facts.status = status
        complete()
        if abort { exchange.abort() }
    }

    // MARK: - Time

    func tick(now: NIODeadline) {
        switch machine?.tick(now: now) {
        case .keepAlive(let startsStream):
            if startsStream { startStream() }
            // A paused client has bytes enough.
            guard !isPaused else { return }
            var piece = exchange.makeChunk(capacity: 32)
            piece.bytes.writeStaticString(Self.comment)
            exchange.write(piece)
            exchange.flush()
        case .timeOut(let timeout): timeOut(timeout)
        case .some(.none), nil: break
        }
    }

    /// The gateway stops and cannot wait any longer.
    func endForShutdown() {
        fail(
            APIError(
                status: 503,
                message: "The gateway is shutting down. Send the request again.",
                type: "server_error",
                code: "shutting_down",
                origin: .gateway,
                shouldRetry: true
            )
        )
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

    func clientLeft(_ exchange: HTTPExchange) {
        abandon(status: 499, abort: false)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {
        isPaused = !isWritable
        upstreamCall?.pauseReading(isPaused)
    }
}

// MARK: - Upstream

extension ChatRelay: UpstreamResponseReceiver {
    func upstreamHead(_ head: UpstreamResponseHead) {
        upstreamRequestID = head.first("x-request-id")
        guard head.status >= 200, head.status < 300 else {
            answer = .refusal(head)
            return
        }
        let contentType = head.first("content-type") ?? ""
        if contentType.hasPrefix("text/event-stream") {
            answer = .events
        } else if contentType.hasPrefix("application/json") {
            answer = .whole
        } else {
            // Some recorded streams have no content type: what was asked for decides.
            answer = call?.streamsUpstream == true ? .events : .whole
        }
        if case .events = answer, stream == nil, folder == nil, let call {
            folder = ChatStreamFolder(context: call.context)
        }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        switch answer {
        case .events:
            decoder.append(bytes)
            receiveEvents(expecting: bytes.readableBytes)
        case .refusal:
            if collected.readableBytes < Self.refusalLimit { collect(bytes) }
        case .whole:
            guard collected.readableBytes + bytes.readableBytes <= core.configuration.upstream.maximumReplyBytes else {
                return fail(UpstreamError(.invalidResponse, detail: "answer too large"))
            }
            collect(bytes)
        case .none:
            break
        }
    }

    private func collect(_ bytes: ByteBuffer) {
        if collected.readableBytes == 0 { collected = bytes } else { collected.writeImmutableBuffer(bytes) }
    }

    func upstreamReadComplete() {
        guard case .events = answer, stream != nil else { return }
        writeChunks()
        exchange.flush()
    }

    private func receiveEvents(expecting size: Int) {
        do {
            while machine?.state != .finished, let event = try decoder.next() { receive(event, expecting: size) }
        } catch {
            fail(UpstreamError(.invalidResponse, detail: "event line longer than \(error.limit) bytes"))
        }
    }

    private func receive(_ event: ServerSentEvent, expecting size: Int) {
        let outcome: ChatStreamTranslator.Outcome
        if stream != nil {
            var piece = chunk.take() ?? exchange.makeChunk(capacity: size + 256)
            outcome =
                event.data.withUnsafeReadableBytes {
                    stream?.receive(
                        $0,
                        isError: event.isError,
                        status: event.status,
                        tape: loop.tape,
                        into: &piece.bytes
                    )
                } ?? .ended
            chunk = consume piece
        } else {
            outcome =
                event.data.withUnsafeReadableBytes {
                    folder?.receive($0, isError: event.isError, status: event.status, tape: loop.tape)
                } ?? .ended
        }
        switch outcome {
        case .progress:
            _ = machine?.progressed(hasOutput: false, now: .now())
            if requestBody != nil { committed() }
        case .refused(let error):
            // What came before the refusal counts, whether or not it came in the same read.
            writeChunks()
            fail(error)
        case .ended:
            break
        }
    }

    /// Upstream has taken the call: the request is not needed again, and a second path has proved itself.
    private func committed() {
        requestBody = nil
        guard let call, let machine, machine.attempts > 1 else { return }
        core.paths.learn(call.operation, for: call.upstreamModel)
    }

    func upstreamEnded() {
        switch answer {
        case .events: endEvents()
        case .whole: endWhole()
        case .refusal(let head):
            var error = collected.withUnsafeReadableBytes {
                ErrorTable.map(status: head.status, body: $0, requestIDHeader: upstreamRequestID, tape: loop.tape)
            }
            if let seconds = head.first("retry-after").flatMap({ Int($0) }), seconds >= 0 { error.retryAfter = seconds }
            fail(error)
        case .none:
            fail(UpstreamError(.invalidResponse, detail: "no head"))
        }
    }

    private func endEvents() {
        if let rest = decoder.finish() { receive(rest, expecting: rest.data.readableBytes) }
        guard machine?.state != .finished else { return }
        if stream != nil {
            var piece = chunk.take() ?? exchange.makeChunk(capacity: 512)
            let error = stream?.finish(into: &piece.bytes)
            chunk = consume piece
            note(stream?.facts)
            if let error { return fail(error) }
            writeChunks()
            guard machine?.finish() == true else { return }
            exchange.finish()
            complete()
        } else {
            var body = exchange.allocator.buffer(capacity: 1024)
            let error = folder?.finish(into: &body)
            note(folder?.facts)
            if let error { return fail(error) }
            respondWhole(body)
        }
    }

    private func endWhole() {
        guard let call else { return }
        guard stream == nil else {
            // JSON where a stream was asked for: a refusal, or everything in one piece.
            let data = collected
            answer = .events
            receive(ServerSentEvent(data: data), expecting: data.readableBytes)
            return endEvents()
        }
        var body = exchange.allocator.buffer(capacity: collected.readableBytes + 512)
        let result = collected.withUnsafeReadableBytes {
            ChatReplyTranslator.translate($0, context: call.context, tape: loop.tape, into: &body)
        }
        switch result {
        case .success(let found):
            committed()
            note(found)
            respondWhole(body)
        case .failure(let error):
            fail(error)
        }
    }

    private func note(_ found: ChatReplyFacts?) {
        guard let found else { return }
        facts.usage = found.usage
        if let id = found.requestID { upstreamRequestID = id }
    }

    func upstreamFailed(_ error: UpstreamError) {
        if case .events = answer, stream != nil { note(stream?.facts) }
        fail(error)
    }
}
