import APITranslation
import AdmissionControl
import HTTPServing
import JSONBytes
import NIOCore
import Telemetry
import Upstream

/// Asks about a task for a request that waits for nothing else: what it does, or that it should stop.
///
/// What it does is asked of upstream once for all who want to know at the same time.
final class TaskInquiry: RunningRequest, HTTPExchangeDelegate {
    private let ticket: RequestTicket
    private let deadline: NIODeadline
    private var cancellation: TaskQuestion?
    /// Where it waits for an answer.
    private var key: TaskAnswers.Key?
    private var number: UInt64 = 0
    private var ended: ((Result<ByteBuffer, APIError>) -> Void)?
    var place: Int?

    /// Begins; `ended` is told what came of it, once, unless the client leaves before.
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
        switch action {
        case .query: inquiry.ask(id, caller)
        case .cancel:
            inquiry.cancellation = TaskQuestion(
                ticket.core.upstreamHeads.request(.cancel, task: id, caller: caller, lines: ticket.upstreamLines),
                on: ticket.loop,
                maximumBytes: ticket.settings.configuration.upstream.maximumReplyBytes
            ) { inquiry.end($0) }
            inquiry.cancellation?.start()
        }
    }

    private init(_ ticket: RequestTicket, _ ended: @escaping (Result<ByteBuffer, APIError>) -> Void) {
        self.ticket = ticket
        self.ended = ended
        deadline = .now() + ticket.settings.taskLimits.pollTimeout + ticket.settings.configuration.tasks.clientWait
    }

    private func ask(_ id: String, _ caller: Caller) {
        let (answers, settings) = (ticket.core.taskAnswers, ticket.settings.configuration.tasks)
        // A caller that is not known shares with nobody.
        let key = TaskAnswers.Key(
            owner: ticket.callerID?.value ?? 0,
            context: (ticket.callerID == nil
                ? [ticket.requestID] : caller.upstreamHeaders.map { "\($0.name):\($0.value)" })
                .joined(separator: "\n"),
            task: id
        )
        let (eventLoop, bound) = (ticket.loop.eventLoop, NIOLoopBound(self, eventLoop: ticket.loop.eventLoop))
        let now = NIODeadline.now()
        let (found, number) = answers.find(key, age: settings.answerAge, now: now) { outcome in
            eventLoop.execute { bound.value.end(outcome) }
        }
        switch found {
        case .answer(let body): return end(.success(body))
        case .underWay: break
        case .nothing:
            let turn = ticket.core.pollPacer.reserve(
                now: now,
                perSecond: settings.pollsPerSecond,
                for: .client,
                longest: settings.clientWait
            )
            guard turn.isTaken else {
                answers.end(key, .failure(.tooManyInquiries(wait: turn.wait)), now: now)
                break
            }
            TaskQuestion(
                ticket.core.upstreamHeads.request(.query, task: id, caller: caller, lines: ticket.upstreamLines),
                on: ticket.loop,
                maximumBytes: ticket.settings.configuration.upstream.maximumReplyBytes
            ) { answers.end(key, $0, now: .now()) }
            .start(after: turn.wait, timeout: ticket.settings.taskLimits.pollTimeout) { answers.isAwaited(key) }
        }
        (self.key, self.number) = (key, number)
    }

    private func end(_ result: Result<ByteBuffer, APIError>?) {
        cancellation?.cancel()
        cancellation = nil
        if let key { ticket.core.taskAnswers.leave(key, number) }
        key = nil
        ticket.loop.remove(self)
        let ended = ended.take()
        if ticket.exchange.delegate === self { ticket.exchange.delegate = nil }
        if let result { ended?(result) }
    }

    func tick(now: NIODeadline) {
        if now >= deadline { end(.failure(.taskTimeout)) }
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
