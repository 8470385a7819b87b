import Testing

@testable import APITranslation

struct MessageTests {
    private func convert(_ message: String, model: String = "qwen-plus") throws -> JSON? {
        try RequestRun(RequestRun.messages(message, model: model)).message(0)
    }

    @Test(arguments: [
        (#"{"role":"system","content":"s"}"#, #"{"role":"system","content":"s"}"#),
        (
            #"{"role":"user","content":[{"type":"text","text":"a\n"},{"type":"text","text":"\u4f60"}]}"#,
            #"{"role":"user","content":"a\n你"}"#
        ),
        (
            #"{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":""}}]}"#,
            #"{"role":"assistant","content":"","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#
        ),
        (
            #"{"role":"assistant","content":"x","refusal":null,"annotations":[],"tool_calls":[],"reasoning_content":"r"}"#,
            #"{"role":"assistant","content":"x"}"#
        ),
        (#"{"role":"assistant","content":"x","partial":true}"#, #"{"role":"assistant","content":"x","partial":true}"#),
        (#"{"role":"assistant","refusal":"no"}"#, #"{"role":"assistant","content":"no"}"#),
        (
            #"{"role":"tool","tool_call_id":"c","name":"f","content":"42"}"#,
            #"{"role":"tool","tool_call_id":"c","name":"f","content":"42"}"#
        ),
        (
            #"{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}"#,
            #"{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}"#
        ),
    ])
    func textModels(message: String, native: String) throws {
        #expect(try convert(message) == (try JSON(parsing: native)))
    }

    @Test(arguments: [
        (#"{"role":"system","content":"s"}"#, #"{"role":"system","content":[{"text":"s"}]}"#),
        (
            #"{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
            #"{"role":"assistant","content":[],"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#
        ),
        (
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com/a.png","detail":"auto"},"max_pixels":9},{"type":"text","text":"t"}]}"#,
            #"{"role":"user","content":[{"image":"https://e.com/a.png","max_pixels":9},{"text":"t"}]}"#
        ),
        (
            #"{"role":"user","content":[{"type":"image_url","image_url":"https://e.com/a.png"}]}"#,
            #"{"role":"user","content":[{"image":"https://e.com/a.png"}]}"#
        ),
        (
            #"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}}]}"#,
            #"{"role":"user","content":[{"audio":"data:audio/mp3;base64,AAAA"}]}"#
        ),
        (
            #"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"data:audio/wav;base64,AAAA","format":"wav"}}]}"#,
            #"{"role":"user","content":[{"audio":"data:audio/wav;base64,AAAA"}]}"#
        ),
        (
            #"{"role":"user","content":[{"type":"video_url","video_url":{"url":"https://e.com/v.mp4"},"fps":2}]}"#,
            #"{"role":"user","content":[{"video":"https://e.com/v.mp4","fps":2}]}"#
        ),
        (
            #"{"role":"user","content":[{"type":"video","video":["https://e.com/1.png","https://e.com/2.png"]}]}"#,
            #"{"role":"user","content":[{"video":["https://e.com/1.png","https://e.com/2.png"]}]}"#
        ),
        (
            #"{"role":"tool","tool_call_id":"c","content":"42"}"#,
            #"{"role":"tool","tool_call_id":"c","content":[{"text":"42"}]}"#
        ),
    ])
    func multimodalModels(message: String, native: String) throws {
        #expect(try convert(message, model: "qwen3-vl-plus") == (try JSON(parsing: native)))
    }

    @Test func developersAreSystemsAndReported() throws {
        let run = try RequestRun(RequestRun.messages(#"{"role":"developer","content":"d"}"#))
        #expect(run.message(0)?["role"] == .string("system"))
        #expect(
            run.adjustments == ["messages[*].role;from=developer;to=system;reason=the model knows no developer role"]
        )
    }

    @Test func thoughtsAreKeptWhenAskedFor() throws {
        let run = try RequestRun(
            #"{"model":"qwen3.6-plus","preserve_thinking":true,"messages":[{"role":"assistant","content":"x","reasoning_content":"r"},{"role":"user","content":"y"}]}"#
        )
        #expect(run.message(0)?["reasoning_content"] == .string("r"))
        #expect(run.adjustments == [])
    }

    @Test func highDetailAsksForResolution() throws {
        let run = try RequestRun(
            RequestRun.messages(
                #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com/a.png","detail":"high"}}]}"#,
                model: "qwen-vl-plus"
            )
        )
        #expect(run.parameters?["vl_high_resolution_images"] == .bool(true))
        #expect(run.adjustments.count == 1)
    }

    @Test func temporaryLinksNeedTheirHeader() throws {
        let run = try RequestRun(
            RequestRun.messages(
                #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"oss://bucket/a.png"}}]}"#,
                model: "qwen-vl-plus"
            )
        )
        #expect(run.call.resolvesOSS)
    }

    @Test func anUncataloguedModelWithMediaGoesToTheMultimodalPath() throws {
        let media = #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com/a.png"}}]}"#
        #expect(try RequestRun(RequestRun.messages(media, model: "brand-new")).call.operation == .multimodalGeneration)
        #expect(
            try RequestRun(RequestRun.messages(#"{"role":"user","content":"x"}"#, model: "brand-new")).call.operation
                == .textGeneration
        )
    }

    @Test(arguments: [
        (
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com/a.png"}}]}"#,
            "messages[0].content[0]"
        ),
        (#"{"content":"x"}"#, "messages[0].role"),
        (#"{"role":"wizard","content":"x"}"#, "messages[0].role"),
        (#"{"role":"user"}"#, "messages[0].content"),
        (#"{"role":"user","content":5}"#, "messages[0].content"),
        (#"{"role":"user","content":[{"type":"text","text":5}]}"#, "messages[0].content[0].text"),
        (#"{"role":"user","content":[{"type":"nonsense"}]}"#, "messages[0].content[0].type"),
        (#"{"role":"user","content":[{"type":"file","file":{"file_data":"data:x"}}]}"#, "messages[0].content[0]"),
        (#"{"role":"tool","content":"x"}"#, "messages[0].tool_call_id"),
        (#"{"role":"assistant","tool_calls":{}}"#, "messages[0].tool_calls"),
    ])
    func impossibleMessagesAreRefusedByPath(message: String, param: String) {
        let error = RequestRun.refusal(RequestRun.messages(message))
        #expect(error?.status == 400)
        #expect(error?.param == param)
    }

    @Test(arguments: [
        (#""reasoning_content":"because""#, "messages[*].reasoning_content;from=string;to=none"),
        (#""reasoning":"because""#, "messages[*].reasoning;from=string;to=none"),
        (#""annotations":[{"type":"url_citation"}]"#, "messages[*].annotations;from=array;to=none"),
        (#""refusal":"no""#, "messages[*].refusal;from=string;to=none"),
    ])
    func whatAnEarlierAnswerLosesIsReported(member: String, report: String) throws {
        let request = RequestRun.messages(
            #"{"role":"assistant","content":"x",\#(member)},{"role":"user","content":"y"}"#
        )
        let run = try RequestRun(request)
        #expect(run.message(0) == (try JSON(parsing: #"{"role":"assistant","content":"x"}"#)))
        #expect(run.adjustments.count == 1 && run.adjustments[0].hasPrefix(report), "\(run.adjustments)")
        #expect(throws: APIError.self) { try RequestRun(request, strict: true) }
    }

    @Test(arguments: [#""reasoning_content":"""#, #""annotations":[]"#, #""refusal":"""#])
    func nothingIsNotReported(member: String) throws {
        let run = try RequestRun(
            RequestRun.messages(#"{"role":"assistant","content":"x",\#(member)},{"role":"user","content":"y"}"#)
        )
        #expect(run.adjustments == [])
    }
}
