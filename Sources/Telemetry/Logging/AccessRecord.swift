package import ByteWriting
package import Logging
package import NIOCore

/// The log record of one request; it never holds a key, a prompt or an answer.
package struct AccessRecord: Sendable {
    package var requestID: String
    /// The request's place in its trace.
    package var trace: TraceContext?
    package var method: String
    /// The route's pattern, not the path: paths are the caller's words.
    package var route: String
    /// The path of a request that no route takes.
    package var path: String?
    /// The id that the client gave the request.
    package var clientRequestID: String?
    package var status: Int
    /// From the request's head to the end of the answer.
    package var duration: TimeAmount
    /// From the request's head to the first byte of the answer's body.
    package var timeToFirstByte: TimeAmount?
    /// From the request's head to the first token.
    package var timeToFirstToken: TimeAmount?
    /// From the upstream request to the end of its answer, the last attempt's.
    package var upstreamDuration: TimeAmount?
    package var model: String?
    package var inputTokens: Int?
    package var outputTokens: Int?
    /// Of the input tokens, those that came from a cache.
    package var cachedTokens: Int?
    /// Of the output tokens, those of reasoning.
    package var reasoningTokens: Int?
    /// The characters of a text that was spoken.
    package var characters: Int?
    package var isStreamed: Bool
    package var clientAddress: String
    /// A keyed hash of the caller's key, made elsewhere; never a piece of the key.
    package var keyID: UInt64?
    /// Such as `1.1` or `2`.
    package var httpVersion: String?
    /// The name or address of the listener that the request came in by.
    package var listener: String?
    package var upstreamRequestID: String?
    /// The repairs, a bounded list such as `top_p;from=0;to=0.000001;reason=must be above 0`.
    package var adjustments: [String]
    package var errorCode: String?
    /// `client`, `gateway` or `upstream`.
    package var errorOrigin: String?
    /// For the operator: what the system said of a failure.
    package var errorDetail: String?
    package var attempts: Int
    package var bytesSent: Int
    /// The record stands for so many requests, of which the others have none; nil where each has its own.
    package var sampling: Int?

    package init(
        requestID: String,
        trace: TraceContext? = nil,
        method: String,
        route: String,
        path: String? = nil,
        clientRequestID: String? = nil,
        status: Int,
        duration: TimeAmount,
        timeToFirstByte: TimeAmount? = nil,
        timeToFirstToken: TimeAmount? = nil,
        upstreamDuration: TimeAmount? = nil,
        model: String? = nil,
        inputTokens: Int? = nil,
        outputTokens: Int? = nil,
        cachedTokens: Int? = nil,
        reasoningTokens: Int? = nil,
        isStreamed: Bool = false,
        clientAddress: String = "",
        keyID: UInt64? = nil,
        httpVersion: String? = nil,
        listener: String? = nil,
        upstreamRequestID: String? = nil,
        adjustments: [String] = [],
        errorCode: String? = nil,
        errorOrigin: String? = nil,
        errorDetail: String? = nil,
        attempts: Int = 0,
        bytesSent: Int = 0
    ) {
        self.requestID = requestID
        self.trace = trace
        self.method = method
        self.route = route
        self.path = path
        self.clientRequestID = clientRequestID
        self.status = status
        self.duration = duration
        self.timeToFirstByte = timeToFirstByte
        self.timeToFirstToken = timeToFirstToken
        self.upstreamDuration = upstreamDuration
        self.model = model
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cachedTokens = cachedTokens
        self.reasoningTokens = reasoningTokens
        self.isStreamed = isStreamed
        self.clientAddress = clientAddress
        self.keyID = keyID
        self.httpVersion = httpVersion
        self.listener = listener
        self.upstreamRequestID = upstreamRequestID
        self.adjustments = adjustments
        self.errorCode = errorCode
        self.errorOrigin = errorOrigin
        self.errorDetail = errorDetail
        self.attempts = attempts
        self.bytesSent = bytesSent
    }

    /// `warning` where the gateway or upstream is at fault, `info` otherwise.
    ///
    /// A refusal with a 4xx status is the caller's fault, whether the gateway or upstream refused; an answer that
    /// broke after its 200 is not.
    package var level: Logger.Level {
        if (400..<500).contains(status) { return .info }
        return status >= 500 || errorOrigin == "gateway" || errorOrigin == "upstream" ? .warning : .info
    }

    /// Appends the record as one line.
    package func write(
        timestamp: TimestampText,
        format: LogFormat = .json,
        isColored: Bool = false,
        into line: inout ByteWriter
    ) {
        switch format {
        case .json: writeJSON(timestamp: timestamp, into: &line)
        case .text: writeText(timestamp: timestamp, into: &line)
        case .terminal: writeTerminal(time: LocalTime.now(), isColored: isColored, into: &line)
        }
    }
}
