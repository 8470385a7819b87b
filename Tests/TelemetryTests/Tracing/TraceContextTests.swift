import ByteWriting
import NIOCore
import Telemetry
import Testing

struct TraceContextTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func context(_ traceparent: String?, _ tracestate: String? = nil) -> TraceContext {
        var generator = SpanIDGenerator(seed: 7)
        return TraceContext(traceparent: traceparent, tracestate: tracestate, using: &generator)
    }

    private func sent(_ context: TraceContext) -> String {
        var buffer = ByteBuffer()
        buffer.compose(capacity: 64) { context.writeTraceparent(into: &$0) }
        return String(buffer: buffer)
    }

    @Test func upstreamGetsTheCallersTraceAndOurSpan() {
        let context = context(Self.parent, "a=1,b@c=2")
        let parts = sent(context).split(separator: "-")
        #expect(parts[0...1].joined(separator: "-") == "00-0af7651916cd43dd8448eb211c80319c")
        #expect(parts[2] != "b7ad6b7169203331" && parts[2].count == 16)
        #expect(parts[3] == "01")
        #expect(context.state == "a=1,b@c=2")
        // What we send continues the trace at the next hop.
        #expect(self.context(sent(context)).parentID == context.spanID)
    }

    @Test(arguments: ["00", "02", "fe"])
    func onlyTheFlagWeKnowIsPassedOn(flags: String) {
        #expect(sent(context(String(Self.parent.dropLast(2)) + flags)).hasSuffix("-00"))
    }

    @Test func aLaterVersionIsReadAsOurs() {
        for text in ["cc" + Self.parent.dropFirst(2), "cc" + Self.parent.dropFirst(2) + "-more"] {
            #expect(sent(context(text)).hasPrefix("00-0af7651916cd43dd8448eb211c80319c-"))
        }
    }

    @Test(arguments: [
        nil, "", "00", "ff" + parent.dropFirst(2), parent.uppercased(), parent + "-more",
        "cc" + parent.dropFirst(2) + "x",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", String(repeating: "é", count: 28),
    ])
    func anInvalidParentBeginsANewTrace(traceparent: String?) {
        let context = context(traceparent, "a=1")
        #expect(context.parentID == 0)
        #expect(context.state == nil)
        #expect(!sent(context).contains("0af7651916cd43dd8448eb211c80319c"))
        #expect(self.context(sent(context)).parentID == context.spanID)
    }

    @Test(arguments: [
        "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "a=1, b=2 ,\tc=3", "a=1,,b=2", "1tenant@sys=x y", "a=1,",
        "k=" + String(repeating: "v", count: 256), (0..<32).map { "k\($0)=v" }.joined(separator: ","),
    ])
    func aValidStateIsPassedOnUnchanged(state: String) {
        #expect(context(Self.parent, state).state == state)
    }

    @Test(arguments: [
        "", ",", "a", "a=", "=1", "A=1", "a=1,a=2", "a=b=c", "a=\u{1}", "a=é", "a@b@c=1", "a b=1",
        "k=" + String(repeating: "v", count: 257), (0..<33).map { "k\($0)=v" }.joined(separator: ","),
        (0..<3).map { "k\($0)=" + String(repeating: "v", count: 200) }.joined(separator: ","),
    ])
    func aMalformedOrLongStateIsDropped(state: String) {
        #expect(context(Self.parent, state).state == nil)
    }

    @Test func twoRequestsHaveTwoSpans() {
        var generator = SpanIDGenerator()
        let contexts = (0..<100).map { _ in TraceContext(traceparent: nil, tracestate: nil, using: &generator) }
        #expect(Set(contexts.map(\.spanID)).count == 100)
        #expect(Set(contexts.map(\.traceID.low)).count == 100)
    }
}
