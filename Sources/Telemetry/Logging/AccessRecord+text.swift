import ByteWriting
import Logging
import NIOCore

extension AccessRecord {
    /// Appends the record as one line for people: time, level, what was asked and answered, then `name=value`.
    func writeText(timestamp: TimestampText, into line: inout ByteWriter) {
        line.append(timestamp)
        // What failed is an error to those who read: `grep ERROR` finds it.
        line.append(level == .warning ? " ERROR   " : " INFO    ")
        line.writeLogWord(method)
        line.append(" ")
        line.writeLogWord(route)
        line.append(" ")
        line.append(number: status)
        line.append(" ")
        line.writeMilliseconds(duration)
        line.append("ms")
        line.writeField(" path=", path)
        line.writeField(" first_byte=", timeToFirstByte)
        line.writeField(" first_token=", timeToFirstToken)
        line.writeField(" upstream=", upstreamDuration)
        line.writeField(" model=", model)
        line.writeField(" in=", inputTokens)
        line.writeField(" out=", outputTokens)
        line.writeField(" cached=", cachedTokens)
        line.writeField(" reasoning=", reasoningTokens)
        line.writeField(" characters=", characters)
        if isStreamed { line.append(" streamed") }
        line.writeField(" error=", errorCode)
        line.writeField(" origin=", errorOrigin)
        line.writeField(" detail=", errorDetail)
        if attempts > 1 { line.writeField(" attempts=", attempts) }
        if !adjustments.isEmpty {
            line.append(" adjusted=")
            line.writeList(adjustments)
        }
        line.writeField(" client=", clientAddress.isEmpty ? nil : clientAddress)
        if let keyID {
            line.append(" key=")
            line.append(hexadecimal: keyID, digits: 16)
        }
        line.writeField(" http=", httpVersion)
        line.writeField(" listener=", listener)
        line.writeField(" bytes=", bytesSent)
        line.writeField(" sampling=", sampling)
        line.writeField(" id=", requestID)
        line.writeField(" client_id=", clientRequestID)
        line.writeField(" upstream_id=", upstreamRequestID)
        if let trace {
            line.append(" trace=")
            trace.writeTraceID(into: &line)
        }
        line.append("\n")
    }
}

extension ByteWriter {
    fileprivate mutating func writeField(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        append(name)
        writeLogWord(text)
    }

    fileprivate mutating func writeField(_ name: StaticString, _ number: Int?) {
        guard let number else { return }
        append(name)
        append(number: number)
    }

    fileprivate mutating func writeField(_ name: StaticString, _ amount: TimeAmount?) {
        guard let amount else { return }
        append(name)
        writeMilliseconds(amount)
        append("ms")
    }
}
