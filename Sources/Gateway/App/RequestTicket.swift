import APITranslation
import HTTPServing
import NIOCore
import NIOHTTP1
import Telemetry
import Upstream

/// What belongs to one request from its head to its record: id, route, permit.
///
/// Every way a request can end goes through `refuse`, `respond` or `complete`, each of which records it and gives
/// the permit back, once.
final class RequestTicket {
    let exchange: HTTPExchange
    let loop: LoopContext
    let core: GatewayCore
    let requestID: String
    var route = "other"
    /// For 405.
    var allow: String?
    var holdsPermit = false
    /// Header lines for upstream that belong to this request, each with its line break; nil for none.
    var upstreamLines: ByteBuffer?
    private var isComplete = false

    init(exchange: HTTPExchange, loop: LoopContext, core: GatewayCore) {
        self.exchange = exchange
        self.loop = loop
        self.core = core
        self.requestID = loop.makeRequestID()
    }

    var forBrowser: Bool { exchange.head.headers.contains(name: "origin") }

    /// Answers with an error.
    func refuse(_ error: APIError, adjustments: [Adjustment] = [], facts: Facts = Facts()) {
        var lines = ResponseHeaders.make(
            contentType: "application/json",
            requestID: error.requestID ?? requestID,
            forBrowser: forBrowser
        )
        ResponseHeaders.write(adjustments, into: &lines)
        ResponseHeaders.write(error, into: &lines)
        ResponseHeaders.write(attempts: facts.attempts, into: &lines)
        if let allow { lines.writeHeader("Allow", allow) }
        var body = ByteBuffer()
        error.write(into: &body)
        exchange.respond(status: error.status, headers: lines, body: body)
        var facts = facts
        facts.error = error
        complete(facts)
    }

    /// Answers with a document.
    func respond(_ body: ByteBuffer, contentType: StaticString = "application/json") {
        let lines = ResponseHeaders.make(contentType: contentType, requestID: requestID, forBrowser: forBrowser)
        exchange.respond(status: 200, headers: lines, body: body)
        complete(Facts())
    }

    /// What is known of a request when it ends.
    struct Facts {
        var status: Int?
        var model: String?
        var usage: TokenUsage?
        var upstreamRequestID: String?
        var adjustments: [Adjustment] = []
        var error: APIError?
        var detail: String?
        /// The native API that was called last.
        var operation: DashScopeOperation?
        var isStreamed = false
        var attempts = 0
        /// Why the calls before the last were not the last: words of a closed set, for metrics.
        var retryReasons: [String] = []
        /// What ended the last call where it got no status: a word of a closed set, for metrics.
        var upstreamError: String?
        /// The status of upstream's last answer; nil where the last call got none.
        var upstreamStatus: Int?
        /// What came of the last call to upstream; nil where there was none.
        var lastAttempt: UpstreamAttempt?
        /// The calls before it, each of which failed; empty where nothing was repeated.
        var earlierAttempts: [UpstreamAttempt] = []
        var firstByte: NIODeadline?
    }

    /// Records the end of the request, however it came.
    func complete(_ facts: Facts) {
        guard !isComplete else { return }
        isComplete = true
        if holdsPermit { core.releasePermit() }
        guard let accessLog = core.accessLog else { return }
        let record = AccessRecord(
            requestID: requestID,
            method: exchange.head.method.rawValue,
            route: route,
            status: facts.status ?? exchange.status,
            duration: .now() - exchange.started,
            timeToFirstByte: facts.firstByte.map { $0 - exchange.started },
            model: facts.model,
            inputTokens: facts.usage?.input,
            outputTokens: facts.usage?.output,
            clientAddress: exchange.remoteAddress,
            upstreamRequestID: facts.upstreamRequestID,
            adjustments: facts.adjustments.map(\.name),
            errorCode: facts.error.map { $0.code ?? $0.type },
            errorOrigin: facts.error?.origin.rawValue,
            errorDetail: facts.detail,
            attempts: facts.attempts,
            bytesSent: exchange.bytesSent
        )
        var line = ByteBufferAllocator().buffer(capacity: 384)
        record.write(timestamp: loop.timestamp(), into: &line)
        accessLog.write(line)
    }
}
