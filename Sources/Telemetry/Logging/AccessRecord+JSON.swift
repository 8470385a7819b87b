import ByteWriting
import Logging
import NIOCore

extension AccessRecord {
    /// Appends the record as one line of JSON.
    func writeJSON(timestamp: TimestampText, into line: inout ByteWriter) {
        line.append("{\"timestamp\":\"")
        line.append(timestamp)
        line.append("\",\"level\":\"")
        line.append(text: level.rawValue)
        line.append("\",\"message\":\"request\",\"request_id\":")
        line.writeLogString(requestID)
        if let trace {
            line.append(",\"trace_id\":\"")
            trace.writeTraceID(into: &line)
            line.append("\",\"span_id\":\"")
            trace.writeSpanID(into: &line)
            line.append("\"")
        }
        line.append(",\"method\":")
        line.writeLogString(method)
        line.append(",\"route\":")
        line.writeLogString(route)
        line.writeMember(",\"path\":", path)
        line.writeMember(",\"status\":", status)
        line.writeMember(",\"duration_ms\":", duration)
        line.writeMember(",\"ttfb_ms\":", timeToFirstByte)
        line.writeMember(",\"ttft_ms\":", timeToFirstToken)
        line.writeMember(",\"upstream_ms\":", upstreamDuration)
        line.writeMember(",\"model\":", model)
        line.writeMember(",\"input_tokens\":", inputTokens)
        line.writeMember(",\"output_tokens\":", outputTokens)
        line.writeMember(",\"cached_tokens\":", cachedTokens)
        line.writeMember(",\"reasoning_tokens\":", reasoningTokens)
        line.writeMember(",\"characters\":", characters)
        if isStreamed { line.append(",\"streamed\":true") }
        line.writeMember(",\"client_ip\":", clientAddress.isEmpty ? nil : clientAddress)
        if let keyID {
            line.append(",\"key_id\":\"")
            line.append(hexadecimal: keyID, digits: 16)
            line.append("\"")
        }
        line.writeMember(",\"http_version\":", httpVersion)
        line.writeMember(",\"listener\":", listener)
        line.writeMember(",\"upstream_request_id\":", upstreamRequestID)
        line.writeMember(",\"client_request_id\":", clientRequestID)
        if !adjustments.isEmpty {
            line.append(",\"adjustments\":\"")
            line.writeList(adjustments)
            line.append("\"")
        }
        line.writeMember(",\"error_code\":", errorCode)
        line.writeMember(",\"error_origin\":", errorOrigin)
        line.writeMember(",\"error_detail\":", errorDetail)
        if attempts > 1 { line.writeMember(",\"attempts\":", attempts) }
        line.writeMember(",\"bytes_sent\":", bytesSent)
        line.writeMember(",\"sampling\":", sampling)
        line.append("}\n")
    }
}

extension ByteWriter {
    fileprivate mutating func writeMember(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        append(name)
        writeLogString(text)
    }

    fileprivate mutating func writeMember(_ name: StaticString, _ number: Int?) {
        guard let number else { return }
        append(name)
        append(number: number)
    }

    fileprivate mutating func writeMember(_ name: StaticString, _ amount: TimeAmount?) {
        guard let amount else { return }
        append(name)
        writeMilliseconds(amount)
    }
}
