import NIOCore
import Testing

@testable import APITranslation

struct MessagesParameterTests {
    private let tool = #"{"name":"f","description":"d","input_schema":{"type":"object"}}"#
    private let other = #"{"name":"g","input_schema":{"type":"object"}}"#

    // MARK: - Length and sampling

    @Test func samplingIsCarried() throws {
        let run = try MessagesRun(
            MessagesRun.with(#""temperature":0.70,"top_p":0.9,"top_k":5,"stop_sequences":["a","b"],"stream":true"#)
        )
        let text = String(buffer: run.call.body)
        #expect(text.contains(#""temperature":0.70"#))
        #expect(run.parameters?["top_k"] == .number(5))
        #expect(run.parameters?["stop"] == .array([.string("a"), .string("b")]))
        #expect(run.parameters?["incremental_output"] == .bool(true))
        #expect(run.call.streamsToClient)
        #expect(run.context?.stopSequences == ["a", "b"])
        #expect(run.adjustments.isEmpty)
    }

    @Test func tooLargeALimitIsClamped() throws {
        let request = #"{"model":"qwen-max","max_tokens":32000,"messages":[{"role":"user","content":"x"}]}"#
        let run = try MessagesRun(request)
        #expect(run.parameters?["max_tokens"] == .number(8192))
        #expect(run.adjustments == ["max_tokens;from=32000;to=8192;reason=the model's largest answer"])
        let unknown = request.replacing("qwen-max", with: "brand-new")
        #expect(try MessagesRun(unknown).parameters?["max_tokens"] == .number(32000))
        #expect(try MessagesRun(unknown, outputLimit: 4096).parameters?["max_tokens"] == .number(4096))
    }

    @Test func aLimitOfNothingAsksForOneToken() throws {
        let run = try MessagesRun(#"{"model":"qwen-plus","max_tokens":0,"messages":[{"role":"user","content":"x"}]}"#)
        #expect(run.parameters?["max_tokens"] == .number(1))
        #expect(run.context?.wantsNothing == true)
    }

    @Test(arguments: [
        (#"{"model":"qwen-plus","messages":[{"role":"user","content":"x"}]}"#, "max_tokens: Field required"),
        (#"{"model":"qwen-plus","max_tokens":"5","messages":[{"role":"user","content":"x"}]}"#, "max_tokens: "),
        (#"{"model":"qwen-plus","max_tokens":true,"messages":[{"role":"user","content":"x"}]}"#, "max_tokens: "),
        (#"{"model":"qwen-plus","max_tokens":-1,"messages":[{"role":"user","content":"x"}]}"#, "max_tokens: "),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"x"}]}"#, "model: Field required"),
        (#"{"model":"qwen-plus","max_tokens":1}"#, "messages: Field required"),
        (#"{"model":"qwen-plus","max_tokens":1,"messages":[]}"#, "messages: "),
        (MessagesRun.with(#""temperature":2"#), "temperature: "),
        (MessagesRun.with(#""temperature":"hot""#), "temperature: "),
        (MessagesRun.with(#""top_p":1.5"#), "top_p: "), (MessagesRun.with(#""top_k":-1"#), "top_k: "),
        (MessagesRun.with(#""stop_sequences":[""]"#), "stop_sequences.0: "),
        (MessagesRun.with(#""stop_sequences":"x""#), "stop_sequences: "),
        (MessagesRun.with(#""stream":"yes""#), "stream: "), (MessagesRun.with(#""system":5"#), "system: "),
        (MessagesRun.with(#""system":[{"type":"image"}]"#), "system.0.type: "),
        (MessagesRun.with(#""tools":{}"#), "tools: "),
        (MessagesRun.with(#""tools":[{"name":"f"}]"#), "tools.0.custom.input_schema: Field required"),
        (MessagesRun.with(#""tools":[{"input_schema":{}}]"#), "tools.0.custom.name: Field required"),
        (MessagesRun.with(#""thinking":{"type":"perhaps"}"#), "thinking.type: "),
        (MessagesRun.with(#""thinking":{"type":"enabled"}"#), "thinking.budget_tokens: "),
        (MessagesRun.with(#""output_config":{"format":{"type":"xml"}}"#), "output_config.format.type: "),
        (MessagesRun.with(#""tool_choice":{"type":"tool","name":"nope"}"#), "tool_choice.name: "),
        (MessagesRun.with(#""tool_choice":{}"#), "tool_choice.type: Field required"),
    ])
    func whatCannotBeSentIsRefusedByItsPlace(request: String, beginning: String) {
        let error = MessagesRun.refusal(request)
        #expect(error?.status == 400)
        #expect(error?.message.hasPrefix(beginning) == true, "\(error?.message ?? "taken")")
    }

    // MARK: - Thinking

    @Test(
        arguments: [
            ("qwen-plus", "", nil), ("qwen-plus", #""thinking":{"type":"disabled"}"#, nil),
            ("qwen3.6-plus", "", false), ("qwen3.6-plus", #""thinking":{"type":"between_tools"}"#, false),
            ("qwen-plus", #""thinking":{"type":"adaptive"}"#, true),
            ("qwen3.6-plus", #""thinking":{"type":"adaptive"}"#, nil),
            ("qwen-max", "", nil), ("qwq-plus", "", nil),
            ("qwq-plus", #""thinking":{"type":"enabled","budget_tokens":2000}"#, nil),
            ("glm-5.1", "", false), ("glm-5.1", #""thinking":{"type":"adaptive"}"#, true),
        ] as [(String, String, Bool?)]
    )
    func thinkingIsSaidWhereItDiffersFromTheHabit(model: String, members: String, sent: Bool?) throws {
        let run = try MessagesRun(MessagesRun.with(members, model: model))
        #expect(run.parameters?["enable_thinking"] == sent.map { .bool($0) })
        #expect(!run.adjustments.contains { $0.hasPrefix("thinking;") })
    }

    @Test func aBudgetIsCarried() throws {
        let run = try MessagesRun(
            MessagesRun.with(#""thinking":{"type":"enabled","budget_tokens":512,"display":"omitted"}"#)
        )
        #expect(run.parameters?["thinking_budget"] == .number(512))
        #expect(run.parameters?["enable_thinking"] == .bool(true))
        #expect(run.call.streamsUpstream)
        #expect(run.context?.omitsThinking == true)
    }

    @Test func aModelThatCannotThinkIsNotAsked() throws {
        let run = try MessagesRun(MessagesRun.with(#""thinking":{"type":"adaptive"}"#, model: "qwen-max"))
        #expect(run.parameters?["enable_thinking"] == nil)
        #expect(run.adjustments == ["thinking;from=true;to=none;reason=the model cannot think"])
        let always = try MessagesRun(MessagesRun.with(#""thinking":{"type":"disabled"}"#, model: "qwq-plus"))
        #expect(always.adjustments.first == "thinking;from=false;to=none;reason=the model always thinks")
    }

    @Test func effortNeverSwitchesThinkingOn() throws {
        let alone = try MessagesRun(MessagesRun.with(#""output_config":{"effort":"high"}"#, model: "deepseek-v4-pro"))
        #expect(alone.parameters?["reasoning_effort"] == nil)
        #expect(alone.parameters?["enable_thinking"] == .bool(false))
        let both = try MessagesRun(
            MessagesRun.with(
                #""output_config":{"effort":"xhigh"},"thinking":{"type":"enabled","budget_tokens":2000}"#,
                model: "deepseek-v4-pro"
            )
        )
        #expect(both.parameters?["reasoning_effort"] == .string("max"))
        #expect(both.parameters?["thinking_budget"] == nil)
        #expect(both.adjustments.contains { $0.hasPrefix("thinking.budget_tokens;from=2000;to=none") })
    }

    @Test func whileThinkingTheLimitHoldsForBoth() throws {
        let modern = try MessagesRun(MessagesRun.with(#""thinking":{"type":"adaptive"}"#, model: "qwen3.6-plus"))
        #expect(modern.parameters?["max_completion_tokens"] == .number(100))
        #expect(modern.adjustments.isEmpty)
        let old = try MessagesRun(MessagesRun.with(#""thinking":{"type":"adaptive"}"#))
        #expect(old.parameters?["max_tokens"] == .number(100))
        #expect(old.adjustments.count == 1)
    }

    // MARK: - Tools

    @Test func toolsBecomeFunctions() throws {
        let run = try MessagesRun(
            MessagesRun.with(
                #""tools":[{"name":"f","description":"","input_schema":{"type":"object","$schema":"s"},"strict":true,"cache_control":{"type":"ephemeral"},"eager_input_streaming":true},\#(other)]"#
            )
        )
        #expect(
            run.parameters?["tools"]
                == (try JSON(
                    parsing:
                        #"[{"type":"function","function":{"name":"f","parameters":{"type":"object","$schema":"s"}}},{"type":"function","function":{"name":"g","parameters":{"type":"object"}}}]"#
                ))
        )
        #expect(run.parameters?["parallel_tool_calls"] == .bool(true))
        #expect(run.parameters?["tool_choice"] == nil)
        #expect(run.adjustments.isEmpty)
    }

    @Test(arguments: [
        (#"{"type":"auto"}"#, "\"auto\""), (#"{"type":"none"}"#, "\"none\""), (#"{"type":"any"}"#, "\"auto\""),
        (#"{"type":"tool","name":"g"}"#, #"{"type":"function","function":{"name":"g"}}"#),
    ])
    func theChoiceIsConverted(choice: String, native: String) throws {
        let run = try MessagesRun(MessagesRun.with(#""tools":[\#(tool),\#(other)],"tool_choice":\#(choice)"#))
        #expect(run.parameters?["tool_choice"] == (try JSON(parsing: native)))
        #expect(run.adjustments.isEmpty == !choice.contains("any"))
    }

    @Test func anyOfOneToolIsThatTool() throws {
        let run = try MessagesRun(
            MessagesRun.with(#""tools":[\#(tool)],"tool_choice":{"type":"any","disable_parallel_tool_use":true}"#)
        )
        #expect(run.parameters?["tool_choice"]?["function"]?["name"] == .string("f"))
        #expect(run.parameters?["parallel_tool_calls"] == .bool(false))
    }

    @Test func anyOfSeveralToolsIsAskedForInWords() throws {
        let any = #""tool_choice":{"type":"any"}"#
        let wish = "Answer this turn by calling at least one of the given tools, and with nothing else."
        let run = try MessagesRun(MessagesRun.with(#""system":"S","tools":[\#(tool),\#(other)],\#(any)"#))
        #expect(run.messages.first?["content"]?.text == "S\n\n" + wish)
        #expect(run.adjustments == ["tool_choice;from=any;to=auto;reason=asked for in the system message instead"])
        let thinking = try MessagesRun(MessagesRun.with(#""tools":[\#(tool)],\#(any)"#, model: "qwq-plus"))
        #expect(thinking.messages.first?["content"]?.text == wish)
        #expect(thinking.parameters?["tool_choice"] == .string("auto"))
        let none = try MessagesRun(MessagesRun.with(any))
        #expect(none.messages.first?["role"]?.text == "user")
    }

    @Test func aForcedToolSwitchesThinkingOff() throws {
        let members = #""tools":[\#(tool)],"tool_choice":{"type":"tool","name":"f"},"thinking":{"type":"adaptive"}"#
        let run = try MessagesRun(MessagesRun.with(members))
        #expect(run.parameters?["enable_thinking"] == .bool(false))
        #expect(run.parameters?["tool_choice"]?["function"]?["name"] == .string("f"))
        #expect(run.adjustments == ["thinking;from=true;to=false;reason=a choice cannot be forced while thinking"])
        let always = try MessagesRun(MessagesRun.with(members, model: "qwq-plus"))
        #expect(always.parameters?["tool_choice"] == .string("auto"))
        #expect(always.adjustments.contains { $0.hasPrefix("tool_choice;from=tool;to=auto") })
    }

    @Test func longNamesAreMappedAndPutBack() throws {
        let long = "mcp__" + String(repeating: "server_", count: 14)
        let request =
            #"{"model":"qwen-plus","max_tokens":1,"tools":[{"name":"\#(long)","input_schema":{}},{"name":"search","input_schema":{}}],"tool_choice":{"type":"tool","name":"\#(long)"},"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"\#(long)","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}]}"#
        let run = try MessagesRun(request)
        let sent = try #require(run.parameters?["tools"]?[0]?["function"]?["name"]?.text)
        #expect(sent.utf8.count == 64)
        #expect(run.context?.toolNames[sent] == long)
        #expect(run.messages[1]["tool_calls"]?[0]?["function"]?["name"]?.text == sent)
        #expect(run.parameters?["tool_choice"]?["function"]?["name"]?.text == sent)
        let search = try #require(run.parameters?["tools"]?[1]?["function"]?["name"]?.text)
        #expect(search != "search")
        #expect(run.context?.toolNames[search] == "search")
        #expect(run.adjustments.first?.hasPrefix("tools[*].name;") == true)
    }

    @Test func deferredToolsAreOfferedOnceTheyAreNamed() throws {
        let deferred = #"{"name":"late","input_schema":{},"defer_loading":true}"#
        let hidden = try MessagesRun(MessagesRun.with(#""tools":[\#(tool),\#(deferred)]"#))
        #expect(hidden.parameters?["tools"]?.elements.count == 1)
        #expect(hidden.adjustments.isEmpty)
        let conversation =
            #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[{"type":"tool_reference","tool_name":"late"}]}]}"#
        let named = try MessagesRun(MessagesRun.messages(conversation, #""tools":[\#(tool),\#(deferred)]"#))
        #expect(named.parameters?["tools"]?.elements.count == 2)
        #expect(named.messages[2]["content"] == .string("Tool late is now available."))
        let removed = try MessagesRun(
            MessagesRun.messages(
                conversation
                    + #",{"role":"system","content":[{"type":"tool_removal","tool":{"type":"tool_reference","name":"late"}}]}"#,
                #""tools":[\#(tool),\#(deferred)]"#
            )
        )
        #expect(removed.parameters?["tools"]?.elements.count == 1)
        let searched = try MessagesRun(
            MessagesRun.with(
                #""tools":[\#(deferred),{"type":"tool_search_tool_bm25_20251119","name":"tool_search_tool_bm25"}]"#
            )
        )
        #expect(searched.parameters?["tools"]?.elements.count == 1)
        #expect(searched.adjustments.count == 2)
    }

    @Test func typedToolsHaveTheirSchemas() throws {
        let run = try MessagesRun(
            MessagesRun.with(
                #""tools":[{"type":"bash_20250124","name":"bash"},{"type":"text_editor_20250728","name":"str_replace_based_edit_tool"},{"type":"text_editor_20250124","name":"str_replace_editor"},{"type":"memory_20250818","name":"memory"},{"type":"computer_20250124","name":"computer","display_width_px":1}]"#
            )
        )
        let tools = try #require(run.parameters?["tools"]?.elements)
        #expect(
            tools.compactMap { $0["function"]?["name"]?.text } == [
                "bash", "str_replace_based_edit_tool", "str_replace_editor", "memory",
            ]
        )
        #expect(tools[0]["function"]?["parameters"]?["properties"]?["command"]?["type"] == .string("string"))
        #expect(tools[1]["function"]?["parameters"]?["properties"]?["command"]?["enum"]?.elements.count == 4)
        #expect(tools[2]["function"]?["parameters"]?["properties"]?["command"]?["enum"]?.elements.count == 5)
        #expect(tools[3]["function"]?["parameters"]?["required"] == .array([.string("command")]))
        #expect(run.adjustments.contains { $0.hasPrefix("tools[*];from=computer_20250124;to=none") })
    }

    @Test func aWebSearchIsUpstreams() throws {
        let run = try MessagesRun(
            MessagesRun.with(
                #""stream":true,"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":8,"allowed_domains":["e.com"]}],"tool_choice":{"type":"auto"}"#
            )
        )
        #expect(run.parameters?["enable_search"] == .bool(true))
        #expect(
            run.parameters?["search_options"]
                == (try JSON(
                    parsing: #"{"enable_source":true,"assigned_site_list":["e.com"],"prepend_search_result":true}"#
                ))
        )
        #expect(run.parameters?["tools"] == nil)
        #expect(run.parameters?["tool_choice"] == nil)
        #expect(run.context?.asksForSearch == true)
        #expect(run.context?.searchQuery == "hi")
        #expect(run.adjustments == ["tools[*].max_uses;from=8;to=none;reason=no counterpart upstream"])
        let without = try MessagesRun(
            MessagesRun.with(#""tools":[{"type":"web_search_20250305","name":"web_search"}]"#, model: "qwen-long")
        )
        #expect(without.parameters?["enable_search"] == nil)
        #expect(without.adjustments.count == 1)
    }

    // MARK: - The rest

    @Test func structuredOutputHasASchema() throws {
        let format = #"{"type":"json_schema","schema":{"type":"object"}}"#
        for members in [#""output_config":{"format":\#(format)}"#, #""output_format":\#(format)"#] {
            let run = try MessagesRun(MessagesRun.with(members))
            #expect(
                run.parameters?["response_format"]
                    == (try JSON(
                        parsing:
                            #"{"type":"json_schema","json_schema":{"name":"output","strict":true,"schema":{"type":"object"}}}"#
                    ))
            )
        }
        let words = try MessagesRun(MessagesRun.with(#""output_config":{"format":\#(format)}"#, model: "qwen-turbo"))
        #expect(words.parameters?["response_format"] == (try JSON(parsing: #"{"type":"json_object"}"#)))
        #expect(words.messages.first?["role"] == .string("system"))
    }

    @Test func whatEveryCallCarriesIsNotReported() throws {
        let run = try MessagesRun(
            MessagesRun.with(
                #""metadata":{"user_id":"{}"},"service_tier":"auto","thread":null,"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]}"#
            ),
            strict: true
        )
        #expect(run.adjustments.isEmpty)
    }

    @Test func everythingElseIsReportedUnderItsName() throws {
        let run = try MessagesRun(
            MessagesRun.with(
                #""container":"c","mcp_servers":[],"service_tier":"standard_only","output_config":{"task_budget":{}},"context_management":{"edits":[{"type":"compact_20260112"}]},"brand_new":1"#
            )
        )
        let names = run.adjustments.map { $0.prefix { $0 != ";" } }
        #expect(
            names == [
                "container", "mcp_servers", "service_tier", "output_config.task_budget", "brand_new",
                "context_management",
            ]
        )
        #expect(!String(buffer: run.call.body).contains("brand_new"))
    }

    @Test func parametersOfDashScopeAreCarried() throws {
        let run = try MessagesRun(
            MessagesRun.with(#""enable_search":true,"repetition_penalty":1.1,"vl_high_resolution_images":true"#)
        )
        #expect(run.parameters?["enable_search"] == .bool(true))
        #expect(run.parameters?["repetition_penalty"] == .number(1.1))
        #expect(run.adjustments.isEmpty)
    }

    @Test(arguments: [
        (#"{"type":"create"}"#, 400, "thread_unsupported_request"),
        (#"{"type":"continue","previous_message_id":"m"}"#, 404, "thread_not_found"),
    ])
    func aThreadIsRefused(thread: String, status: Int, code: String) {
        let error = MessagesRun.refusal(MessagesRun.with(#""thread":\#(thread)"#))
        #expect(error?.status == status)
        #expect(error?.code == code)
    }

    @Test func aClaudeWithoutAnAliasIsNotFound() throws {
        let error = MessagesRun.refusal(MessagesRun.with("", model: "claude-opus-5-5"))
        #expect(error?.status == 404)
        #expect(error?.message.hasPrefix("model: claude-opus-5-5") == true)
        #expect(error?.message.contains("aliases") == true)
        let catalog = try ModelCatalog(overlay: ByteBuffer(string: #"{"aliases":{"claude-*":"qwen3-coder-plus"}}"#))
        let run = try MessagesRun(MessagesRun.with("", model: "claude-opus-5-5"), catalog: catalog)
        #expect(run.body["model"] == .string("qwen3-coder-plus"))
        #expect(run.context?.model == "claude-opus-5-5")
        #expect(try MessagesRun(MessagesRun.with("", model: "gpt-9")).body["model"] == .string("gpt-9"))
    }

    @Test func strictModeRefusesInTheSameWords() throws {
        let error = #expect(throws: APIError.self) {
            _ = try MessagesRun(MessagesRun.with(#""container":"c""#), strict: true)
        }
        #expect(error?.status == 400)
        #expect(error?.message.contains("container;from=c;to=none;reason=no counterpart upstream") == true)
        #expect(error?.message.hasPrefix("container: ") == true)
    }

    // MARK: - Counting

    @Test func theEstimateCountsSystemAndTools() throws {
        let plain = try MessagesRun.estimate(
            #"{"model":"qwen-plus","messages":[{"role":"user","content":"12345678"}]}"#
        )
        #expect(plain == 3 + 4 + 2)
        let chinese = try MessagesRun.estimate(#"{"model":"qwen-plus","messages":[{"role":"user","content":"你好你"}]}"#)
        #expect(chinese == 3 + 4 + 2)
        let escaped = try MessagesRun.estimate(
            #"{"model":"qwen-plus","messages":[{"role":"user","content":"\u4f60\u597d\u4f60"}]}"#
        )
        #expect(escaped == chinese)
        let system = try MessagesRun.estimate(MessagesRun.with(#""system":"12345678""#))
        #expect(system - (try MessagesRun.estimate(MessagesRun.with(""))) == 2)
        let tools = try MessagesRun.estimate(MessagesRun.with(#""tools":[\#(tool)]"#))
        #expect(tools - (try MessagesRun.estimate(MessagesRun.with(""))) > 8)
    }

    @Test func theEstimateNeverCountsBase64() throws {
        let data = String(repeating: "A", count: 100_000)
        let image = try MessagesRun.estimate(
            MessagesRun.messages(
                #"{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"\#(data)"}}]}"#
            )
        )
        #expect(image == 3 + 4 + 1000)
        let document = try MessagesRun.estimate(
            MessagesRun.messages(
                #"{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"\#(data)"}}]}"#
            )
        )
        #expect(document == 3 + 4 + 3000)
    }

    @Test func aStreamKnowsAnEstimate() throws {
        let request = MessagesRun.messages(
            #"{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"\#(String(repeating: "A", count: 40_000))"}}]}"#,
            model: "qwen3-vl-plus",
            #""stream":true"#
        )
        let tokens = try MessagesRun(request).context?.estimatedInputTokens ?? 0
        #expect((1000..<1100).contains(tokens))
    }
}
