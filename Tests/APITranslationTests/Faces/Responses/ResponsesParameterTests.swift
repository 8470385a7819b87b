import NIOCore
import Testing

@testable import APITranslation

/// Everything of a request but its items.
struct ResponsesParameterTests {
    private func run(_ members: String, model: String = "qwen-plus") throws -> ResponsesRun {
        try ResponsesRun(input: #""hi json""#, members, model: model)
    }

    private func refusal(_ members: String) -> APIError? { ResponsesRun.refusal(input: #""hi""#, members) }

    private static let function =
        #"{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":null}"#

    // MARK: - Fields

    @Test func numbersAreCarried() throws {
        let parameters = try #require(
            run(#""max_output_tokens":99,"temperature":0.30,"top_p":0.5,"seed":7,"stream":true"#).parameters
        )
        #expect(parameters["max_tokens"] == .number(99) || parameters["max_completion_tokens"] == .number(99))
        #expect(parameters["temperature"] == .number(0.3) && parameters["top_p"] == .number(0.5))
        #expect(parameters["seed"] == .number(7) && parameters["incremental_output"] == .bool(true))
    }

    @Test func whatEveryClientMaySendIsNotReported() throws {
        let run = try run(
            #""user":"u","safety_identifier":"s","prompt_cache_key":"k","client_metadata":{"a":"b"},"include":[],"tools":[],"#
                + #""store":false,"metadata":{},"truncation":"disabled","service_tier":"auto","stream_options":{"include_obfuscation":false},"#
                + #""parallel_tool_calls":true,"tool_choice":"auto","text":{"format":{"type":"text"},"verbosity":"medium"},"reasoning":{"effort":null,"summary":"auto"}"#
        )
        #expect(run.adjustments.isEmpty)
    }

    @Test func whatIsLostIsReported() throws {
        let run = try run(
            #""truncation":"auto","max_tool_calls":3,"service_tier":"flex","frequency_penalty":1,"text":{"verbosity":"low"},"brand_new":1"#
        )
        let names = Set(run.adjustments.map { String($0.prefix { $0 != ";" }) })
        #expect(
            names == [
                "truncation", "max_tool_calls", "service_tier", "frequency_penalty", "text.verbosity", "brand_new",
            ]
        )
    }

    @Test func refusalsNameTheField() {
        #expect(refusal(#""temperature":3"#)?.param == "temperature")
        #expect(refusal(#""max_output_tokens":0"#)?.param == "max_output_tokens")
        #expect(refusal(#""stream":"yes""#)?.param == "stream")
        #expect(refusal(#""prompt":{"id":"p"}"#)?.param == "prompt")
        #expect(refusal(#""metadata":{"a":1}"#)?.param == "metadata.a")
        #expect(refusal(#""reasoning":{"effort":"huge"}"#)?.param == "reasoning.effort")
        #expect(refusal(#""include":[1]"#)?.param == "include[0]")
        #expect(refusal(#""text":{"format":{"type":"json_schema","name":"n"}}"#)?.param == "text.format.schema")
        #expect(ResponsesRun.refusal(input: "null")?.message == "Missing required parameter: 'input'.")
    }

    @Test func aResponseRepeatsItsRequest() throws {
        let run = try run(
            #""instructions":"I","metadata":{"a":"b"},"temperature":0.30,"reasoning":{"effort":"low"},"tools":[{"type":"function","name":"f"}],"#
                + #""tool_choice":{"type":"function","function":{"name":"f"}},"max_output_tokens":50"#
        )
        let echo = try run.echo
        #expect(echo["instructions"] == .string("I") && echo["metadata"] == .object(["a": .string("b")]))
        #expect(echo["temperature"] == .number(0.3) && echo["top_p"] == .number(1))
        #expect(echo["reasoning"] == .object(["effort": .string("low"), "summary": .null]))
        #expect(
            echo["tools"]?[0]
                == (try JSON(
                    parsing: #"{"type":"function","name":"f","description":null,"parameters":null,"strict":null}"#
                ))
        )
        #expect(echo["tool_choice"] == (try JSON(parsing: #"{"type":"function","name":"f"}"#)))
        #expect(echo["model"] == .string("qwen-plus") && echo["max_output_tokens"] == .number(50))
    }

    @Test func formatsAreNestedAgain() throws {
        let schema = #"{"type":"object","properties":{"a":{"type":"string"}}}"#
        let run = try run(
            #""text":{"format":{"type":"json_schema","name":"n","strict":true,"schema":\#(schema)}}"#,
            model: "qwen-plus"
        )
        let format = try #require(run.parameters?["response_format"])
        if format["type"] == .string("json_schema") {
            #expect(format["json_schema"]?["name"] == .string("n"))
            #expect(format["json_schema"]?["schema"] == (try JSON(parsing: schema)))
        } else {
            #expect(run.adjustments.contains { $0.hasPrefix("text.format") })
        }
        let object = try self.run(#""text":{"format":{"type":"json_object"}}"#)
        #expect(object.parameters?["response_format"] == .object(["type": .string("json_object")]))
    }

    @Test func effortDecidesWhetherToThink() throws {
        let model = "qwen3-max"
        #expect(try run(#""reasoning":{"effort":"high"}"#, model: model).parameters?["enable_thinking"] == .bool(true))
        #expect(try run(#""reasoning":{"effort":"none"}"#, model: model).parameters?["enable_thinking"] == .bool(false))
        #expect(try run(#""reasoning":{"summary":"auto"}"#, model: model).parameters?["enable_thinking"] == nil)
    }

    // MARK: - Tools

    @Test func functionsAreNestedAgain() throws {
        let run = try run(#""tools":[\#(Self.function)],"parallel_tool_calls":false"#)
        #expect(
            run.parameters?["tools"]
                == (try JSON(
                    parsing:
                        #"[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}]"#
                ))
        )
        #expect(run.parameters?["parallel_tool_calls"] == .bool(false))
        #expect(run.adjustments.isEmpty)
    }

    @Test func aCustomToolIsAFunctionWithOneText() throws {
        let run = try run(
            #""tools":[{"type":"custom","name":"patch","description":"Edits.","format":{"type":"grammar","syntax":"lark","definition":"start: \"x\""}}]"#
        )
        let function = try #require(run.parameters?["tools"]?[0]?["function"])
        #expect(
            function["description"]
                == .string("Edits.\n\nThe input must conform to this grammar (lark):\nstart: \"x\"")
        )
        #expect(function["parameters"]?["required"] == .array([.string("input")]))
        #expect(run.context?.customTools == ["patch"])
        #expect(run.adjustments.count == 2)
    }

    @Test func membersOfANamespaceAreFunctionsWithLongerNames() throws {
        let space = #"{"type":"namespace","name":"agents","description":"x","tools":[\#(Self.function)]}"#
        let history =
            #"{"type":"function_call","call_id":"c","name":"f","namespace":"agents","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"x"}"#
        let run = try ResponsesRun(
            input: #"[{"role":"user","content":"q"},\#(history)]"#,
            #""tools":[\#(Self.function),\#(space)],"tool_choice":{"type":"function","name":"f","namespace":"agents"}"#
        )
        let names = (run.parameters?["tools"]?.elements ?? []).compactMap { $0["function"]?["name"]?.text }
        #expect(names == ["f", "agents__f"])
        #expect(run.context?.toolNames == ["agents__f": ResponsesToolName(namespace: "agents", name: "f")])
        #expect(run.messages[1]["tool_calls"]?[0]?["function"]?["name"] == .string("agents__f"))
        #expect(run.parameters?["tool_choice"]?["function"]?["name"] == .string("agents__f"))
    }

    @Test func toolsInTheInputAreOffered() throws {
        let run = try ResponsesRun(
            input:
                #"[{"type":"additional_tools","role":"developer","tools":[\#(Self.function)]},{"role":"developer","content":"D"},{"role":"user","content":"q"}]"#
        )
        #expect(run.parameters?["tools"]?.elements.count == 1)
        #expect(run.messages.first?["role"] == .string("system"))
    }

    @Test func aWebSearchIsASearch() throws {
        let run = try run(
            #""tools":[{"type":"web_search","filters":{"allowed_domains":["e.com"]},"user_location":{"type":"approximate"}}],"tool_choice":{"type":"web_search"}"#
        )
        #expect(run.parameters?["enable_search"] == .bool(true))
        #expect(
            run.parameters?["search_options"]
                == (try JSON(
                    parsing:
                        #"{"enable_source":true,"enable_citation":true,"forced_search":true,"assigned_site_list":["e.com"]}"#
                ))
        )
        #expect(run.parameters?["tools"] == nil)
        #expect(run.adjustments.count == 1)
    }

