import APITranslation
import ByteWriting
import HTTPServing
import NIOCore
import Upstream

/// `GET /v1/files/{id}/content`: passes the results of a batch on to the client as they arrive.
///
/// While the client does not read, neither does the gateway.
final class FileContentRelay: RunningRequest {
    private let ticket: RequestTicket
    private let caller: Caller
    private let request: PlatformRequest
    private let exchange: HTTPExchange
    private let runner: CallRunner
    private var lines = BatchResultLines()
    private var isPaused = false
    private var isOver = false
    var place: Int?

    private init(_ request: PlatformRequest, _ ticket: RequestTicket, _ caller: Caller, _ wishes: RequestWishes) {
        self.request = request
        self.ticket = ticket
        self.caller = caller
        exchange = ticket.exchange
        runner = CallRunner(ticket: ticket, caller: caller, mayRepeat: !wishes.isRepeated)
    }

    /// Answers an admitted request.
    static func begin(_ ticket: RequestTicket, caller: Caller) {
        do throws(APIError) {
            let wishes = try RequestWishes(ticket)
            let request = try PlatformRequest.content(ofFile: ticket.parameters[0])
            let relay = FileContentRelay(request, ticket, caller, wishes)
            ticket.exchange.delegate = relay
            ticket.loop.add(relay)
            ticket.beginTrace(operation: request.operation.rawValue, model: "", isStreamed: true)
            relay.runner.start(
                ticket.core.upstreamHeads.request(for: request, caller: caller, lines: ticket.upstreamLines),
                operation: request.operation,
                receiver: relay
            )
        } catch {
            ticket.refuse(SecretFilter(caller, ticket.settings).clean(error))
        }
    }

    private var facts: RequestTicket.Facts {
        RequestTicket.Facts(of: runner, SecretFilter(caller, ticket.settings))
    }

    private func startAnswer() {
        let headers = ticket.makeHeaders(contentType: "application/octet-stream", requestID: runner.requestID) {
            ResponseHeaders.write(attempts: runner.facts.attempts, into: &$0)
            $0.append("X-Content-Type-Options: nosniff\r\nCache-Control: private, no-store\r\n")
        }
        exchange.startStream(status: 200, headers: headers)
        exchange.flush()
    }

    private func write(_ bytes: ByteBuffer, isLast: Bool = false) {
        var output = ByteBuffer()
        if isLast {
            lines.finish(tape: ticket.loop.tape, into: &output)
        } else {
            lines.append(bytes, tape: ticket.loop.tape, into: &output)
        }
        exchange.write(output)
    }

    // MARK: - Ending

    private func fail(_ error: APIError, detail: String?) {
        guard !isOver else { return }
        var error = error
        error.disposition.isWrongPath = false
        if error.requestID == nil { error.requestID = runner.requestID }
        if !exchange.hasStarted, case .retries = runner.failed(error, receiver: self) { return }
        end(request.refusal(error), detail: detail)
    }

    /// An error before the head is an answer; behind it the client must see that the file is cut.
    private func end(_ error: APIError, detail: String?) {
        guard leave(error.label) else { return }
        let filter = SecretFilter(caller, ticket.settings)
        var facts = facts
        facts.detail = detail.map { filter.clean($0) }
        let error = filter.clean(error)
        guard exchange.hasStarted else { return ticket.refuse(error, facts: facts) }
        facts.error = error
        exchange.abort()
        ticket.complete(facts)
    }

    private func finish() {
        guard leave(nil) else { return }
        exchange.finish()
        ticket.complete(facts)
    }

    private func leave(_ error: String?) -> Bool {
        guard !isOver else { return false }
        isOver = true
        if error != nil { runner.cancel() }
        runner.end(error)
        ticket.loop.remove(self)
        return true
    }

    func tick(now: NIODeadline) {
        guard !isOver else { return }
        // A client that does not read is the server's to watch.
        if isPaused { runner.progressed() }
        if let error = runner.timeout(now: now) { fail(error, detail: nil) }
    }

    func endForShutdown() { end(.shuttingDown, detail: nil) }
}

// MARK: - Upstream

extension FileContentRelay: UpstreamResponseReceiver {
    func upstreamHead(_ head: UpstreamResponseHead) {
        runner.received(head)
        guard !isOver, (200..<300).contains(head.status) else { return }
        runner.progressed()
        startAnswer()
        // Nobody wants the bytes.
        guard exchange.head.isHead, leave(nil) else { return }
        runner.cancel()
        exchange.finish()
        ticket.complete(facts)
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        guard exchange.hasStarted else {
            _ = runner.collect(bytes)
            return
        }
        runner.progressed()
        write(bytes)
    }

    func upstreamReadComplete() {
        if !isOver, exchange.hasStarted { exchange.flush() }
    }

    func upstreamEnded() {
        guard !isOver else { return }
        switch runner.answer {
        case .refusal(let head):
            let refusal = runner.refusal(head)
            fail(refusal.error, detail: refusal.detail)
        case .none: upstreamFailed(UpstreamError(.invalidResponse, detail: "no head"))
        case .whole, .events:
            write(ByteBuffer(), isLast: true)
            finish()
        }
    }

    func upstreamFailed(_ error: UpstreamError) { fail(runner.error(of: error), detail: error.description) }
}

// MARK: - Client

extension FileContentRelay: HTTPExchangeDelegate {
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {}

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) { end(APIError(reason), detail: nil) }

    func clientLeft(_ exchange: HTTPExchange) {
        guard leave("client_left") else { return }
        var facts = facts
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {
        isPaused = !isWritable
        runner.pauseReading(!isWritable)
    }
}
