import Logging
import NIOCore

extension AccessRecord {
    /// Appends the record as one line of JSON.
    func writeJSON(timestamp: String, into line: inout ByteBuffer) {
        line.writeStaticString("{\"timestamp\":\"")
        line.writeString(timestamp)
        line.writeStaticString("\",\"level\":\"")
        line.writeString(level.rawValue)
        line.writeStaticString("\",\"message\":\"request\",\"request_id\":")
        line.writeLogString(requestID)
        if let trace {
            line.writeStaticString(",\"trace_id\":\"")
            trace.writeTraceID(into: &line)
            line.writeStaticString("\",\"span_id\":\"")
            trace.writeSpanID(into: &line)
            line.writeStaticString("\"")
        }
        line.writeStaticString(",\"method\":")
        line.writeLogString(method)
        line.writeStaticString(",\"route\":")
        line.writeLogString(route)
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
        if isStreamed { line.writeStaticString(",\"streamed\":true") }
        line.writeMember(",\"client_ip\":", clientAddress.isEmpty ? nil : clientAddress)
        line.writeMember(",\"key_id\":", keyID)
        line.writeMember(",\"http_version\":", httpVersion)
        line.writeMember(",\"listener\":", listener)
        line.writeMember(",\"upstream_request_id\":", upstreamRequestID)
        if !adjustments.isEmpty {
            line.writeStaticString(",\"adjustments\":\"")
            line.writeList(adjustments)
            line.writeStaticString("\"")
        }
        line.writeMember(",\"error_code\":", errorCode)
        line.writeMember(",\"error_origin\":", errorOrigin)
        line.writeMember(",\"error_detail\":", errorDetail)
        if attempts > 1 { line.writeMember(",\"attempts\":", attempts) }
        line.writeMember(",\"bytes_sent\":", bytesSent)
        line.writeStaticString("}\n")
    }
}

extension ByteBuffer {
    fileprivate mutating func writeMember(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        writeStaticString(name)
        writeLogString(text)
    }

    fileprivate mutating func writeMember(_ name: StaticString, _ number: Int?) {
        guard let number else { return }
        writeStaticString(name)
        writeString(String(number))
    }

    fileprivate mutating func writeMember(_ name: StaticString, _ amount: TimeAmount?) {
        guard let amount else { return }
        writeStaticString(name)
        writeMilliseconds(amount)
    }

    /// Appends words with commas between them.
    mutating func writeList(_ words: [String]) {
        for (index, word) in words.enumerated() {
            if index > 0 { writeStaticString(",") }
            writeLogContent(word)
        }
    }
}
