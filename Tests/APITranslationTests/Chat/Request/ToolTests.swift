import Testing

@testable import APITranslation

struct ToolTests {
    private let weather = #"{"type":"function","function":{"name":"get_weather","parameters":{"type":"object"}}}"#
    private let time = #"{"type":"function","function":{"name":"get_time","strict":true}}"#

    @Test func functionsAreCarriedAndParallelByDefault() throws {
        let run = try RequestRun(RequestRun.with(#""tools":[\#(weather)]"#))
        #expect(run.parameters?["tools"] == (try JSON(parsing: "[\(weather)]")))
        #expect(run.parameters?["parallel_tool_calls"] == .bool(true))
        let single = try RequestRun(RequestRun.with(#""tools":[\#(weather)],"parallel_tool_calls":false"#))
        #expect(single.parameters?["parallel_tool_calls"] == .bool(false))
    }

    @Test func strictIsLeftOutAndReported() throws {
        let run = try RequestRun(RequestRun.with(#""tools":[\#(time)]"#))
        #expect(
            run.parameters?["tools"] == (try JSON(parsing: #"[{"type":"function","function":{"name":"get_time"}}]"#))
        )
        #expect(run.adjustments == ["tools[*].function.strict;from=true;to=none;reason=no counterpart upstream"])
    }

    @Test func requiredForcesTheOnlyTool() throws {
        let one = try RequestRun(RequestRun.with(#""tools":[\#(weather)],"tool_choice":"required""#))
        #expect(one.parameters?["tool_choice"]?["function"]?["name"] == .string("get_weather"))
        #expect(one.adjustments.isEmpty)
    }

    @Test func aForcedChoiceYieldsToThinking() throws {
        let run = try RequestRun(
            RequestRun.with(
                #""tools":[\#(weather)],"enable_thinking":true,"tool_choice":{"type":"function","function":{"name":"get_weather"}}"#
            )
        )
        #expect(run.parameters?["tool_choice"] == .string("auto"))
        #expect(
            run.adjustments == ["tool_choice;from=function;to=auto;reason=a choice cannot be forced while thinking"]
        )
    }

    @Test(arguments: [
        #""tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"tool_choice":{"type":"function","function":{"name":"f"}}"#,
        #""tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required""#,
        #""functions":[{"name":"f"}],"function_call":{"name":"f"}"#,
    ])
    func thinkingThatNobodyAskedForYieldsToAForcedChoice(members: String) throws {
        let run = try RequestRun(RequestRun.with(members, model: "qwen3.5-plus"))
        #expect(run.parameters?["tool_choice"]?["function"]?["name"] == .string("f"))
        #expect(run.parameters?["enable_thinking"] == .bool(false))
        let reason = "enable_thinking;from=unset;to=false;reason=a choice cannot be forced while thinking"
        #expect(run.adjustments == [reason])
    }

    @Test(arguments: [
        #""auto""#, #""none""#,
        #"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"get_weather"}}]}}"#,
    ])
    func otherChoicesLeaveThinkingAlone(choice: String) throws {
        let members = #""tools":[\#(weather)],"tool_choice":\#(choice)"#
        let run = try RequestRun(RequestRun.with(members, model: "qwen3.5-plus"))
        #expect(run.parameters?["enable_thinking"] == nil)
        #expect(run.adjustments.isEmpty)
    }

    @Test func allowedToolsFilterTheList() throws {
        let allowed =
            #"{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"get_weather"}}]}}"#
        let run = try RequestRun(
            RequestRun.with(
                #""tools":[\#(weather),{"type":"function","function":{"name":"x"}}],"tool_choice":\#(allowed)"#
            )
        )
        #expect(run.parameters?["tools"]?.elements.count == 1)
        #expect(run.parameters?["tool_choice"]?["function"]?["name"] == .string("get_weather"))
    }

    @Test func customToolsBecomeFunctions() throws {
        let run = try RequestRun(
            RequestRun.with(#""tools":[{"type":"custom","custom":{"name":"shell","description":"d"}}]"#)
        )
        let function = run.parameters?["tools"]?[0]?["function"]
        #expect(function?["name"] == .string("shell"))
        #expect(function?["parameters"]?["required"] == .array([.string("input")]))
        #expect(try run.chat.customTools == ["shell"])
        #expect(run.adjustments.count == 1)
    }

    @Test func theDeprecatedFormBecomesTools() throws {
        let run = try RequestRun(
            #"{"model":"qwen-plus","functions":[{"name":"f"}],"function_call":{"name":"f"},"messages":["#
                + #"{"role":"user","content":"x"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},"#
                + #"{"role":"function","name":"f","content":"42"}]}"#
        )
        #expect(try run.chat.usesLegacyFunctions)
        #expect(run.parameters?["tools"]?[0]?["function"]?["name"] == .string("f"))
        #expect(run.parameters?["tool_choice"]?["function"]?["name"] == .string("f"))
        let id = try #require(run.message(1)?["tool_calls"]?[0]?["id"]?.text)
        #expect(run.message(2)?["role"] == .string("tool"))
        #expect(run.message(2)?["tool_call_id"] == .string(id))
        #expect(run.message(1)?["content"] == .string(""))
    }
}
