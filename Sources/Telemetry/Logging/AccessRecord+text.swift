import Logging
import NIOCore

extension AccessRecord {
    /// Appends the record as one line for people: time, level, what was asked and answered, then `name=value`.
    func writeText(timestamp: String, into line: inout ByteBuffer) {
        line.writeString(timestamp)
        line.writeStaticString(level == .warning ? " warning " : " info    ")
        line.writeLogWord(method)
        line.writeStaticString(" ")
        line.writeLogWord(route)
        line.writeStaticString(" ")
        line.writeString(String(status))
        line.writeStaticString(" ")
        line.writeMilliseconds(duration)
        line.writeStaticString("ms")
        line.writeField(" first_byte=", timeToFirstByte)
        line.writeField(" first_token=", timeToFirstToken)
        line.writeField(" upstream=", upstreamDuration)
        line.writeField(" model=", model)
        line.writeField(" in=", inputTokens)
        line.writeField(" out=", outputTokens)
        line.writeField(" cached=", cachedTokens)
        line.writeField(" reasoning=", reasoningTokens)
        if isStreamed { line.writeStaticString(" streamed") }
        line.writeField(" error=", errorCode)
        line.writeField(" origin=", errorOrigin)
        line.writeField(" detail=", errorDetail)
        if attempts > 1 { line.writeField(" attempts=", attempts) }
        if !adjustments.isEmpty {
            line.writeStaticString(" adjusted=")
            line.writeList(adjustments)
        }
        line.writeField(" client=", clientAddress.isEmpty ? nil : clientAddress)
        line.writeField(" key=", keyID)
        line.writeField(" http=", httpVersion)
        line.writeField(" listener=", listener)
        line.writeField(" bytes=", bytesSent)
        line.writeField(" id=", requestID)
        line.writeField(" upstream_id=", upstreamRequestID)
        if let trace {
            line.writeStaticString(" trace=")
            trace.writeTraceID(into: &line)
        }
        line.writeStaticString("\n")
    }
}

extension ByteBuffer {
    fileprivate mutating func writeField(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        writeStaticString(name)
        writeLogWord(text)
    }

    fileprivate mutating func writeField(_ name: StaticString, _ number: Int?) {
        guard let number else { return }
        writeStaticString(name)
        writeString(String(number))
    }

    fileprivate mutating func writeField(_ name: StaticString, _ amount: TimeAmount?) {
        guard let amount else { return }
        writeStaticString(name)
        writeMilliseconds(amount)
        writeStaticString("ms")
    }
}
