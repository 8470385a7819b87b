import NIOCore
import Testing

@testable import APITranslation

/// Work grows in proportion to a request; the square of these sizes would not end within a test's minute.
@Suite(.timeLimit(.minutes(15)))
struct MessagesBoundTests {
    private func list(_ count: Int, _ element: (Int) -> String) -> String {
        (0..<count).map(element).joined(separator: ",")
    }

    @Test func manyCallsAndResults() throws {
        let count = 8000
        let calls = list(count) { #"{"type":"tool_use","id":"c\#($0)","name":"f\#($0)","input":{}}"# }
        let results = list(count) { #"{"type":"tool_result","tool_use_id":"c\#(count - 1 - $0)","content":"x"}"# }
        let run = try MessagesRun(
            MessagesRun.messages(
                #"{"role":"user","content":"x"},{"role":"assistant","content":[\#(calls)]},{"role":"user","content":[\#(results)]}"#
            )
        )
        #expect(run.messages.count == count + 2)
    }

    @Test func manyToolsAndReferences() throws {
        let count = 8000
        let tools = list(count) { #"{"name":"f\#($0)","input_schema":{},"defer_loading":true}"# }
        let references = list(count) { #"{"type":"tool_reference","tool_name":"f\#($0)"}"# }
        let run = try MessagesRun(
            MessagesRun.messages(
                #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[\#(references)]}]}"#,
                #""tools":[\#(tools)]"#
            )
        )
        #expect(run.parameters?["tools"]?.elements.count == count)
    }

    @Test func manyUnknownFieldsMarkersAndSystemMessages() throws {
        let fields = list(40_000) { "\"x\($0)\":1" }
        #expect(try MessagesRun(MessagesRun.with(fields)).call.adjustments.headerValue.utf8.count <= 1024)
        let blocks = list(10_000) { #"{"type":"text","text":"b\#($0)","cache_control":{"type":"ephemeral"}}"# }
        let marked = try MessagesRun(MessagesRun.messages(#"{"role":"user","content":[\#(blocks)]}"#))
        #expect(marked.adjustments.first?.hasSuffix(";count=9996") == true)
        let systems = list(10_000) { #"{"role":"system","content":"s\#($0)"}"# }
        #expect(
            try MessagesRun(MessagesRun.messages(#"{"role":"user","content":"x"},\#(systems)"#)).messages.count == 1
        )
    }
}
