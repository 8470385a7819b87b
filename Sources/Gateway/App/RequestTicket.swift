import APITranslation
import AdmissionControl
import ByteWriting
import HTTPServing
import NIOCore
import NIOHTTP1
import Telemetry
import Upstream

/// The state of one request from its head to its record: id, route, caller, permits, settings.
///
/// Every way a request can end goes through `refuse`, `respond` or `complete`, each of which records it and gives
/// the permits back, once.
final class RequestTicket {
    let exchange: HTTPExchange
    let loop: LoopContext
    let core: GatewayCore
    /// The settings this request keeps, whatever is reloaded meanwhile.
    let settings: LiveSettings
    let requestID: String
    var route = RouteTable.unknown
    /// The decoded parameters of the path.
    var parameters: [String] = []
    /// The request's place in a trace, where its client or a tracer wants one.
    private(set) var trace: TraceContext?
    private(set) var span: RequestSpan?
    /// For 405.
    var allow: String?
    /// For 416.
    var contentRange: String?
    var holdsPermit = false
    var permit: AdmissionPermit?
    var rateLimits: RateLimitSnapshot?
    var callerID: CallerID?
    /// The client behind trusted proxies; resolved on first use.
    private(set) lazy var address: ClientAddress? = findAddress()
    /// The tasks of the request by call, for the head of its answer.
    private var taskIDs: [String?] = []
    private var isComplete = false
    /// The facts at the end of the request and the time of the end, until the record is written.
    private var ending: (facts: Facts, time: NIODeadline)?

    init(exchange: HTTPExchange, loop: LoopContext, core: GatewayCore) {
        self.exchange = exchange
        self.loop = loop
        self.core = core
        self.settings = loop.settings
        self.requestID = loop.makeRequestID()
    }

    /// Where a page that asks comes from.
    var origin: String? { exchange.head.headers.first(name: "origin") }

    /// The other end of the connection; nil for a Unix socket.
    private var peer: ClientAddress? { exchange.remoteAddress.bits.map { ClientAddress(bits: $0) } }

    private func findAddress() -> ClientAddress? {
        let peer = peer
        guard settings.proxies.trusts(peer) else { return peer }
        let headers = exchange.head.headers
        return settings.proxies.client(
            peer: peer,
            forwardedFor: headers["x-forwarded-for"],
            forwarded: headers["forwarded"]
        )
    }

    /// The dialect of this request's errors.
    ///
    /// Clients of Anthropic's say so on the paths that both kinds of clients ask.
    var errorForm: ErrorForm {
        guard route.isSharedWithAnthropic else { return route.errorForm }
        return exchange.head.headers.contains(name: "anthropic-version") ? .anthropic : .openAI
    }

    /// Notes the task of one of the request's calls.
    func note(task id: String, at index: Int) {
        while taskIDs.count <= index { taskIDs.append(nil) }
        taskIDs[index] = id
    }

    // MARK: - Answering

    /// The header lines of a stream: those every answer to this request has, and those that `more` writes.
    func makeHeaders(
        contentType: StaticString,
        requestID: String?,
        more: (inout ByteWriter) -> Void
    ) -> ByteBuffer {
        let common = CommonHeaders(self, contentType, requestID)
        return ByteBuffer(capacity: common.length) { lines in
            common.write(into: &lines)
            more(&lines)
        }
    }

    /// Begins a streamed answer, of events unless another type is given.
    func startStream(
        contentType: StaticString = "text/event-stream; charset=utf-8",
        requestID: String?,
        adjustments: AdjustmentList,
        attempts: Int
    ) {
        let lines = makeHeaders(contentType: contentType, requestID: requestID) { lines in
            lines.append("Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n")
            ResponseHeaders.write(adjustments, into: &lines)
            ResponseHeaders.write(attempts: attempts, into: &lines)
        }
        exchange.startStream(status: 200, headers: lines)
        loop.metrics.streamBegan()
    }

