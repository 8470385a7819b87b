import NIOCore
import Testing

@testable import APITranslation

/// Items of an input and the native messages they become.
struct ResponsesInputTests {
    private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

    private static let call = #"{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}"#
    private static let output = #"{"type":"function_call_output","call_id":"c1","output":"one"}"#

    @Test func aStringIsOneMessageOfTheUser() throws {
        let run = try ResponsesRun(input: #""hi \"there\"""#, #""instructions":"Be brief.""#)
        #expect(
            run.messages == [
                try json(#"{"role":"system","content":"Be brief."}"#),
                try json(#"{"role":"user","content":"hi \"there\""}"#),
            ]
        )
        #expect(run.adjustments.isEmpty)
    }

    @Test func whatStandsInFrontForTheSystemIsOneMessage() throws {
        let run = try ResponsesRun(
            input: #"[{"type":"message","role":"developer","id":"msg_1","content":[{"type":"input_text","text":"A"}]},"#
                + #"{"role":"system","content":"B"},{"role":"user","content":"hi"},{"role":"developer","content":"C"}]"#,
            #""instructions":"I""#
        )
        #expect(
            run.messages == [
                try json(#"{"role":"system","content":"I\n\nA\n\nB"}"#),
                try json(#"{"role":"user","content":"hi"}"#),
                try json(#"{"role":"user","content":"<system-reminder>\nC\n</system-reminder>"}"#),
            ]
        )
        #expect(run.adjustments.first?.hasPrefix("input[*].role;from=developer;to=user") == true)
    }

    @Test func itemsOfAnAnswerAreOneMessageWithItsOutputsBehindIt() throws {
        let run = try ResponsesRun(
            input: #"[{"role":"user","content":"q"},{"type":"reasoning","id":"rs_1","summary":[]},"#
                + #"{"type":"message","id":"msg_9","role":"assistant","status":"completed","phase":"commentary","#
                + #""content":[{"type":"output_text","text":"Let me look.","annotations":[]}]},\#(Self.call),"#
                + #"{"type":"custom_tool_call","call_id":"c2","name":"patch","input":"*** Begin\n\"x\""},"#
                + #"{"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"done"}]},"#
                + #"\#(Self.output),{"role":"user","content":"go"}]"#
        )
        let messages = run.messages
        try #require(messages.count == 5)
        #expect(messages[1]["content"] == .string("Let me look."))
        let calls = try #require(messages[1]["tool_calls"]).elements
        #expect(
            calls[0]
                == (try json(
                    #"{"id":"c1","type":"function","index":0,"function":{"name":"f","arguments":"{\"a\":1}"}}"#
                ))
        )
        #expect(calls[1]["function"]?["arguments"] == .string(#"{"input":"*** Begin\n\"x\""}"#))
        #expect(messages[2] == (try json(#"{"role":"tool","content":"one","tool_call_id":"c1"}"#)))
        #expect(messages[3] == (try json(#"{"role":"tool","content":"done","tool_call_id":"c2"}"#)))
        #expect(messages[4] == (try json(#"{"role":"user","content":"go"}"#)))
        #expect(run.adjustments.isEmpty)
    }

    @Test func malformedArgumentsAreRepairedAndReported() throws {
        let broken = #"{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":"}"#
        let run = try ResponsesRun(input: #"[{"role":"user","content":"q"},\#(broken),\#(Self.output)]"#)
        let call = try #require(run.messages[1]["tool_calls"]?[0])
        #expect(call["function"]?["arguments"] == .string(#"{"INVALID_JSON":"{\"a\":"}"#))
        #expect(run.adjustments.first?.hasPrefix("input[*].arguments;from=string;to=object") == true)
    }

    @Test func callsAndOutputsBelongTogether() {
        let lonely = ResponsesRun.refusal(input: #"[{"role":"user","content":"q"},\#(Self.call)]"#)
        #expect(lonely?.message == "No tool output found for function call c1.")
        #expect(lonely?.param == "input[1]")
        let orphan = ResponsesRun.refusal(input: #"[{"role":"user","content":"q"},\#(Self.output)]"#)
        #expect(orphan?.message == "No tool call found for function call output with call_id c1.")
        let twice = ResponsesRun.refusal(input: #"[\#(Self.call),\#(Self.output),\#(Self.output)]"#)
        #expect(twice?.param == "input[2]")
    }

    @Test func whatModelsDoNotKnowIsLeftOutAndReported() throws {
        let run = try ResponsesRun(
            input:
                #"[{"role":"user","content":"q"},{"type":"mcp_list_tools","id":"m"},{"type":"item_reference","id":"rs_1"},"#
                + #"{"type":"web_search_call","id":"ws_1","status":"completed"},{"type":"compaction","encrypted_content":"x"}]"#
        )
        #expect(run.messages.count == 1)
        #expect(run.adjustments.count == 3)
        #expect(run.adjustments.allSatisfy { $0.hasPrefix("input[*];from=") })
        let unknown = ResponsesRun.refusal(
            input: #"[{"role":"user","content":"q"},{"type":"item_reference","id":"msg_1"}]"#
        )
        #expect(unknown?.code == "item_not_found")
        #expect(unknown?.param == "input[1]")
        #expect(ResponsesRun.refusal(input: #"[{"id":"msg_1"}]"#)?.code == "item_not_found")
    }

    @Test func thoughtsComeBackWhereTheModelIsToldToKeepThem() throws {
        let content = ContentSeal.content("Hm \"1\"\n", .reasoning)
        let sealed = #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"\#(content)"}"#
        let open =
            #"{"type":"reasoning","id":"rs_2","summary":[{"type":"summary_text","text":"plain"}],"encrypted_content":"gAAAA"}"#
        let input =
            #"[{"role":"user","content":"q"},\#(sealed),\#(open),{"role":"assistant","content":"a"},{"role":"user","content":"b"}]"#
        let kept = try ResponsesRun(input: input, #""preserve_thinking":true"#, seal: .test)
        #expect(kept.messages[1]["reasoning_content"] == .string("Hm \"1\"\n\n\nplain"))
        // What was sealed elsewhere is told, and what stands beside it is used.
        #expect(kept.adjustments.count == 1)
        #expect(kept.adjustments[0].hasPrefix("input[*].encrypted_content;from="))
        #expect(try ResponsesRun(input: input, seal: .test).messages[1]["reasoning_content"] == nil)
        let without = try ResponsesRun(input: input, #""preserve_thinking":true"#)
        #expect(without.messages[1]["reasoning_content"] == .string("plain"))
    }

    @Test func aSummaryStandsForTheConversation() throws {
        let content = ContentSeal.content("They said \"hi\".", .compaction)
        let run = try ResponsesRun(
            input:
                #"[{"type":"compaction","id":"cmp_1","encrypted_content":"\#(content)"},{"role":"user","content":"q"}]"#,
            seal: .test
        )
        #expect(
            run.messages[0]["content"]
                == .string("<conversation-summary>\nThey said \"hi\".\n</conversation-summary>")
        )
        #expect(run.messages[0]["role"] == .string("user") && run.adjustments.isEmpty)
        // Thoughts are no summary, and what is damaged is nothing.
        for other in [ContentSeal.content("x", .reasoning), String(content.dropFirst()), "dsg2.%%%"] {
            let run = try ResponsesRun(
                input: #"[{"type":"compaction","encrypted_content":"\#(other)"},{"role":"user","content":"q"}]"#,
                seal: .test
            )
            #expect(run.messages.count == 1 && run.adjustments.count == 1)
        }
    }

    // MARK: - Parts

    @Test func mediaGoToModelsThatTakeThem() throws {
        let run = try ResponsesRun(
            input: #"[{"role":"user","content":[{"type":"input_text","text":"What?"},"#
                + #"{"type":"input_image","image_url":"https://example.com/a.png","detail":"high"},"#
                + #"{"type":"input_file","filename":"a.txt","file_data":"data:text/plain;base64,aGkgInlvdSI="}]}]"#,
            model: "qwen3-vl-plus"
        )
        #expect(
            run.messages[0]["content"]
                == (try json(
                    #"[{"text":"What?"},{"image":"https://example.com/a.png"},{"text":"a.txt:\nhi \"you\""}]"#
                ))
        )
        #expect(run.parameters?["vl_high_resolution_images"] == .bool(true))
        let audio = try ResponsesRun(
            input:
                #"[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"QUJD","format":"mp3"}}]}]"#,
            model: "qwen3-omni-flash"
        )
        #expect(audio.messages[0]["content"] == (try json(#"[{"audio":"data:audio/mp3;base64,QUJD"}]"#)))
    }

    @Test func refusalsNameTheExactPlace() {
        func refusal(_ part: String) -> APIError? {
            ResponsesRun.refusal(
                input:
                    #"[{"role":"user","content":"x"},{"role":"user","content":[{"type":"input_text","text":"a"},\#(part)]}]"#
            )
        }
        #expect(refusal(#"{"type":"input_image","image_url":"https://e.com/a.png"}"#)?.param == "input[1].content[1]")
        #expect(refusal(#"{"type":"input_file","file_id":"f"}"#)?.param == "input[1].content[1].file_id")
        #expect(refusal(#"{"type":"nonsense"}"#)?.param == "input[1].content[1].type")
        #expect(refusal(#"{"type":"input_text"}"#)?.param == "input[1].content[1].text")
        #expect(refusal("3")?.param == "input[1].content[1]")
        #expect(ResponsesRun.refusal(input: #"[{"role":"tool","content":"x"}]"#)?.param == "input[0].role")
        #expect(ResponsesRun.refusal(input: #"[{"role":"user"}]"#)?.param == "input[0].content")
        #expect(ResponsesRun.refusal(input: "[]")?.code == "empty_array")
        #expect(ResponsesRun.refusal(input: "3")?.code == "invalid_type")
        #expect(ResponsesRun.refusal(input: #"[{"type":"function_call","name":"f"}]"#)?.param == "input[0].call_id")
    }

    @Test func anImageInAnOutputIsNoRefusal() throws {
        let output =
            #"{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"seen"},{"type":"input_image","image_url":"data:image/png;base64,QUJD"}]}"#
        let input = #"[{"role":"user","content":"q"},\#(Self.call),\#(output)]"#
        let blind = try ResponsesRun(input: input, model: "qwen-max")
        #expect(blind.messages[2]["content"] == .string("seen\n\n[image omitted: qwen-max takes no images]"))
        #expect(
            blind.adjustments.contains {
                $0.hasPrefix("input[*].output;from=image;to=placeholder")
            }
        )
        let seeing = try ResponsesRun(input: input, model: "qwen3-vl-plus")
        #expect(seeing.messages[2]["content"] == (try json(#"[{"text":"seen"}]"#)))
        #expect(
            seeing.messages[3]["content"]
                == (try json(
                    #"[{"text":"Image in the output of the tool call c1:"},{"image":"data:image/png;base64,QUJD"}]"#
                ))
        )
    }

    @Test func earlierTurnsHaveNoPlaceInTheRequest() throws {
        var turn = ResponsesTurn()
        turn.history = 2
        let request = ResponsesRun.request(
            input: #"[{"role":"user","content":"q"},\#(Self.call),{"role":"user","content":"next"}]"#
        )
        let error = #expect(throws: APIError.self) { try ResponsesRun(request, turn: turn) }
        #expect(error?.param == "input")
    }
}
