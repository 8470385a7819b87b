package import Tracing

/// Spans around requests, where a tracer is there; otherwise a flag that is looked at.
package struct RequestTracing: Sendable {
    private let tracer: (any Tracer)?

    /// Without a tracer: no request costs more than a comparison.
    package static let off = RequestTracing(tracer: nil)

    package init(tracer: (any Tracer)?) {
        self.tracer = tracer
    }

    /// With the tracer of the instrumentation system as it is now, so made after its bootstrap.
    package static func bootstrapped() -> RequestTracing {
        let tracer = InstrumentationSystem.tracer
        return RequestTracing(tracer: tracer is NoOpTracer ? nil : tracer)
    }

    /// Whether spans are made; asked before a `SpanRequest` is.
    package var isActive: Bool { tracer != nil }

    /// Starts the span `{operation} {model}` as a child of the caller's; `nil` where there is no tracer.
    ///
    /// Where the tracer speaks W3C Trace Context, `context` becomes the span's, for the log and for upstream.
    package func start(_ request: @autoclosure () -> SpanRequest, context: inout TraceContext) -> RequestSpan? {
        guard let tracer else { return nil }
        let request = request()
        var parent = InstrumentationContext.topLevel
        var carrier: [String: String] = [:]
        if let caller = context.callerTraceparent {
            carrier["traceparent"] = caller
            carrier["tracestate"] = context.state
        }
        tracer.extract(carrier, into: &parent, using: HeaderCarrier())
        let span = start(request, in: parent, with: tracer)
        var injected: [String: String] = [:]
        tracer.inject(span.context, into: &injected, using: HeaderCarrier())
        if let traceparent = injected["traceparent"],
            let own = TraceContext(span: traceparent, state: injected["tracestate"] ?? context.state)
        {
            let parentID = context.parentID
            context = own
            context.parentID = parentID
        }
        return RequestSpan(span)
    }

    private func start(
        _ request: SpanRequest,
        in parent: InstrumentationContext,
        with tracer: some Tracer
    ) -> any Span {
        let span = tracer.startSpan("\(request.operation) \(request.model)", context: parent, ofKind: .client)
        span.updateAttributes { attributes in
            attributes[SpanAttributeNames.operation] = request.operation
            attributes[SpanAttributeNames.provider] = SpanAttributeNames.providerName
            attributes[SpanAttributeNames.requestModel] = request.model
            attributes[SpanAttributeNames.requestStream] = request.isStreamed
            attributes[SpanAttributeNames.method] = request.method
            attributes[SpanAttributeNames.route] = request.route
            if let value = request.upstreamHost { attributes[SpanAttributeNames.serverAddress] = value }
        }
        return span
    }
}

/// Headers as a tracer reads and writes them.
private struct HeaderCarrier: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key.lowercased()] }

    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key.lowercased()] = value
    }
}
