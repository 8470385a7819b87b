import JSONBytes
package import NIOCore

/// What the log tells of one request; never a key, a prompt or an answer.
package struct AccessRecord: Sendable {
    package var requestID: String
    package var method: String
    /// The route's pattern, not the path: paths are the caller's words.
    package var route: String
    package var status: Int
    package var duration: TimeAmount
    package var timeToFirstByte: TimeAmount?
    package var model: String?
    package var inputTokens: Int?
    package var outputTokens: Int?
    package var clientAddress: String
    package var upstreamRequestID: String?
    /// Names of the repairs, such as `top_p`.
    package var adjustments: [String]
    package var errorCode: String?
    package var errorOrigin: String?
    /// For the operator: what the system said of a failure.
    package var errorDetail: String?
    package var attempts: Int
    package var bytesSent: Int

    package init(
        requestID: String,
        method: String,
        route: String,
        status: Int,
        duration: TimeAmount,
        timeToFirstByte: TimeAmount? = nil,
        model: String? = nil,
        inputTokens: Int? = nil,
        outputTokens: Int? = nil,
        clientAddress: String = "",
        upstreamRequestID: String? = nil,
        adjustments: [String] = [],
        errorCode: String? = nil,
        errorOrigin: String? = nil,
        errorDetail: String? = nil,
        attempts: Int = 0,
        bytesSent: Int = 0
    ) {
        self.requestID = requestID
        self.method = method
        self.route = route
        self.status = status
        self.duration = duration
        self.timeToFirstByte = timeToFirstByte
        self.model = model
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.clientAddress = clientAddress
        self.upstreamRequestID = upstreamRequestID
        self.adjustments = adjustments
        self.errorCode = errorCode
        self.errorOrigin = errorOrigin
        self.errorDetail = errorDetail
        self.attempts = attempts
        self.bytesSent = bytesSent
    }

    /// Appends the record as one line of JSON.
    package func write(timestamp: String, into line: inout ByteBuffer) {
        line.append("{\"timestamp\":\"")
        line.append(text: timestamp)
        line.append("\",\"level\":\"info\",\"message\":\"request\",\"request_id\":")
        line.writeJSON(requestID)
        line.append(",\"method\":")
        line.writeJSON(method)
        line.append(",\"route\":")
        line.writeJSON(route)
        line.append(",\"status\":")
        line.writeJSON(status)
        line.append(",\"duration_ms\":")
        line.writeMilliseconds(duration)
        if let timeToFirstByte {
            line.append(",\"ttfb_ms\":")
            line.writeMilliseconds(timeToFirstByte)
        }
        line.writeMember(",\"model\":", model)
        line.writeMember(",\"input_tokens\":", inputTokens)
        line.writeMember(",\"output_tokens\":", outputTokens)
        line.writeMember(",\"client_ip\":", clientAddress.isEmpty ? nil : clientAddress)
        line.writeMember(",\"upstream_request_id\":", upstreamRequestID)
        if !adjustments.isEmpty { line.writeMember(",\"adjustments\":", adjustments.joined(separator: ",")) }
        line.writeMember(",\"error_code\":", errorCode)
        line.writeMember(",\"error_origin\":", errorOrigin)
        line.writeMember(",\"error_detail\":", errorDetail)
        if attempts > 1 { line.writeMember(",\"attempts\":", attempts) }
        line.writeMember(",\"bytes_sent\":", bytesSent)
        line.append("}\n")
    }
}

extension ByteBuffer {
    fileprivate mutating func writeMember(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        append(name)
        writeJSON(text)
    }

    fileprivate mutating func writeMember(_ name: StaticString, _ number: Int?) {
        guard let number else { return }
        append(name)
        writeJSON(number)
    }

    fileprivate mutating func writeMilliseconds(_ amount: TimeAmount) {
        let micros = max(0, amount.nanoseconds / 1000)
        append(text: String(micros / 1000))
        let fraction = micros % 1000
        append(".")
        append(fraction < 10 ? "00" : fraction < 100 ? "0" : "")
        append(number: Int(fraction))
    }
}