    /// Sends a whole answer with the header lines that every answer to this request has, and those that `more` writes,
    /// which take up to `room` bytes.
    func send(
        _ body: ByteBuffer,
        status: Int = 200,
        contentType: StaticString? = "application/json",
        requestID: String? = nil,
        isShared: Bool = false,
        room: Int = 0,
        more: (inout ByteWriter) -> Void = { _ in }
    ) {
        let common = CommonHeaders(self, contentType, requestID)
        exchange.respond(status: status, headerBytes: common.length + room, body: body, isShared: isShared) { lines in
            common.write(into: &lines)
            more(&lines)
        }
    }

    /// The values from which the header lines of every answer are made.
    private struct CommonHeaders {
        let ticket: RequestTicket
        let contentType: StaticString?
        let requestID: String
        let origin: String?
        let isAnthropic: Bool
        let tasks: String?

        init(_ ticket: RequestTicket, _ contentType: StaticString?, _ requestID: String?) {
            self.ticket = ticket
            self.contentType = contentType
            self.requestID = requestID ?? ticket.requestID
            origin = ticket.origin
            isAnthropic = ticket.errorForm == .anthropic
            tasks = ticket.taskIDs.isEmpty ? nil : TaskHeader.value(ticket.taskIDs)
        }

        /// About how long they are.
        var length: Int {
            (origin == nil ? 224 : 696) + (ticket.rateLimits == nil ? 0 : 256) + (tasks.map { $0.utf8.count + 32 } ?? 0)
        }

        func write(into lines: inout ByteWriter) {
            if let contentType {
                lines.append("Content-Type: ")
                lines.append(contentType)
                lines.append("\r\n")
            }
            lines.writeHeader("x-request-id", requestID)
            lines.append("openai-processing-ms: ")
            lines.append(number: Int((NIODeadline.now() - ticket.exchange.started).nanoseconds / 1_000_000))
            lines.append("\r\n")
            if isAnthropic { lines.writeHeader("request-id", requestID) }
            if let origin { ResponseHeaders.write(ticket.settings.crossOrigin, origin: origin, into: &lines) }
            if let version = ticket.settings.versionHeader { lines.writeHeader("x-gateway-version", version) }
            if let tasks { lines.writeHeader("x-dashscope-task-id", tasks) }
            guard let limits = ticket.rateLimits else { return }
            if isAnthropic {
                ResponseHeaders.writeAnthropic(limits, now: Timestamp.unixSeconds, into: &lines)
            } else {
                ResponseHeaders.write(limits, into: &lines)
            }
        }
    }

    /// Answers with an error.
    func refuse(_ error: APIError, adjustments: AdjustmentList = AdjustmentList(), facts: Facts = Facts()) {
        let form = errorForm
        let head = exchange.head
        let explained = error.explained(
            contentType: head.headers.first(name: "content-type"),
            takesForms: route.endpoint(for: head.method)?.streamsBody == true
        )
        let error = form.adapt(explained)
        var body = ByteBuffer()
        form.write(error, into: &body)
        send(body, status: error.status, requestID: error.requestID, room: 64) { lines in
            lines.append("X-Content-Type-Options: nosniff\r\n")
            ResponseHeaders.write(adjustments, into: &lines)
            ResponseHeaders.write(error, into: &lines)
            ResponseHeaders.write(attempts: facts.calls.attempts, into: &lines)
            if let allow { lines.writeHeader("Allow", allow) }
            if let contentRange { lines.writeHeader("Content-Range", contentRange) }
        }
        var facts = facts
        facts.error = error
        complete(facts)
    }

    /// Answers with a document; one that `isShared` is the same bytes for all who ask.
    func respond(
        _ body: ByteBuffer,
        status: Int = 200,
        contentType: StaticString = "application/json",
        policy: StaticString = ResponseHeaders.documentPolicy,
        isShared: Bool = false
    ) {
        send(body, status: status, contentType: contentType, isShared: isShared, room: policy.utf8CodeUnitCount) {
            $0.append(policy)
        }
        complete(Facts())
    }

