@testable import DashScopeEmulator
import Testing

struct ToolScriptTests {
    private static let tools: JSON = [
        ["type": "function", "function": ["name": "Bash", "parameters": ["type": "object"]]],
        ["type": "function", "function": ["name": "Read", "parameters": ["type": "object"]]],
    ]
    private static let script = """
        <system-reminder>
        Never use the weather tool.
        </system-reminder>
        Do as follows.
        @call Bash {"command": "echo one"}
        @call Read {"file_path": "a b.txt"}
        @then
        @call Bash {}
        @say All done.
        """
    private let parameters: JSON = ["tools": Self.tools, "parallel_tool_calls": true]

    private func turn(_ names: String..., id: String) -> [JSON] {
        let calls = names.enumerated().map { index, name -> JSON in
            [
                "id": .string("\(id)\(index)"), "type": "function",
                "function": ["name": .string(name), "arguments": "{}"],
            ]
        }
        let results = names.indices.map { index -> JSON in
            ["role": "tool", "content": "good", "tool_call_id": .string("\(id)\(index)")]
        }
        return [["role": "assistant", "content": "", "tool_calls": .array(calls)]] + results
    }

    private func document(_ turns: [JSON], parameters: JSON? = nil) -> JSON {
        let question: JSON = ["role": "user", "content": .string(Self.script)]
        return Call(messages: .array([question] + turns), parameters: parameters ?? self.parameters).document()
    }

    private func calls(_ document: JSON) -> [String] {
        (document.answer?["tool_calls"]?.array ?? []).compactMap { call in
            guard let function = call["function"] else { return nil }
            return "\(function["name"]?.string ?? "") \(function["arguments"]?.string ?? "")"
        }
    }

    @Test
    func stepsAreCalledOneAfterTheOther() {
        #expect(calls(document([])) == ["Bash {\"command\": \"echo one\"}", "Read {\"file_path\": \"a b.txt\"}"])
        let first = turn("Bash", "Read", id: "a")
        #expect(calls(document(first)) == ["Bash {}"])
        let last = document(first + turn("Bash", id: "b"))
        #expect(last.contentText == "All done.")
        #expect(last.choice?["finish_reason"] == "stop")
    }

    @Test
    func remindersBehindResultsDoNotEndTheStep() {
        let reminder: JSON = ["role": "user", "content": "<system-reminder>Be kind.</system-reminder>"]
        #expect(calls(document(turn("Bash", "Read", id: "a") + [reminder])) == ["Bash {}"])
    }

    @Test
    func callsAreParallelOnlyWhenAllowed() {
        #expect(calls(document([], parameters: ["tools": Self.tools])) == ["Bash {\"command\": \"echo one\"}"])
    }

    @Test
    func toolsThatAreNotOfferedAreNamed() {
        let other: JSON = [["type": "function", "function": ["name": "Write", "parameters": [:]]]]
        #expect(document([], parameters: ["tools": other]).contentText == "None of these tools is offered: Bash, Read")
    }

    @Test
    func remindersAreNotTheQuestion() {
        let text = "<system-reminder>The weather tool is there.</system-reminder>\n\nHow are you?"
        let document = Call(ask: text, parameters: ["tools": ToolCallTests.tools]).document()
        #expect(document.contentText == "Echo: How are you?")
    }

    @Test
    func wordsStandBeforeTheCallsOfTheirStep() throws {
        let text = "@with I look it up.\n@call Bash {}\n@then\n@with Once more.\n@call Read {}"
        let call = Call(ask: text, parameters: parameters)
        let whole = call.document()
        #expect(whole.contentText == "I look it up.")
        #expect(calls(whole) == ["Bash {}"])
        let events = call.streaming().events()
        #expect(events.map(\.contentText).joined() == "I look it up.")
        let lastText = try #require(events.lastIndex { !$0.contentText.isEmpty })
        let firstCall = try #require(events.firstIndex { $0.answer?["tool_calls"] != nil })
        #expect(lastText < firstCall)
        let messages = JSON.array([["role": "user", "content": .string(text)]] + turn("Bash", id: "a"))
        #expect(Call(messages: messages, parameters: parameters).document().contentText == "Once more.")
    }
}
