import NIOCore
import Testing

@testable import APITranslation

/// DashScope's own parameters in a request of Messages: checked and repaired as on chat.
struct MessagesNativeTests {
    private static let chatFields = [
        #""seed":-5"#, #""seed":-1"#, #""seed":7.0"#, #""presence_penalty":1.5"#, #""top_logprobs":9"#,
        #""logit_bias":{}"#, #""logit_bias":{"1":null,"2":5}"#, #""repetition_penalty":1.1"#,
        #""vl_high_resolution_images":true"#,
    ]

    @Test(arguments: chatFields) func theSameAsOnChat(field: String) throws {
        let chat = try RequestRun(RequestRun.with(field))
        let messages = try MessagesRun(MessagesRun.with(field))
        #expect(messages.adjustments == chat.adjustments)
        let name = String(field.dropFirst().prefix { $0 != "\"" })
        #expect(messages.parameters?[name] == chat.parameters?[name])
    }

    @Test(arguments: [
        #""presence_penalty":3"#, #""presence_penalty":"1""#, #""top_logprobs":21"#, #""top_logprobs":-1"#,
        #""seed":1.5"#, #""logprobs":1"#, #""enable_search":"yes""#, #""search_options":[]"#, #""thinking_budget":"1""#,
    ])
    func whatChatRefusesIsRefused(field: String) throws {
        let name = String(field.dropFirst().prefix { $0 != "\"" })
        #expect(RequestRun.refusal(RequestRun.with(field))?.param == name)
        let error = MessagesRun.refusal(MessagesRun.with(field))
        #expect(error?.status == 400)
        #expect(error?.message.hasPrefix("\(name): ") == true, "\(error?.message ?? "taken")")
    }

    private static let search =
        #""tools":[{"type":"web_search_20250305","name":"web_search","allowed_domains":["a.b"]}]"#

    @Test(arguments: [
        (#""thinking":{"type":"disabled"},"enable_thinking":true"#, "enable_thinking;from=true;to=none"),
        (#""thinking":{"type":"adaptive"},"enable_thinking":false"#, "enable_thinking;from=false;to=none"),
        (#""thinking":{"type":"enabled","budget_tokens":9},"thinking_budget":8"#, "thinking_budget;from=8;to=none"),
        (search + #","enable_search":false"#, "enable_search;from=false;to=true"),
        (search + #","search_options":{"forced_search":true}"#, "tools[*].allowed_domains;from=array;to=none"),
    ])
    func whatIsSaidTwiceIsReported(members: String, report: String) throws {
        let run = try MessagesRun(MessagesRun.with(members))
        #expect(run.adjustments.contains { $0.hasPrefix(report) }, "\(run.adjustments)")
    }

    @Test(arguments: [
        #""thinking":{"type":"adaptive"},"enable_thinking":true"#,
        #""thinking":{"type":"enabled","budget_tokens":8},"thinking_budget":8"#,
        search + #","enable_search":true"#,
    ])
    func whatIsSaidTwiceAlikeIsNot(members: String) throws {
        let said = ["enable_thinking;", "thinking_budget;", "enable_search;", "tools[*]"]
        let run = try MessagesRun(MessagesRun.with(members))
        #expect(!run.adjustments.contains { report in said.contains { report.hasPrefix($0) } })
    }

    // MARK: - Messages of the system

    @Test(arguments: [0, 1]) func aBlockOfTheSystemThatNobodyKnowsIsReported(place: Int) throws {
        let user = #"{"role":"user","content":"x"}"#
        let system = #"{"role":"system","content":[{"type":"text","text":"s"},{"type":"novelty","a":1}]}"#
        let messages = place == 0 ? [system, user] : [user, system]
        let run = try MessagesRun(MessagesRun.messages(messages.joined(separator: ",")))
        #expect(run.adjustments.contains { $0.hasPrefix("messages[*].content;from=novelty;to=none") })
    }

    @Test(arguments: [0, 1]) func aTextOfTheSystemThatIsNoneIsRefused(place: Int) throws {
        let user = #"{"role":"user","content":"x"}"#
        let system = #"{"role":"system","content":[{"type":"text","text":5}]}"#
        let messages = place == 0 ? [system, user] : [user, system]
        let error = MessagesRun.refusal(MessagesRun.messages(messages.joined(separator: ",")))
        #expect(error?.message.hasPrefix("messages.\(place).content.0.text: ") == true)
    }

    @Test func toolsAloneMakeNoSystemMessage() throws {
        let messages =
            #"{"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_reference","name":"f"}}]},"#
            + #"{"role":"user","content":"x"}"#
        let run = try MessagesRun(MessagesRun.messages(messages))
        #expect(run.messages.compactMap { $0["role"]?.text } == ["user"])
    }

    // MARK: - Counting

    @Test(arguments: [
        #""tools":[{"name":"f"}]"#, #""tool_choice":{"type":"any_of"}"#, #""system":[{"type":"image"}]"#,
        #""thinking":{"type":"sometimes"}"#,
    ])
    func countingRefusesWhatMessagesRefuse(member: String) throws {
        let request = MessagesRun.with(member)
        let refusal = try #require(MessagesRun.refusal(request))
        #expect(throws: refusal) { try MessagesRun.estimate(request) }
    }

    @Test func countingNeedsNoLimit() throws {
        let request = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#
        #expect(try MessagesRun.estimate(request) > 0)
    }

    /// The estimate of a stream is that of `count_tokens`, but for long texts, which are judged by their beginning.
    @Test(arguments: ["hi", "你好，世界", String(repeating: "word ", count: 4000), String(repeating: "汉字", count: 4000)])
    func theEstimateOfAStreamIsNearTheFullOne(text: String) throws {
        let request = MessagesRun.with(
            #""stream":true,"system":"\#(text)","tools":[{"name":"f","input_schema":{"type":"object"}}]"#
        )
        let full = try MessagesRun.estimate(request)
        let started = try MessagesRun(request).context?.estimatedInputTokens ?? 0
        #expect(abs(started - full) <= full / 8)
    }
}
