import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct ParameterTests {
    @Test func absentStaysAbsent() throws {
        let run = try RequestRun(RequestRun.messages(#"{"role":"user","content":"hi"}"#))
        #expect(
            run.body
                == (try JSON(
                    parsing: #"""
                        {"model":"qwen-plus","input":{"messages":[{"role":"user","content":"hi"}]},"parameters":{"result_format":"message"}}
                        """#
                ))
        )
        #expect(run.adjustments.isEmpty)
        #expect(!run.call.streamsUpstream)
    }

    @Test(arguments: [
        (#""stream":true"#, true), (#""stream":true,"stream_options":{"include_usage":false}"#, false),
        (#""stream":true,"stream_options":{"include_usage":null}"#, true),
    ])
    func operatorsMayAddUsageToStreams(members: String, includesUsage: Bool) throws {
        var options = TranslationOptions()
        options.alwaysIncludesUsage = true
        let body = ByteBuffer(string: RequestRun.with(members))
        let call = try ChatRequestTranslator(catalog: ModelCatalog(), options: options)
            .translate(body, tape: JSONTape(), strict: false, created: 1)
        #expect((call.context as? ChatReplyContext)?.includesUsage == includesUsage)
        let plain = try ChatRequestTranslator(catalog: ModelCatalog())
            .translate(body, tape: JSONTape(), strict: false, created: 1)
        #expect((plain.context as? ChatReplyContext)?.includesUsage == false)
    }

    @Test func nullIsAbsent() throws {
        let run = try RequestRun(
            RequestRun.with(#""temperature":null,"n":null,"stop":null,"tools":null,"unknown":null,"stream":null"#)
        )
        #expect(run.parameters == .object(["result_format": .string("message")]))
    }

    @Test func numbersKeepTheirText() throws {
        let run = try RequestRun(
            RequestRun.with(#""temperature":0.70,"custom":12345678901234567890.10,"seed":9007199254740993"#)
        )
        let text = String(buffer: run.call.body)
        #expect(text.contains(#""temperature":0.70"#))
        #expect(text.contains(#""custom":12345678901234567890.10"#))
        #expect(text.contains(#""seed":9007199254740993"#))
    }

    @Test func unknownFieldsArePassedOn() throws {
        let run = try RequestRun(
            RequestRun.with(#""brand_new":{"a":[1,{"b":null}]},"extra_body":{"top_k":5,"other":true}"#)
        )
        #expect(run.parameters?["brand_new"] == (try JSON(parsing: #"{"a":[1,{"b":null}]}"#)))
        #expect(run.parameters?["top_k"] == .number(5))
        #expect(run.parameters?["other"] == .bool(true))
    }

    @Test func theLastOfTwoEqualNamesIsSentOnce() throws {
        let run = try RequestRun(RequestRun.with(#""top_k":1,"top_k":2,"x":1,"x":2"#))
        let text = String(buffer: run.call.body)
        #expect(text.split(separator: "top_k").count == 2)
        #expect(run.parameters?["top_k"] == .number(2))
        #expect(run.parameters?["x"] == .number(2))
    }

    @Test(arguments: [
        #""top_k":1,"top_k":null"#, #""top_k":1,"extra_body":{"top_k":null}"#,
        Array(repeating: #""top_k":1,"top_k":null"#, count: 300).joined(separator: ","),
    ])
    func aLastNullIsAnAbsentField(members: String) throws {
        let run = try RequestRun(RequestRun.with(members))
        #expect(run.parameters?["top_k"] == nil)
    }

    @Test(arguments: [
        (#""temperature":2"#, "temperature;from=2;to=1.99;reason=must be below 2"),
        (#""temperature":2.0"#, "temperature;from=2.0;to=1.99;reason=must be below 2"),
        (#""top_p":0"#, "top_p;from=0;to=0.000001;reason=must be above 0"),
        (#""frequency_penalty":0.5"#, "frequency_penalty;from=0.5;to=none;reason=no counterpart upstream"),
        (#""logprobs":true,"top_logprobs":20"#, "top_logprobs;from=20;to=5;reason=must be at most 5"),
        (#""max_tokens":0"#, "max_tokens;from=0;to=none;reason=must be at least 1"),
        (#""store":true"#, "store;from=true;to=none;reason=nothing is stored"),
        (#""service_tier":"flex""#, "service_tier;from=flex;to=none;reason=no counterpart upstream"),
        (#""seed":-2"#, "seed;from=-2;to=2147483646;reason=must not be negative"),
        (
            #""incremental_output":false"#,
            "incremental_output;from=false;to=true;reason=the client always gets increments"
        ),
    ])
    func repairsAreReportedAndStrictlyRefused(members: String, report: String) throws {
        let request = RequestRun.with(members)
        #expect(try RequestRun(request).adjustments == [report])
        let error = #expect(throws: APIError.self) { _ = try RequestRun(request, strict: true) }
        #expect(error?.status == 400)
        #expect(error?.code == "unsupported_value")
        #expect(error?.message.contains(report) == true)
    }

    @Test(arguments: [
        #""user":"u""#, #""metadata":{"a":"b"}"#, #""prediction":{"type":"content","content":"x"}"#, #""n":1"#,
        #""stream_options":{"include_usage":true}"#, #""frequency_penalty":0"#, #""service_tier":"auto""#,
        #""tools":[]"#,
        #""top_p":1,"temperature":1.99"#, #""tool_choice":"none""#, #""store":false"#,
    ])
    func harmlessFieldsAreNotReported(members: String) throws {
        #expect(try RequestRun(RequestRun.with(members), strict: true).adjustments.isEmpty)
    }

    @Test(arguments: [
        (#""temperature":2.1"#, "temperature", "decimal_above_max_value"),
        (#""temperature":-0.1"#, "temperature", "decimal_below_min_value"),
        (#""top_p":1.1"#, "top_p", "decimal_above_max_value"),
        (#""n":5"#, "n", "integer_above_max_value"),
        (#""n":0"#, "n", "integer_below_min_value"),
        (#""max_tokens":-1"#, "max_tokens", "integer_below_min_value"),
        (#""top_logprobs":21"#, "top_logprobs", "integer_above_max_value"),
        (#""temperature":"hot""#, "temperature", "invalid_type"),
        (#""stream":"yes""#, "stream", "invalid_type"),
        (#""stop":5"#, "stop", "invalid_type"),
        (#""stop":[true]"#, "stop[0]", "invalid_type"),
        (#""tools":{}"#, "tools", "invalid_type"),
        (#""tools":[{"type":"function"}]"#, "tools[0].function", "missing_required_parameter"),
        (#""tools":[{"type":"function","function":{}}]"#, "tools[0].function.name", "missing_required_parameter"),
        (#""n":2,"tools":[{"type":"function","function":{"name":"f"}}]"#, "n", "invalid_value"),
        (#""tool_choice":"required""#, "tool_choice", "invalid_value"),
        (#""response_format":{"type":"xml"}"#, "response_format.type", "invalid_value"),
        (#""reasoning_effort":"huge""#, "reasoning_effort", "invalid_value"),
        (#""enable_thinking":"yes""#, "enable_thinking", "invalid_type"),
    ])
    func whatCannotBeSentIsRefusedByName(members: String, param: String, code: String) {
        let error = RequestRun.refusal(RequestRun.with(members))
        #expect(error?.status == 400)
        #expect(error?.param == param)
        #expect(error?.code == code)
    }

    @Test(
        arguments: [
            ("", nil), ("[]", nil), ("{", nil), (#"{"messages":[]}"#, "model"),
            (#"{"model":"","messages":[]}"#, "model"),
            (#"{"model":5,"messages":[]}"#, "model"), (#"{"model":"m"}"#, "messages"),
            (#"{"model":"m","messages":[]}"#, "messages"),
            (#"{"model":"m","messages":"hi"}"#, "messages"), (#"{"model":"m","messages":[1]}"#, "messages[0]"),
        ] as [(String, String?)]
    )
    func aRequestThatIsNoneIsRefused(request: String, param: String?) {
        let error = RequestRun.refusal(request)
        #expect(error?.status == 400)
        #expect(error?.param == param)
    }

    @Test func tokenLimitsKeepTheirMeaning() throws {
        let modern = try RequestRun(RequestRun.with(#""max_completion_tokens":9"#, model: "qwen3.6-plus"))
        #expect(modern.parameters?["max_completion_tokens"] == .number(9))
        let old = try RequestRun(RequestRun.with(#""max_completion_tokens":9"#))
        #expect(old.parameters?["max_tokens"] == .number(9))
        #expect(old.parameters?["max_completion_tokens"] == nil)
        #expect(old.adjustments.isEmpty)
        let both = try RequestRun(RequestRun.with(#""max_completion_tokens":9,"max_tokens":5"#))
        #expect(both.parameters?["max_tokens"] == .number(9))
        #expect(both.adjustments.count == 1)
    }

    @Test func longAnswersAreStreamedInside() throws {
        #expect(try RequestRun(RequestRun.with(#""max_tokens":8192"#)).call.streamsUpstream == false)
        #expect(try RequestRun(RequestRun.with(#""max_tokens":8193"#)).call.streamsUpstream == true)
    }

    @Test func thinkingFollowsTheModel() throws {
        let hybrid = try RequestRun(RequestRun.with(#""enable_thinking":true"#))
        #expect(hybrid.parameters?["enable_thinking"] == .bool(true))
        #expect(hybrid.call.streamsUpstream && !hybrid.call.streamsToClient)
        #expect(hybrid.parameters?["incremental_output"] == .bool(true))
        let never = try RequestRun(RequestRun.with(#""reasoning_effort":"high""#, model: "qwen3-coder-plus"))
        #expect(never.parameters?["enable_thinking"] == nil)
        #expect(never.adjustments == ["reasoning_effort;from=high;to=none;reason=the model cannot think"])
        let always = try RequestRun(RequestRun.with(#""enable_thinking":false"#, model: "qwq-plus"))
        #expect(always.parameters?["enable_thinking"] == nil)
        #expect(always.adjustments.count == 1)
        #expect(always.call.streamsUpstream)
        let off = try RequestRun(RequestRun.with(#""reasoning_effort":"none""#, model: "qwen3.6-plus"))
        #expect(off.parameters?["enable_thinking"] == .bool(false))
        #expect(off.adjustments.isEmpty)
        let kwargs = try RequestRun(
            RequestRun.with(#""chat_template_kwargs":{"enable_thinking":false}"#, model: "qwen3-32b")
        )
        #expect(kwargs.parameters?["enable_thinking"] == .bool(false))
        let effort = try RequestRun(RequestRun.with(#""reasoning_effort":"xhigh""#, model: "deepseek-v4-pro"))
        #expect(effort.parameters?["reasoning_effort"] == .string("max"))
    }

    @Test func jsonModeGetsItsWord() throws {
        let run = try RequestRun(RequestRun.with(#""response_format":{"type":"json_object"}"#))
        #expect(run.message(0)?["role"] == .string("system"))
        #expect(run.message(0)?["content"]?.text?.lowercased().contains("json") == true)
        #expect(run.adjustments.count == 1)
        let said = try RequestRun(
            #"{"model":"qwen-plus","messages":[{"role":"user","content":"as JSON"}],"response_format":{"type":"json_object"}}"#
        )
        #expect(said.adjustments.isEmpty)
    }

    @Test func aSchemaIsToldInWordsWhereTheModelHasNoSupport() throws {
        let format =
            #""response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"a":{"type":"integer"}}}}}"#
        let run = try RequestRun(
            #"{"model":"qwen-turbo","messages":[{"role":"system","content":"Be \"terse\"."},{"role":"user","content":"hi"}],\#(format)}"#
        )
        #expect(run.parameters?["response_format"]?["type"] == .string("json_object"))
        let system = try #require(run.message(0)?["content"]?.text)
        #expect(system.hasPrefix("Be \"terse\".\n\n"))
        #expect(system.contains(#"{"type":"object","properties":{"a":{"type":"integer"}}}"#))
        let native = try RequestRun(RequestRun.with(format))
        #expect(native.parameters?["response_format"]?["json_schema"]?["name"] == .string("x"))
    }

    @Test func webSearchOptionsAskForSources() throws {
        let run = try RequestRun(RequestRun.with(#""web_search_options":{}"#))
        #expect(run.parameters?["enable_search"] == .bool(true))
        #expect(run.parameters?["search_options"]?["enable_source"] == .bool(true))
    }
}
