import Synchronization
import Tracing

/// A tracer that keeps its spans and speaks W3C Trace Context, in the simplest way.
final class RecordingTracer: Tracer {
    let spans = Mutex<[RecordedSpan]>([])

    func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> RecordedSpan {
        let span = RecordedSpan(name: operationName, kind: kind, context: context())
        spans.withLock { $0.append(span) }
        return span
    }

    func forceFlush() {}

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        context.traceparent = extractor.extract(key: "Traceparent", from: carrier)
    }

    func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        let trace = context.traceparent?.dropFirst(3).prefix(32) ?? "11111111111111111111111111111111"
        injector.inject("00-\(trace)-00000000000000aa-01", forKey: "Traceparent", into: &carrier)
    }
}

/// A span as `RecordingTracer` keeps it.
final class RecordedSpan: Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var status: SpanStatus?
        var isEnded = false
    }

    let kind: SpanKind
    let context: InstrumentationContext
    private let state: Mutex<State>

    init(name: String, kind: SpanKind, context: InstrumentationContext) {
        self.kind = kind
        self.context = context
        self.state = Mutex(State(name: name))
    }

    var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }
    var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }
    var status: SpanStatus? { state.withLock { $0.status } }
    var isRecording: Bool { !isEnded }
    var isEnded: Bool { state.withLock { $0.isEnded } }

    func setStatus(_ status: SpanStatus) { state.withLock { $0.status = status } }
    func addEvent(_ event: SpanEvent) {}
    func addLink(_ link: SpanLink) {}
    func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {}
    func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) { state.withLock { $0.isEnded = true } }
}

private enum TraceparentKey: InstrumentationContextKey {
    typealias Value = String
}

extension InstrumentationContext {
    fileprivate var traceparent: String? {
        get { self[TraceparentKey.self] }
        set { self[TraceparentKey.self] = newValue }
    }
}
