import APITranslation
import JSONBytes
import NIOCore
import Telemetry
import Upstream

/// One call about a task, with the error that its refusal is; belongs to no request.
final class TaskQuestion: RunningRequest {
    private let request: UpstreamRequest
    private let loop: LoopContext
    private let maximumBytes: Int
    private var query: TaskQuery?
    private var deadline = NIODeadline.distantFuture
    private var ended: ((Result<ByteBuffer, APIError>) -> Void)?
    var place: Int?

    /// `ended` is told what came of it, once, unless it is cancelled.
    init(
        _ request: UpstreamRequest,
        on loop: LoopContext,
        maximumBytes: Int,
        ended: @escaping (Result<ByteBuffer, APIError>) -> Void
    ) {
        self.request = request
        self.loop = loop
        self.maximumBytes = maximumBytes
        self.ended = ended
    }

    func start() {
        query = TaskQuery(request, pool: loop.pool, maximumBytes: maximumBytes) { [self] in answered($0) }
    }

    /// Sends the call at its turn, unless nobody wants to know by then; the loop keeps it until it is answered.
    func start(after wait: TimeAmount, timeout: TimeAmount, isWanted: @escaping () -> Bool) {
        deadline = .now() + wait + timeout
        loop.add(self)
        guard wait > .zero else { return start() }
        loop.eventLoop.assumeIsolated().scheduleTask(in: wait) { [self] in
            guard ended != nil else { return }
            guard isWanted() else { return cancel() }
            start()
        }
    }

    func cancel() {
        ended = nil
        query?.cancel()
        query = nil
        loop.remove(self)
    }

    private func answered(_ outcome: TaskQuery.Outcome) {
        switch outcome {
        case .failed(let failure): end(.failure(APIError(failure)))
        case .answer(let head, let body):
            guard head.status != 200 else {
                loop.pool.hostAnswered()
                return end(.success(body))
            }
            let requestID = head.first("x-request-id").flatMap(UpstreamID.visible)
            var error = body.withUnsafeReadableBytes {
                ErrorTable.map(status: head.status, body: $0, requestIDHeader: requestID, tape: loop.tape)
            }
            error.disposition.consider(head, isDashScope: error.upstreamCode != nil, now: Timestamp.unixSeconds)
            switch error.disposition.health {
            case .unharmed: loop.pool.hostAnswered()
            case .failing: loop.pool.hostFailed("status \(head.status)")
            }
            if let wait = error.disposition.wait {
                error.retryAfter = Int((TimeAmount(wait).nanoseconds + 999_999_999) / 1_000_000_000)
            }
            end(.failure(error))
        }
    }

    private func end(_ result: Result<ByteBuffer, APIError>) {
        let ended = ended.take()
        cancel()
        ended?(result)
    }

    func tick(now: NIODeadline) {
        if now >= deadline { end(.failure(.taskTimeout)) }
    }

    func endForShutdown() { end(.failure(.shuttingDown)) }
}

extension APIError {
    static let taskTimeout = APIError(
        status: 504,
        message: "DashScope did not answer in time.",
        type: "timeout_error",
        code: "timeout",
        origin: .upstream
    )

    /// A task that has ended well, and has nothing of what is asked for.
    static func otherTask(_ id: String, param: String, requestID: String? = nil) -> APIError {
        .init(
            status: 400,
            message: "The task \(id) is one of another kind: it has no result for this endpoint.",
            type: "invalid_request_error",
            code: "invalid_value",
            param: param,
            requestID: requestID
        )
    }

    /// More is asked about tasks than DashScope answers an account.
    static func tooManyInquiries(wait: TimeAmount) -> APIError {
        APIError(
            status: 429,
            message:
                "Too many tasks are asked for at once (tasks.pollsPerSecond): ask again later, and each task less often.",
            type: "requests",
            code: "rate_limit_exceeded",
            origin: .gateway,
            shouldRetry: true,
            retryAfter: Int(max(1, (wait.nanoseconds + 999_999_999) / 1_000_000_000))
        )
    }
}