    @Test func otherToolsAreLeftOutAndReported() throws {
        let run = try run(
            #""tools":[{"type":"tool_search"},{"type":"image_generation"},{"type":"mcp","server_label":"x"},\#(Self.function)],"tool_choice":{"type":"mcp","server_label":"x"}"#
        )
        #expect(run.parameters?["tools"]?.elements.count == 1)
        #expect(run.parameters?["tool_choice"] == .string("auto"))
        #expect(run.adjustments.contains { $0.hasPrefix("tools[*];from=mcp;to=none") })
    }

    @Test func choices() throws {
        let two = #""tools":[\#(Self.function),{"type":"function","name":"g"}]"#
        #expect(try run(two + #","tool_choice":"none""#).parameters?["tool_choice"] == .string("none"))
        let forced = try run(two + #","tool_choice":{"type":"function","name":"g"}"#)
        #expect(forced.parameters?["tool_choice"]?["function"]?["name"] == .string("g"))
        let required = try run(two + #","tool_choice":"required""#)
        #expect(required.parameters?["tool_choice"] == .string("auto"))
        #expect(required.adjustments.contains { $0.hasPrefix("tool_choice;from=required;to=auto") })
        let single = try run(#""tools":[\#(Self.function)],"tool_choice":"required""#)
        #expect(single.parameters?["tool_choice"]?["function"]?["name"] == .string("f"))
        let allowed = try run(
            two + #","tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"g"}]}"#
        )
        #expect(allowed.parameters?["tools"]?.elements.count == 1)
        #expect(allowed.parameters?["tool_choice"]?["function"]?["name"] == .string("g"))
        #expect(refusal(two + #","tool_choice":{"type":"function","name":"h"}"#)?.param == "tool_choice")
        #expect(refusal(two + #","tool_choice":"maybe""#)?.param == "tool_choice")
    }

    @Test func aModelThatAlwaysThinksIsAskedInWords() throws {
        let members = #""tools":[\#(Self.function)],"tool_choice":"required""#
        let always = try ResponsesRun(ResponsesRun.request(input: #""hi""#, members, model: "qwq-plus"))
        #expect(always.messages.first?["content"]?.text?.hasPrefix("Answer this turn by calling") == true)
        #expect(always.parameters?["tool_choice"] == .string("auto"))
    }

    @Test func strictModeRefusesWhatWouldBeLost() {
        let request = ResponsesRun.request(input: #""hi""#, #""truncation":"auto""#)
        let error = #expect(throws: APIError.self) { try ResponsesRun(request, strict: true) }
        #expect(error?.param == "truncation")
    }
}
