import NIOCore
import Testing

@testable import APITranslation

struct MessagesConversationTests {
    private func native(_ messages: String, model: String = "qwen-plus", _ members: String = "") throws -> [JSON] {
        try MessagesRun(MessagesRun.messages(messages, model: model, members)).messages
    }

    private func json(_ text: String) throws -> [JSON] { try JSON(parsing: text).elements }

    @Test func theLeastRequest() throws {
        let run = try MessagesRun(MessagesRun.with(""))
        #expect(
            run.body
                == (try JSON(
                    parsing: #"""
                        {"model":"qwen-plus","input":{"messages":[{"role":"user","content":"hi"}]},"parameters":{"result_format":"message","max_tokens":100}}
                        """#
                ))
        )
        #expect(run.adjustments.isEmpty)
        #expect(!run.call.streamsUpstream)
        #expect(run.context?.model == "qwen-plus")
    }

    // MARK: - System

    @Test(arguments: [
        (#""system":"s""#, #"[{"role":"system","content":"s"},{"role":"user","content":"hi"}]"#),
        (
            #""system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=1; cch=ab;"},{"type":"text","text":"a"},{"type":"text","text":"b"}]"#,
            #"[{"role":"system","content":"a\n\nb"},{"role":"user","content":"hi"}]"#
        ),
        (
            #""system":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"5m"}}]"#,
            #"[{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]},{"role":"user","content":"hi"}]"#
        ),
        (#""system":"""#, #"[{"role":"user","content":"hi"}]"#),
        (
            #""system":[{"type":"text","text":"x-anthropic-billing-header: a"}]"#, #"[{"role":"user","content":"hi"}]"#
        ),
    ])
    func theSystemIsOneMessageInFront(system: String, native: String) throws {
        let run = try MessagesRun(MessagesRun.with(system))
        #expect(run.messages == (try json(native)))
        #expect(run.adjustments.isEmpty)
    }

    @Test func theSystemOfAMultimodalModelIsAList() throws {
        let run = try MessagesRun(MessagesRun.with(#""system":"s""#, model: "qwen3-vl-plus"))
        #expect(
            run.messages
                == (try json(#"[{"role":"system","content":[{"text":"s"}]},{"role":"user","content":[{"text":"hi"}]}]"#))
        )
    }

    @Test func systemMessagesInFrontJoinTheSystem() throws {
        let messages = try native(
            #"{"role":"system","content":"b"},{"role":"user","content":"x"}"#,
            #""system":"a""#
        )
        #expect(messages == (try json(#"[{"role":"system","content":"a\n\nb"},{"role":"user","content":"x"}]"#)))
    }

    @Test func laterSystemMessagesBecomeRemindersOfTheUser() throws {
        let run = try MessagesRun(
            MessagesRun.messages(
                #"{"role":"user","content":"x"},{"role":"system","content":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}]}"#
            )
        )
        #expect(
            run.messages
                == (try json(
                    #"[{"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"<system-reminder>\nbe brief\n</system-reminder>","cache_control":{"type":"ephemeral"}}]}]"#
                ))
        )
        #expect(run.adjustments.count == 1)
        #expect(run.adjustments.first?.hasPrefix("messages[*].role;from=system;to=user") == true)
        let later = try native(
            #"{"role":"user","content":"x"},{"role":"system","content":"be brief"},{"role":"assistant","content":"ok"},{"role":"user","content":"y"}"#
        )
        #expect(
            later
                == (try json(
                    #"[{"role":"user","content":"x\n\n<system-reminder>\nbe brief\n</system-reminder>"},{"role":"assistant","content":"ok"},{"role":"user","content":"y"}]"#
                ))
        )
    }

    @Test func aReminderForOneTurnGoesWithTheNext() throws {
        let reminder = #"{"role":"system","content":"now","clear_at":"next_user_message"}"#
        let last = try native(#"{"role":"user","content":"x"},\#(reminder)"#)
        #expect(last.first?["content"] == .string("x\n\n<system-reminder>\nnow\n</system-reminder>"))
        let past = try native(
            #"{"role":"user","content":"x"},\#(reminder),{"role":"assistant","content":"ok"},{"role":"user","content":"y"}"#
        )
        #expect(past.first?["content"] == .string("x"))
    }

    // MARK: - Tools in the history

    private let call =
        #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"a"},{"type":"tool_use","id":"c1","name":"f","input":{"b": 1, "a":[ "x \"y\"" ]}},{"type":"tool_use","id":"c2","name":"g"}]}"#

    @Test func theWholeLoopOfTools() throws {
        let messages = try native(
            call
                + #",{"role":"user","content":[{"type":"tool_result","tool_use_id":"c2","is_error":true,"content":"no"},{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"1"},{"type":"text","text":"2"}]},{"type":"text","text":"go on"}]}"#
        )
        #expect(
            messages
                == (try json(
                    #"[{"role":"user","content":"x"},{"role":"assistant","content":"a","tool_calls":[{"id":"c1","type":"function","index":0,"function":{"name":"f","arguments":"{\"b\":1,\"a\":[\"x \\\"y\\\"\"]}"}},{"id":"c2","type":"function","index":1,"function":{"name":"g","arguments":"{}"}}]},{"role":"tool","content":"Error: no","tool_call_id":"c2"},{"role":"tool","content":"1\n2","tool_call_id":"c1"},{"role":"user","content":"go on"}]"#
                ))
        )
    }

    @Test func aResultWithoutContentIsEmpty() throws {
        let messages = try native(
            #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}"#
        )
        #expect(messages[1]["content"] == .string(""))
        #expect(messages[2] == (try JSON(parsing: #"{"role":"tool","content":"","tool_call_id":"c"}"#)))
        #expect(messages.count == 3)
    }

    @Test func picturesOfResultsFollowInAMessageOfTheUser() throws {
        let request = MessagesRun.messages(
            #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"t"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"text","text":"own"}]}"#,
            model: "qwen3-vl-plus"
        )
        let run = try MessagesRun(request)
        #expect(run.messages[2]["content"] == (try JSON(parsing: #"[{"text":"t"}]"#)))
        #expect(
            run.messages[3]["content"]
                == (try JSON(
                    parsing:
                        #"[{"text":"Image in the result of the tool call c:"},{"image":"data:image/png;base64,AAAA"},{"text":"own"}]"#
                ))
        )
        let text = try MessagesRun(request.replacing("qwen3-vl-plus", with: "qwen-plus"))
        #expect(text.messages[2]["content"] == .string("t\n[image omitted: qwen-plus takes no images]"))
        #expect(text.adjustments.contains { $0.hasPrefix("messages[*].content;from=image;to=text") })
    }

    @Test(arguments: [
        (
            #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{}},{"type":"tool_use","id":"c2","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"1"}]}"#,
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: c2."
        ),
        (
            #"{"role":"user","content":"x"},{"role":"assistant","content":"y"},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c9","content":"1"}]}"#,
            "messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: c9."
        ),
        (
            #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{}}]}"#,
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: c1."
        ),
    ])
    func orphansAreRefusedInAnthropicsWords(messages: String, words: String) {
        let error = MessagesRun.refusal(MessagesRun.messages(messages))
        #expect(error?.status == 400)
        #expect(error?.message.hasPrefix(words) == true, "\(error?.message ?? "taken")")
    }

    @Test func aSystemMessageBetweenCallAndResultDoesNotCount() throws {
        let messages = try native(
            #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"system","content":"s"},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"1"}]}"#
        )
        #expect(messages[2]["role"] == .string("tool"))
        #expect(messages[3]["content"] == .string("<system-reminder>\ns\n</system-reminder>"))
    }

    // MARK: - Blocks

    @Test func picturesAndDocuments() throws {
        let run = try MessagesRun(
            MessagesRun.messages(
                #"{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://e.com/a.png"}},{"type":"document","title":"T","context":"C","source":{"type":"text","media_type":"text/plain","data":"D"}},{"type":"search_result","title":"S","source":"https://e.com","content":[{"type":"text","text":"found"}]},{"type":"text","text":""}]}"#,
                model: "qwen3-vl-plus"
            )
        )
        #expect(
            run.messages[0]["content"]
                == (try JSON(
                    parsing: #"[{"image":"https://e.com/a.png"},{"text":"T\nC\nD"},{"text":"S\nhttps://e.com\nfound"}]"#
                ))
        )
        #expect(run.adjustments.isEmpty)
    }

