import ByteWriting
import NIOCore
import Synchronization
import Telemetry
import Testing
import Tracing

struct RequestTracingTests {
    private func context(_ traceparent: String?) -> TraceContext {
        var generator = SpanIDGenerator(seed: 3)
        return TraceContext(traceparent: traceparent, tracestate: "a=1", using: &generator)
    }

    private func record(status: Int, error: String? = nil) -> AccessRecord {
        AccessRecord(
            requestID: "req_1",
            method: "POST",
            route: "/v1/chat/completions",
            status: status,
            duration: .seconds(1),
            timeToFirstToken: .milliseconds(250),
            model: "qwen-plus-2025",
            inputTokens: 3,
            outputTokens: 4,
            errorCode: error
        )
    }

    private func text(_ attribute: SpanAttribute?) -> String? { attribute.map { "\($0)" } }

    @Test func aSpanContinuesTheCallersTraceAndNamesTheModel() throws {
        let tracer = RecordingTracer()
        var context = context("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
        let request = SpanRequest(
            operation: "chat",
            model: "qwen-plus",
            method: "POST",
            route: "/v1/chat/completions",
            isStreamed: true
        )
        let span = try #require(RequestTracing(tracer: tracer).start(request, context: &context))
        span.end(record(status: 200), responseID: "chatcmpl-1")
        let recorded = try #require(tracer.spans.withLock { $0.first })
        #expect(recorded.operationName == "chat qwen-plus")
        #expect(recorded.kind == .client)
        #expect(recorded.isEnded)
        #expect(recorded.status == nil)
        let attributes = recorded.attributes
        #expect(text(attributes.get("gen_ai.provider.name"))?.contains("alibaba.dashscope") == true)
        #expect(text(attributes.get("gen_ai.request.model"))?.contains("qwen-plus") == true)
        #expect(text(attributes.get("gen_ai.response.model"))?.contains("qwen-plus-2025") == true)
        #expect(text(attributes.get("gen_ai.usage.input_tokens"))?.contains("3") == true)
        #expect(text(attributes.get("gen_ai.response.time_to_first_chunk"))?.contains("0.25") == true)
        // Log and upstream see the tracer's span in the caller's trace.
        var sent = ByteBuffer()
        sent.compose(capacity: 64) { context.writeTraceparent(into: &$0) }
        #expect(String(buffer: sent) == "00-0af7651916cd43dd8448eb211c80319c-00000000000000aa-01")
        #expect(context.parentID == 0xb7ad_6b71_6920_3331)
        #expect(context.state == "a=1")
    }

    @Test func aFailedRequestIsAFailedSpan() throws {
        let tracer = RecordingTracer()
        var context = context(nil)
        let request = SpanRequest(operation: "chat", model: "m", method: "POST", route: "/v1/chat/completions")
        RequestTracing(tracer: tracer).start(request, context: &context)?
            .end(record(status: 200, error: "stream_broken"))
        let recorded = try #require(tracer.spans.withLock { $0.first })
        #expect(recorded.status?.code == .error)
        #expect(text(recorded.attributes.get("error.type"))?.contains("stream_broken") == true)
    }

    @Test func withoutATracerNothingIsMade() {
        var context = context(nil)
        let before = context
        var wasAsked = false
        func request() -> SpanRequest {
            wasAsked = true
            return SpanRequest(operation: "chat", model: "m", method: "POST", route: "/")
        }
        let tracing = RequestTracing.bootstrapped()
        #expect(!tracing.isActive)
        #expect(tracing.start(request(), context: &context) == nil)
        #expect(!wasAsked)
        #expect(context == before)
    }
}
