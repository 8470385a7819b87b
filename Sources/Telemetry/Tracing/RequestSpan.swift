import NIOCore
import Tracing

/// The span of one request, from its start to its record.
package struct RequestSpan: Sendable {
    private let span: any Span

    init(_ span: any Span) {
        self.span = span
    }

    /// Ends the span with what the record tells, and what only the answer does.
    ///
    /// An error of the gateway or of upstream, or an answer that broke, marks the span as failed.
    package func end(_ record: AccessRecord, responseID: String? = nil) {
        span.updateAttributes { attributes in
            attributes[SpanAttributeNames.status] = record.status
            if let value = record.model { attributes[SpanAttributeNames.responseModel] = value }
            if let value = responseID { attributes[SpanAttributeNames.responseID] = value }
            if let value = record.inputTokens { attributes[SpanAttributeNames.inputTokens] = value }
            if let value = record.outputTokens { attributes[SpanAttributeNames.outputTokens] = value }
            if let value = record.cachedTokens { attributes[SpanAttributeNames.cachedTokens] = value }
            if let value = record.reasoningTokens { attributes[SpanAttributeNames.reasoningTokens] = value }
            if let value = record.timeToFirstToken ?? record.timeToFirstByte {
                attributes[SpanAttributeNames.timeToFirstChunk] = Double(value.nanoseconds) / 1e9
            }
            if let value = record.upstreamRequestID { attributes[SpanAttributeNames.upstreamRequestID] = value }
            if let value = record.errorCode { attributes[SpanAttributeNames.errorType] = value }
        }
        if record.errorCode != nil || record.status >= 400 { span.setStatus(SpanStatus(code: .error)) }
        span.end()
    }
}
