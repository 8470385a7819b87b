package import ByteWriting

/// A request's place in a trace, as W3C Trace Context's headers `traceparent` and `tracestate` carry it.
package struct TraceContext: Equatable, Sendable {
    /// The first and the last eight bytes of the trace id.
    package var traceID: (high: UInt64, low: UInt64)
    /// The caller's span; 0 where the trace begins here.
    package var parentID: UInt64
    /// The gateway's own span, which is upstream's parent.
    package var spanID: UInt64
    /// Whether the caller (or the tracer) records this trace.
    package var isSampled: Bool
    /// The vendors' list, passed on unchanged.
    package var state: String?

    /// Continues the trace of the headers, or begins one where they are missing or invalid.
    ///
    /// Several `tracestate` headers are joined with commas by the caller. `generator` gives the ids.
    package init(traceparent: String?, tracestate: String?, using generator: inout some RandomNumberGenerator) {
        if let traceparent, let parent = Self.parse(traceparent) {
            traceID = parent.traceID
            parentID = parent.parentID
            isSampled = parent.isSampled
            state = tracestate.flatMap { TraceState.isValid($0) ? $0 : nil }
        } else {
            traceID = (generator.next(), Self.nonZero(&generator))
            parentID = 0
            isSampled = false
            state = nil
        }
        spanID = Self.nonZero(&generator)
    }

    /// The span that `traceparent` names, as one of ours; `nil` where it is invalid.
    init?(span traceparent: String, state: String?) {
        guard let span = Self.parse(traceparent) else { return nil }
        traceID = span.traceID
        parentID = 0
        spanID = span.parentID
        isSampled = span.isSampled
        self.state = state
    }

    package static func == (left: TraceContext, right: TraceContext) -> Bool {
        left.traceID == right.traceID && left.parentID == right.parentID && left.spanID == right.spanID
            && left.isSampled == right.isSampled && left.state == right.state
    }

    private static func nonZero(_ generator: inout some RandomNumberGenerator) -> UInt64 {
        while true {
            let number: UInt64 = generator.next()
            if number != 0 { return number }
        }
    }
}

// MARK: - Reading

extension TraceContext {
    private typealias Parent = (traceID: (high: UInt64, low: UInt64), parentID: UInt64, isSampled: Bool)

    /// `00-<32 digits>-<16 digits>-<2 digits>`, lower case; a later version may add members behind another dash.
    private static func parse(_ text: String) -> Parent? {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count >= 55, bytes[2] == 0x2D, bytes[35] == 0x2D, bytes[52] == 0x2D,
                let version = number(bytes[0..<2]), version != 0xFF,
                let high = number(bytes[3..<19]), let low = number(bytes[19..<35]), high | low != 0,
                let parentID = number(bytes[36..<52]), parentID != 0,
                let flags = number(bytes[53..<55])
            else { return nil }
            guard bytes.count == 55 || (version != 0 && bytes[55] == 0x2D) else { return nil }
            // The other flags are not ours to promise.
            return ((high, low), parentID, flags & 1 == 1)
        }
    }

    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: number = number << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: number = number << 4 | UInt64(digit - 0x57)
            default: return nil
            }
        }
        return number
    }
}

// MARK: - Writing

extension TraceContext {
    /// Appends the value of `traceparent` for upstream.
    package func writeTraceparent(into writer: inout ByteWriter) {
        writeTraceparent(span: spanID, into: &writer)
    }

    /// Appends the trace id, 32 digits.
    package func writeTraceID(into writer: inout ByteWriter) {
        writer.append(hexadecimal: traceID.high, digits: 16)
        writer.append(hexadecimal: traceID.low, digits: 16)
    }

    /// Appends the gateway's span id, 16 digits.
    package func writeSpanID(into writer: inout ByteWriter) {
        writer.append(hexadecimal: spanID, digits: 16)
    }

    /// The value of `traceparent` that names the caller's span; `nil` where the trace begins here.
    var callerTraceparent: String? {
        guard parentID != 0 else { return nil }
        return ByteWriter.withBytes(capacity: 64) {
            writeTraceparent(span: parentID, into: &$0)
        } use: {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func writeTraceparent(span: UInt64, into writer: inout ByteWriter) {
        writer.append("00-")
        writeTraceID(into: &writer)
        writer.append("-")
        writer.append(hexadecimal: span, digits: 16)
        writer.append(isSampled ? "-01" : "-00")
    }
}
