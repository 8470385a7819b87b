import NIOCore
import Testing

@testable import APITranslation

/// Inputs that once went wrong, with the value that is right.
struct RequestFaultTests {
    private func history(_ arguments: String, model: String = "qwen3-coder-plus") -> String {
        RequestRun.messages(
            #"{"role":"user","content":"x"},{"role":"assistant","content":"","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":\#(arguments)}}]},{"role":"tool","tool_call_id":"c","content":"42"}"#,
            model: model
        )
    }

    @Test(arguments: [
        (#""{\"city\": \"Os""#, #"{"INVALID_JSON":"{\"city\": \"Os"}"#),
        (#""not json""#, #"{"INVALID_JSON":"not json"}"#),
        (#""null""#, "{}"), (#"" ""#, "{}"), (#""[1]""#, #"{"INVALID_JSON":"[1]"}"#),
        (#""{\"a\":1}}""#, #"{"INVALID_JSON":"{\"a\":1}}"}"#),
    ])
    func argumentsOfEarlierCallsBecomeAnObject(arguments: String, native: String) throws {
        let run = try RequestRun(history(arguments))
        #expect(run.message(1)?["tool_calls"]?[0]?["function"]?["arguments"] == .string(native))
        #expect(run.adjustments.count == 1)
        #expect(run.adjustments.first?.hasPrefix("messages[*].tool_calls[*].function.arguments;") == true)
        let error = #expect(throws: APIError.self) { _ = try RequestRun(history(arguments), strict: true) }
        #expect(error?.param == "messages[1].tool_calls[0].function.arguments")
    }

    @Test(arguments: [#""{\"a\":{\"b\":[1,2,\"\\u00e9\"]}}""#, #""{}""#, #"" {\"a\" : 1} ""#])
    func argumentsThatAreAnObjectStayAsTheyCame(arguments: String) throws {
        let run = try RequestRun(history(arguments))
        #expect(run.adjustments.isEmpty)
        #expect(String(buffer: run.call.body).contains(arguments))
    }

    @Test func theOlderFormIsRepairedLikewise() throws {
        let request = RequestRun.messages(
            #"{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"oops"}},{"role":"function","name":"f","content":"42"}"#
        )
        let run = try RequestRun(request)
        #expect(
            run.message(0)?["tool_calls"]?[0]?["function"]?["arguments"] == .string(#"{"INVALID_JSON":"oops"}"#)
        )
        let error = #expect(throws: APIError.self) { _ = try RequestRun(request, strict: true) }
        #expect(error?.param == "messages[0].function_call.arguments")
    }

    @Test func nullInsideAToolIsAbsent() throws {
        let run = try RequestRun(
            RequestRun.with(
                #""tools":[{"type":"function","function":{"name":"f","description":null,"parameters":null,"strict":null}}]"#
            )
        )
        #expect(run.parameters?["tools"] == (try JSON(parsing: #"[{"type":"function","function":{"name":"f"}}]"#)))
        #expect(run.adjustments.isEmpty)
    }

    @Test func aMarkerBesideStrictIsCarried() throws {
        let run = try RequestRun(
            RequestRun.with(
                #""tools":[{"type":"function","cache_control":{"type":"ephemeral"},"function":{"name":"f","strict":false}}]"#
            )
        )
        #expect(run.parameters?["tools"]?[0]?["cache_control"]?["type"] == .string("ephemeral"))
        #expect(run.adjustments.isEmpty)
    }

    @Test func aBudgetOfThinkingIsCarried() throws {
        let run = try RequestRun(RequestRun.with(#""thinking":{"type":"enabled","budget_tokens":2048}"#))
        #expect(run.parameters?["thinking_budget"] == .number(2048))
        #expect(run.parameters?["enable_thinking"] == .bool(true))
        #expect(run.adjustments.isEmpty)
    }

    @Test func aGrammarReachesTheModel() throws {
        let run = try RequestRun(
            RequestRun.with(
                #""tools":[{"type":"custom","custom":{"name":"p","description":"d","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"a\""}}}}]"#
            )
        )
        let description = run.parameters?["tools"]?[0]?["function"]?["description"]?.text
        #expect(description == "d\n\nThe input must conform to this grammar (lark):\nstart: \"a\"")
        #expect(run.adjustments.contains { $0.hasPrefix("tools[*].custom.format;from=grammar;to=description") })
    }

    @Test(arguments: ["deepseek-v4-pro", "glm-5.2"])
    func effortExcludesABudget(model: String) throws {
        let run = try RequestRun(RequestRun.with(#""reasoning_effort":"high","thinking_budget":2000"#, model: model))
        #expect(run.parameters?["reasoning_effort"] == .string("high"))
        #expect(run.parameters?["thinking_budget"] == nil)
        #expect(run.adjustments.count == 1)
        #expect(run.adjustments.first?.hasPrefix("thinking_budget;from=2000;to=none") == true)
    }

    @Test(arguments: ["qwen-long", "glm-5.2"])
    func modelsThatReadStringsGetStrings(model: String) throws {
        let system = #"{"role":"system","content":[{"type":"text","text":"p","cache_control":{"type":"ephemeral"}}]}"#
        let run = try RequestRun(RequestRun.messages(system + #",{"role":"user","content":"x"}"#, model: model))
        #expect(run.message(0)?["content"] == .string("p"))
        #expect(run.adjustments.count == 1)
        #expect(run.adjustments.first?.hasPrefix("messages[*].content[*].cache_control;") == true)
    }

    @Test func glmReadsListsBesideTools() throws {
        let run = try RequestRun(
            #"{"model":"glm-5.2","messages":[{"role":"user","content":[{"type":"text","text":"p","cache_control":{"type":"ephemeral"}}]}],"tools":[{"type":"function","function":{"name":"f"}}]}"#
        )
        #expect(run.message(0)?["content"]?[0]?["cache_control"]?["type"] == .string("ephemeral"))
        #expect(run.adjustments.isEmpty)
    }

    @Test(arguments: [
        (#""tools":[{"type":"web_search"}]"#, "tools[0].type"),
        (
            #""tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"g"}}]}}"#,
            "tool_choice.allowed_tools.tools"
        ),
    ])
    func aFaultOfTheCallerHasAnAddress(members: String, param: String) {
        let error = RequestRun.refusal(RequestRun.with(members))
        #expect(error?.status == 400)
        #expect(error?.param == param)
    }

    @Test(arguments: [
        #""content":"","#, #""content":null,"#, #""content":[],"#, #""content":[{"type":"text","text":""}],"#, "",
    ])
    func aTurnOfCallsOnlyHasNoContent(content: String) throws {
        let message =
            #"{"role":"assistant",\#(content)"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#
        #expect(try RequestRun(RequestRun.messages(message)).message(0)?["content"] == .string(""))
        let multimodal = try RequestRun(RequestRun.messages(message, model: "qwen3-vl-plus"))
        #expect(multimodal.message(0)?["content"] == .array([]))
    }

    @Test(arguments: ["qwen-plus", "qwen3-vl-plus"])
    func anUnknownPartIsNeverReadAsText(model: String) throws {
        let part = #"[{"type":"thinking","text":"secret","thinking":"secret"},{"type":"text","text":"hi"}]"#
        let answer = try RequestRun(
            RequestRun.messages(#"{"role":"assistant","content":\#(part)},{"role":"user","content":"x"}"#, model: model)
        )
        #expect(!String(buffer: answer.call.body).contains("secret"))
        #expect(
            answer.adjustments == [
                "messages[*].content[*];from=thinking;to=none;reason=a kind of part that models do not know"
            ]
        )
        let question = RequestRun.refusal(RequestRun.messages(#"{"role":"user","content":\#(part)}"#, model: model))
        #expect(question?.param == "messages[0].content[0].type")
    }

    @Test func keptPartsAreMadeNativeLikeJoinedOnes() throws {
        let run = try RequestRun(
            RequestRun.messages(
                #"{"role":"assistant","content":[{"type":"refusal","refusal":"no","x":null},{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}]}"#
            )
        )
        #expect(
            run.message(0)?["content"]
                == (try JSON(
                    parsing:
                        #"[{"type":"text","text":"no"},{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}]"#
                ))
        )
    }

    // MARK: - Kindnesses

    @Test func wholeNumbersAreWrittenAsSuch() throws {
        let run = try RequestRun(RequestRun.with(#""max_tokens":1000.0,"top_k":5e0"#))
        let text = String(buffer: run.call.body)
        #expect(text.contains(#""max_tokens":1000,"#) || text.contains(#""max_tokens":1000}"#))
        #expect(text.contains(#""top_k":5}"#))
        #expect(run.adjustments.count == 2)
    }

    @Test func minusOneIsNoSeed() throws {
        let run = try RequestRun(RequestRun.with(#""seed":-1"#))
        #expect(run.parameters?["seed"] == nil)
        #expect(run.adjustments == ["seed;from=-1;to=none;reason=means no seed"])
    }

    @Test func aByteOrderMarkIsSkipped() throws {
        let run = try RequestRun("\u{FEFF}" + RequestRun.messages(#"{"role":"user","content":"x"}"#))
        #expect(run.message(0)?["content"] == .string("x"))
        #expect(run.adjustments == ["body;from=byte-order mark;to=none;reason=JSON has none"])
    }

    @Test(arguments: [
        (#"a\ud83d b"#, "a\u{FFFD} b"), (#"\udc00\ud83d\ude00\\ud83d"#, "\u{FFFD}😀\\ud83d"),
        (#"\ud83d\ud83d"#, "\u{FFFD}\u{FFFD}"),
    ])
    func halfASurrogatePairIsReplaced(content: String, native: String) throws {
        let run = try RequestRun(RequestRun.messages(#"{"role":"user","content":"\#(content)"}"#))
        #expect(run.message(0)?["content"] == .string(native))
        #expect(run.adjustments == ["messages;from=half of a surrogate pair;to=U+FFFD;reason=it is no character"])
    }

    @Test func aTranslationModelTakesOneUserMessage() throws {
        let system = #"{"role":"system","content":"translate"},{"role":"user","content":"x"}"#
        let options = #","translation_options":{"target_lang":"English"}}"#
        let run = try RequestRun(
            String(RequestRun.messages(system, model: "qwen-mt-plus").dropLast()) + options
        )
        #expect(run.body["input"]?["messages"]?.elements.count == 1)
        #expect(run.message(0)?["role"] == .string("user"))
        #expect(run.adjustments.count == 1)
        let unknown = RequestRun.refusal(RequestRun.messages(system, model: "qwen-mt-plus"))
        #expect(unknown?.param == "messages[0].role")
        let two = RequestRun.refusal(
            RequestRun.messages(
                #"{"role":"user","content":"x"},{"role":"assistant","content":"y"}"#,
                model: "qwen-mt-flash"
            )
        )
        #expect(two?.param == "messages[1].role")
    }

    @Test func oneOfSeveralToolsIsAskedForInWords() throws {
        let tools =
            #""tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}]"#
        let run = try RequestRun(RequestRun.with(#"\#(tools),"tool_choice":"required""#))
        #expect(run.parameters?["tool_choice"] == .string("auto"))
        #expect(run.message(0)?["role"] == .string("system"))
        #expect(run.message(0)?["content"]?.text?.contains("calling at least one of the given tools") == true)
        #expect(run.adjustments == ["tool_choice;from=required;to=auto;reason=asked for in the system message instead"])
    }

    @Test func namesOfMessagesAreKeptWhereTheOperatorSaysSo() throws {
        var options = TranslationOptions()
        options.keepsMessageNames = true
        let request = RequestRun.messages(
            #"{"role":"user","name":"Ann \"A\"","content":"hi"},{"role":"user","name":"Bob","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#
        )
        let run = try RequestRun(request, options: options)
        #expect(run.message(0)?["content"] == .string("Ann \"A\": hi"))
        #expect(run.message(1)?["content"] == .string("Bob: ab"))
        #expect(run.message(0)?["name"] == nil)
        #expect(
            run.adjustments == ["messages[*].name;from=string;to=content;reason=stands in front of the text;count=2"]
        )
        let multimodal = try RequestRun(request.replacing("qwen-plus", with: "qwen3-vl-plus"), options: options)
        #expect(multimodal.message(1)?["content"] == (try JSON(parsing: #"[{"text":"Bob: a"},{"text":"b"}]"#)))
    }

    @Test func aListOfParametersBecomesASchema() throws {
        let run = try RequestRun(
            RequestRun.with(
                #""tools":[{"type":"function","function":{"name":"f","parameters":[{"name":"city","type":"string","description":"d","required":true},{"name":"unit","type":"string"}]}}]"#
            )
        )
        #expect(
            run.parameters?["tools"]?[0]?["function"]?["parameters"]
                == (try JSON(
                    parsing:
                        #"{"type":"object","properties":{"city":{"type":"string","description":"d"},"unit":{"type":"string"}},"required":["city"]}"#
                ))
        )
        #expect(run.adjustments == ["tools[*].function.parameters;from=array;to=schema;reason=a list is no schema"])
    }

    @Test(arguments: [
        ("dashscope/qwen-plus", "qwen-plus"), ("openai/qwen3-max", "qwen3-max"), ("dashscope/brand-new", "brand-new"),
    ])
    func aVendorInFrontOfTheNameIsTakenOff(name: String, sent: String) throws {
        let run = try RequestRun(RequestRun.messages(#"{"role":"user","content":"x"}"#, model: name))
        #expect(run.body["model"] == .string(sent))
        #expect(run.call.context.model == name)
        #expect(run.adjustments.count == 1)
        #expect(run.adjustments.first?.hasPrefix("model;from=\(name);to=\(sent)") == true)
    }

    @Test(arguments: ["text-embedding-v4", "wan2.2-t2i-flash", "qwen3-rerank"])
    func amodelOfAnotherKindIsRefused(name: String) {
        let error = RequestRun.refusal(RequestRun.messages(#"{"role":"user","content":"x"}"#, model: name))
        #expect(error?.status == 400)
        #expect(error?.param == "model")
        #expect(error?.code == "model_not_supported")
        #expect(error?.message.hasPrefix("This is not a chat model") == true)
    }

    // MARK: - Said twice

    @Test(arguments: [
        (#""reasoning":{"effort":"high"},"reasoning_effort":"low""#, "reasoning.effort;from=high;to=none"),
        (#""reasoning_effort":"high","enable_thinking":false"#, "reasoning_effort;from=high;to=none"),
        (#""thinking":{"type":"enabled"},"enable_thinking":false"#, "thinking;from=true;to=none"),
        (
            #""thinking":{"type":"enabled","budget_tokens":9},"thinking_budget":8"#,
            "thinking.budget_tokens;from=9;to=none"
        ),
        (
            #""chat_template_kwargs":{"enable_thinking":false},"thinking":{"type":"enabled"}"#,
            "chat_template_kwargs;from=false;to=none"
        ),
    ])
    func whatIsOverruledIsReported(members: String, report: String) throws {
        let run = try RequestRun(RequestRun.with(members))
        #expect(run.adjustments.contains { $0.hasPrefix(report) }, "\(run.adjustments)")
    }

    @Test(arguments: [
        #""thinking":{"type":"enabled","budget_tokens":8},"thinking_budget":8,"enable_thinking":true"#,
        #""chat_template_kwargs":{"enable_thinking":false},"enable_thinking":false"#,
    ])
    func whatIsSaidTwiceAlikeIsNot(members: String) throws {
        #expect(try RequestRun(RequestRun.with(members)).adjustments == [])
    }

    @Test(arguments: [#""logit_bias":{"1":"x"}"#, #""logit_bias":{"1":[]}"#])
    func aBiasIsANumber(member: String) {
        #expect(RequestRun.refusal(RequestRun.with(member))?.param == "logit_bias.1")
        #expect(MessagesRun.refusal(MessagesRun.with(member))?.message.hasPrefix("logit_bias.1: ") == true)
    }
}
