import APITranslation
import HTTPServing
import JSONBytes
import NIOCore
import Telemetry
import Upstream

/// Asks upstream once about a task, for a request that waits for nothing else.
final class TaskInquiry: RunningRequest, HTTPExchangeDelegate {
    private let ticket: RequestTicket
    private let deadline: NIODeadline
    private var query: TaskQuery?
    private var ended: ((Result<ByteBuffer, APIError>) -> Void)?
    var place: Int?

    /// Sends the call; `ended` is told what came of it, once, unless the client leaves before.
    static func begin(
        _ action: UpstreamHeads.TaskAction,
        task id: String,
        ticket: RequestTicket,
        caller: Caller,
        ended: @escaping (Result<ByteBuffer, APIError>) -> Void
    ) {
        ticket.note(task: id, at: 0)
        let inquiry = TaskInquiry(ticket, ended)
        ticket.exchange.delegate = inquiry
        ticket.loop.add(inquiry)
        inquiry.query = TaskQuery(
            ticket.core.upstreamHeads.request(action, task: id, caller: caller, lines: ticket.upstreamLines),
            pool: ticket.loop.pool,
            maximumBytes: ticket.settings.configuration.upstream.maximumReplyBytes
        ) { inquiry.answered($0) }
    }

    private init(_ ticket: RequestTicket, _ ended: @escaping (Result<ByteBuffer, APIError>) -> Void) {
        self.ticket = ticket
        self.ended = ended
        deadline = .now() + ticket.settings.taskLimits.pollTimeout
    }

    private func answered(_ outcome: TaskQuery.Outcome) {
        switch outcome {
        case .failed(let failure): end(.failure(APIError(failure)))
        case .answer(let head, let body):
            guard head.status != 200 else {
                ticket.loop.pool.hostAnswered()
                return end(.success(body))
            }
            let requestID = head.first("x-request-id").flatMap(UpstreamID.visible)
            var error = body.withUnsafeReadableBytes {
                ErrorTable.map(status: head.status, body: $0, requestIDHeader: requestID, tape: ticket.loop.tape)
            }
            error.disposition.consider(head, isDashScope: error.upstreamCode != nil, now: Timestamp.unixSeconds)
            switch error.disposition.health {
            case .unharmed: ticket.loop.pool.hostAnswered()
            case .failing: ticket.loop.pool.hostFailed("status \(head.status)")
            }
            if let wait = error.disposition.wait {
                error.retryAfter = Int((TimeAmount(wait).nanoseconds + 999_999_999) / 1_000_000_000)
            }
            end(.failure(error))
        }
    }

    private func end(_ result: Result<ByteBuffer, APIError>?) {
        query?.cancel()
        query = nil
        ticket.loop.remove(self)
        let ended = ended.take()
        if ticket.exchange.delegate === self { ticket.exchange.delegate = nil }
        if let result { ended?(result) }
    }

    func tick(now: NIODeadline) {
        guard now >= deadline else { return }
        end(
            .failure(
                APIError(
                    status: 504,
                    message: "DashScope did not answer in time.",
                    type: "timeout_error",
                    code: "timeout",
                    origin: .upstream
                )
            )
        )
    }

    func endForShutdown() { end(.failure(.shuttingDown)) }

    // MARK: - Client

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {}

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        end(nil)
        ticket.refuse(APIError(reason))
    }

    func clientLeft(_ exchange: HTTPExchange) {
        end(nil)
        var facts = RequestTicket.Facts()
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}