    /// The facts about a request when it ends.
    struct Facts {
        var status: Int?
        var model: String?
        var usage: TokenUsage?
        var upstreamRequestID: String?
        var adjustments = AdjustmentList()
        var error: APIError?
        var detail: String?
        /// The results of the calls to upstream.
        var calls = CallFacts()
        var isStreamed = false
        /// Events of the present answer that told something.
        var events = 0
        var firstByte: NIODeadline?
        /// When the first chunk of a stream was there; a comment is none.
        var firstChunk: NIODeadline?
    }

    /// Records the end of the request, however it came.
    func complete(_ facts: consuming Facts) {
        guard !isComplete else { return }
        isComplete = true
        let now = NIODeadline.now()
        if holdsPermit { core.releasePermit() }
        if let permit {
            core.admission.settle(permit, tokens: tokens(facts), now: now.nanoseconds)
            self.permit = nil
        }
        stepEnded(facts)
        ending = (facts, now)
        loop.admissionChanged()
        loop.recordLater(self)
    }

    /// Gives out what was known when the request ended, once.
    func takeEnding() -> (facts: Facts, time: NIODeadline)? { ending.take() }

    /// The tokens that the request used: none where it was refused, nil where upstream did not report them (the
    /// estimate stays).
    private func tokens(_ facts: Facts) -> Int? {
        if let usage = facts.usage { return usage.input + usage.output }
        // A stream that was cut before upstream counted: a token for each event beside the estimate of the request.
        if facts.events > 0 { return Admission.estimate(exchange.head.contentLength) + facts.events }
        // Without a model nothing was asked of one.
        return (facts.error == nil || facts.calls.mayHaveRun) && facts.model != nil ? nil : 0
    }

    /// The client's address as text, for the record.
    var clientText: String {
        // Only a trusted proxy's word differs from the peer.
        guard settings.proxies.trusts(peer), let address, address != peer else { return exchange.remoteAddress.text }
        return address.description
    }

    /// The path that no route takes, for the record: bounded, without the query, and without what looks like a key.
    var unknownPath: String? {
        guard route.index == RouteTable.unknown.index else { return nil }
        let path = exchange.head.uri.prefix { $0 != "?" }.prefix(200)
        return path.contains("sk-") ? "(withheld: it may hold a key)" : String(path)
    }

    /// The id that the client gave the request, for the record.
    var clientRequestID: String? {
        let headers = exchange.head.headers
        guard let id = headers.first(name: "x-request-id") ?? headers.first(name: "x-client-request-id") else {
            return nil
        }
        guard !id.isEmpty, id.utf8.count <= 128, !KeyLookalikes.mayStand(in: id),
            id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return id
    }

    // MARK: - Tracing

    /// Continues the client's trace, and begins a span where there is a tracer.
    func beginTrace(operation: String, model: String, isStreamed: Bool) {
        let headers = exchange.head.headers
        let parent = headers.first(name: "traceparent")
        guard parent != nil || core.tracing.isActive else { return }
        let states = headers["tracestate"]
        var context = TraceContext(
            traceparent: parent,
            tracestate: states.isEmpty ? nil : states.joined(separator: ","),
            using: &loop.spanIDs
        )
        span = core.tracing.start(
            SpanRequest(
                operation: operation,
                model: model,
                method: exchange.head.method.rawValue,
                route: route.pattern,
                isStreamed: isStreamed,
                upstreamHost: core.baseURL.host
            ),
            context: &context
        )
        trace = context
    }

    /// Header lines for upstream that continue the trace; nil where there is none.
    var upstreamLines: ByteBuffer? {
        guard let trace else { return nil }
        return ByteBuffer(capacity: 128) { lines in
            lines.append("traceparent: ")
            trace.writeTraceparent(into: &lines)
            lines.append("\r\n")
            if let state = trace.state { lines.writeHeader("tracestate", state) }
        }
    }
}

extension NIODeadline {
    /// Nanoseconds of the monotonic clock.
    var nanoseconds: Int64 { Int64(clamping: uptimeNanoseconds) }
}
