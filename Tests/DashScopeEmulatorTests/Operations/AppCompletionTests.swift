@testable import DashScopeEmulator
import Testing

struct AppCompletionTests {
    private func call(_ input: JSON, id: String = "0a1b2c", parameters: JSON = [:]) -> Call {
        Call(ask: "").with {
            $0.path = "/api/v1/apps/\(id)/completion"
            $0.body = ["input": input, "parameters": parameters, "debug": [:]]
        }
    }

    @Test
    func anAgentAnswersAPromptOrMessages() {
        let document = call(["prompt": "Hi"]).document()
        #expect(document["output"]?["text"] == "Echo: Hi")
        #expect(document["output"]?["finish_reason"] == "stop")
        #expect(document["output"]?["session_id"]?.string?.count == 32)
        #expect(document["usage"]?["models"]?[0]?["model_id"] == "qwen-plus")
        let messages: JSON = [
            ["role": "user", "content": "one"], ["role": "assistant", "content": "first"],
            ["role": "user", "content": "two"],
        ]
        #expect(call(["messages": messages]).document()["output"]?["text"] == "Echo: two")
    }

    @Test
    func aSessionGoesOn() throws {
        let emulator = testEmulator()
        let first = call(["prompt": "one"]).document(from: emulator)
        let session = try #require(first["output"]?["session_id"])
        let second = call(["prompt": "two", "session_id": session]).document(from: emulator)
        #expect(second["output"]?["text"] == "Earlier you said: one. Echo: two")
        #expect(second["output"]?["session_id"] == session)
    }

    @Test
    func thoughtsAndReferencesComeWhereTheyAreAskedFor() {
        let parameters: JSON = ["has_thoughts": true, "rag_options": ["pipeline_ids": ["x"]]]
        let output = call(["prompt": "Hi"], parameters: parameters).document()["output"]
        #expect(output?["thoughts"]?[0]?["action"] == "rag")
        #expect(output?["doc_references"]?[0]?["index_id"] == "1")
        #expect(output?["text"] == "Echo: Hi<ref>[1]</ref>")
        #expect(call(["prompt": "Hi"]).document()["output"]?["thoughts"] == nil)
    }

    @Test
    func streamsCarryIncrementsOrAllSoFar() {
        let increments = call(["prompt": "Hello there"]).streaming().events()
        #expect(increments.compactMap { $0["output"]?["text"]?.string }.joined() == "Echo: Hello there")
        #expect(increments.last?["output"]?["finish_reason"] == "stop")
        #expect(increments.dropLast().allSatisfy { $0["output"]?["finish_reason"] == "null" })
        #expect(Set(increments.compactMap { $0["output"]?["session_id"]?.string }).count == 1)
        let cumulative = call(["prompt": "Hello there"]).streaming(incremental: false).events()
        #expect(cumulative.last?["output"]?["text"] == "Echo: Hello there")
    }

    @Test
    func workflowsHaveNoUsageAndMayHaveMessages() {
        #expect(call(["prompt": "Hi"], id: "workflow-1").document()["usage"] == [:])
        let events = call(["prompt": "Hi"], id: "workflow-1", parameters: ["flow_stream_mode": "message_format"])
            .streaming().events()
        let text = events.compactMap { $0["output"]?["workflow_message"]?["message"]?["content"]?.string }.joined()
        #expect(text == "Echo: Hi")
        #expect(events.allSatisfy { $0["output"]?["text"] == nil })
    }

    @Test
    func badRequestsAreRefused() {
        #expect(call([:]).reply().message.hasPrefix("Either \"prompt\" or \"messages\" must exist"))
        #expect(call(["prompt": "Hi"], parameters: ["has_thoughts": 1]).reply().status == 400)
        #expect(call(["prompt": "Hi"], id: "a/b").reply().status == 404)
        #expect(call(["prompt": "Hi"], id: "emulator-throttled").reply().code == "Throttling.RateQuota")
        let denied = call(["prompt": "Hi"], id: "emulator-code-403-App.AccessDenied").reply()
        #expect(denied.status == 403)
        let broken = call(["prompt": "Hi"], id: "x-emulator-breaks-mid-stream").streaming().reply()
        #expect(broken.steps.last == .abort)
    }
}