    @Test(arguments: [
        (
            #"{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://e.com/a.png"}}]}"#,
            "messages.0.content.0: "
        ),
        (
            #"{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AA"}}]}"#,
            "messages.0.content.0.source: "
        ),
        (#"{"role":"user","content":[{"type":"nonsense"}]}"#, "messages.0.content.0.type: "),
        (#"{"role":"user","content":[{"text":"x"}]}"#, "messages.0.content.0.type: Field required"),
        (#"{"role":"user","content":[{"type":"text","text":5}]}"#, "messages.0.content.0.text: "),
        (#"{"role":"user","content":5}"#, "messages.0.content: "),
        (#"{"role":"wizard","content":"x"}"#, "messages.0.role: "),
        (#"{"role":"user"}"#, "messages.0.content: Field required"),
        (#"{"content":"x"}"#, "messages.0.role: Field required"),
        (#"{"role":"user","content":""}"#, "messages.0: "), (#"{"role":"user","content":[]}"#, "messages.0: "),
        (
            #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":"{}"}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}"#,
            "messages.1.content.0.input: "
        ),
        ("5", "messages.0: "),
    ])
    func whatCannotBeSentIsRefusedByItsPlace(messages: String, beginning: String) {
        let error = MessagesRun.refusal(MessagesRun.messages(messages))
        #expect(error?.status == 400)
        #expect(error?.message.hasPrefix(beginning) == true, "\(error?.message ?? "taken")")
    }

    @Test func filesAreRefused() {
        let error = MessagesRun.refusal(
            MessagesRun.messages(
                #"{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}"#,
                model: "qwen3-vl-plus"
            )
        )
        #expect(error?.message.hasPrefix("messages.0.content.0.source.type: ") == true)
    }

    @Test func anAnswerWithNothingLeftIsLeftOut() throws {
        let messages = try native(
            #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"}]},{"role":"user","content":"y"}"#
        )
        #expect(messages == (try json(#"[{"role":"user","content":"x"},{"role":"user","content":"y"}]"#)))
    }

    @Test func thoughtsAreKeptWhereAskedFor() throws {
        let messages = try native(
            #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":""},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"a"}]},{"role":"user","content":"y"}"#,
            model: "qwen3.6-plus",
            #""preserve_thinking":true"#
        )
        #expect(messages[1]["reasoning_content"] == .string("t"))
    }

    @Test func blocksOfServerToolsAreSkippedAndReported() throws {
        let run = try MessagesRun(
            MessagesRun.messages(
                #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"compaction","content":"sum"}]},{"role":"user","content":"y"}"#
            )
        )
        #expect(run.messages[1] == (try JSON(parsing: #"{"role":"assistant","content":"sum"}"#)))
        #expect(run.adjustments.count == 2)
        #expect(run.adjustments.allSatisfy { $0.hasPrefix("messages[*].content;from=") })
    }

    @Test func aConversationThatEndsWithAnAnswerIsContinued() throws {
        let messages = #"{"role":"user","content":"x"},{"role":"assistant","content":"The "}"#
        let run = try MessagesRun(MessagesRun.messages(messages, #""thinking":{"type":"adaptive"}"#))
        #expect(run.messages[1] == (try JSON(parsing: #"{"role":"assistant","content":"The ","partial":true}"#)))
        #expect(run.parameters?["enable_thinking"] == .bool(false))
        #expect(run.adjustments.count == 1)
        let always = MessagesRun.refusal(MessagesRun.messages(messages, model: "qwq-plus"))
        #expect(always?.message.hasPrefix("messages.1: ") == true)
    }

    // MARK: - Cache markers

    private func block(_ text: String, marked: Bool = true) -> String {
        #"{"type":"text","text":"\#(text)"\#(marked ? #","cache_control":{"type":"ephemeral"}"# : "")}"#
    }

    @Test func theLastFourMarkersAreKept() throws {
        let blocks = (1...6).map { block("b\($0)") }.joined(separator: ",")
        let run = try MessagesRun(MessagesRun.messages(#"{"role":"user","content":[\#(blocks)]}"#))
        let kept = run.messages[0]["content"]?.elements.map { $0["cache_control"] != nil }
        #expect(kept == [false, false, true, true, true, true])
        #expect(run.adjustments.first?.hasSuffix(";count=2") == true)
    }

    @Test func theMarkerOfTheWholeRequestStandsOnItsLastPart() throws {
        let members = #""cache_control":{"type":"ephemeral"}"#
        let run = try MessagesRun(MessagesRun.with(members))
        #expect(
            run.messages[0]["content"]
                == (try JSON(parsing: #"[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]"#))
        )
        let result = try MessagesRun(
            MessagesRun.messages(
                #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"1"}]}"#,
                members
            )
        )
        #expect(result.messages[2]["content"]?[0]?["cache_control"]?["type"] == .string("ephemeral"))
    }

    @Test func anHourBecomesFiveMinutes() throws {
        let run = try MessagesRun(
            MessagesRun.messages(
                #"{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}]}"#
            )
        )
        #expect(run.messages[0]["content"]?[0]?["cache_control"] == (try JSON(parsing: #"{"type":"ephemeral"}"#)))
        #expect(run.adjustments.count == 1)
    }

    @Test(arguments: ["qwen-long", "glm-5.2"])
    func modelsThatReadStringsGetNoMarkers(model: String) throws {
        let run = try MessagesRun(
            MessagesRun.messages(
                #"{"role":"user","content":[\#(block("a")),\#(block("b", marked: false))]}"#,
                model: model
            )
        )
        #expect(run.messages[0]["content"] == .string("a\n\nb"))
        #expect(run.adjustments.count == 1)
    }

    @Test func theBeginningOfThePromptStaysTheSameFromTurnToTurn() throws {
        func turn(_ number: Int, _ rest: String) throws -> String {
            let run = try MessagesRun(
                MessagesRun.messages(
                    #"{"role":"user","content":"x"}\#(rest)"#,
                    #""system":[{"type":"text","text":"x-anthropic-billing-header: cch=\#(number);"},{"type":"text","text":"prompt","cache_control":{"type":"ephemeral"}}]"#
                )
            )
            return String(buffer: run.call.body)
        }
        let first = try turn(1, "")
        let second = try turn(2, #",{"role":"assistant","content":"a"},{"role":"user","content":"y"}"#)
        let prompt = first.prefix(upTo: first.firstRange(of: "]},\"parameters\"")?.lowerBound ?? first.startIndex)
        #expect(!prompt.isEmpty)
        #expect(second.hasPrefix(prompt))
    }
}
