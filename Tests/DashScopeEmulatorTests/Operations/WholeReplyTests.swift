@testable import DashScopeEmulator
import Testing

struct WholeReplyTests {
    @Test
    func aPlainAnswerEchoesTheQuestion() throws {
        let reply = Call(model: "qwen-max", ask: "1+1?").reply()
        #expect(reply.status == 200)
        #expect(reply.header("content-type") == "application/json")
        #expect(reply.header("x-dashscope-finished") == "true")
        let document = try #require(JSON(bytes: reply.body))
        #expect(Set(document.members?.map(\.name) ?? []) == ["output", "usage", "request_id"])
        #expect(document.contentText == "Echo: 1+1?")
        #expect(document.choice?["finish_reason"] == "stop")
        #expect(document["request_id"]?.string == reply.header("x-request-id"))
        let usage = try #require(document["usage"])
        let total = (usage["input_tokens"]?.int ?? 0) + (usage["output_tokens"]?.int ?? 0)
        #expect(usage["total_tokens"]?.int == total)
    }

    @Test
    func oldModelsAnswerInTextFormatUnlessAsked() {
        let document = Call(ask: "Hi").with { $0.body["parameters"] = [:] }.document()
        #expect(document["output"] == ["finish_reason": "stop", "text": "Echo: Hi"])
    }

    @Test
    func multimodalAnswersAreArrays() {
        let document = Call(.multimodal, model: "qwen3-vl-plus", ask: "Hi").document()
        #expect(document.answer?["content"] == [["text": "Echo: Hi"]])
        #expect(document["usage"]?["output_tokens_details"]?["text_tokens"] != nil)
    }

    @Test
    func oldVisionModelsCountLittle() throws {
        let call = Call(
            .multimodal,
            model: "qwen-vl-plus",
            messages: [["role": "user", "content": [["image": "https://example.com/a.png"], ["text": "What?"]]]]
        )
        let usage = try #require(call.document()["usage"]?.members)
        #expect(Set(usage.map(\.name)) == ["input_tokens", "output_tokens", "image_tokens"])
    }

    @Test
    func mediaAreReported() {
        let content: JSON = [
            ["image": "data:image/jpeg;base64,/9j/4AAQSkZJRg=="],
            ["video": ["https://a/1", "https://a/2", "https://a/3", "https://a/4"]], ["text": "What?"],
        ]
        let call = Call(.multimodal, model: "qwen3-vl-plus", messages: [["role": "user", "content": content]])
        let text = call.document().contentText
        #expect(text == "Received image image/jpeg of 10 bytes; video of 4 frames. Echo: What?")
    }

    @Test
    func thinkingComesBesideTheAnswer() {
        let document = Call(model: "deepseek-r1", ask: "1+1?").document()
        #expect(document.answer?["reasoning_content"]?.string?.contains("1+1?") == true)
        #expect((document["usage"]?["output_tokens_details"]?["reasoning_tokens"]?.int ?? 0) > 0)
    }

    @Test
    func theLimitOverEverythingMayCutTheReasoning() {
        let document = Call(model: "deepseek-r1", ask: "1+1?", parameters: ["max_completion_tokens": 3]).document()
        #expect(document.choice?["finish_reason"] == "length")
        #expect(document.contentText == "")
        #expect(document["usage"]?["output_tokens_details"]?["reasoning_tokens"] == 3)
    }

    @Test
    func lengthAndStopCutTheText() {
        let short = Call(ask: "a long question", parameters: ["max_tokens": 2]).document()
        #expect(short.choice?["finish_reason"] == "length")
        #expect(short.contentText == "Echo: a ")
        let stopped = Call(ask: "one two three", parameters: ["stop": ["three", "two"]]).document()
        #expect(stopped.contentText == "Echo: one ")
        #expect(stopped.choice?["finish_reason"] == "stop")
    }

    @Test
    func severalChoicesAreNumbered() {
        let document = Call(model: "qwen-plus-character", ask: "Hi", parameters: ["n": 2]).document()
        #expect(document["output"]?["choices"]?.array?.map { $0["index"]?.int } == [0, 1])
    }

    @Test
    func logprobsCoverTheText() throws {
        let document = Call(model: "qwen-max", ask: "2", parameters: ["logprobs": true, "top_logprobs": 2]).document()
        let tokens = try #require(document.choice?["logprobs"]?["content"]?.array)
        #expect(tokens.compactMap { $0["token"]?.string }.joined() == "Echo: 2")
        #expect(tokens.allSatisfy { $0["top_logprobs"]?.array?.count == 2 })
    }

    @Test
    func searchGivesItsSources() {
        let options: JSON = ["enable_source": true, "enable_citation": true, "citation_format": "[ref_<number>]"]
        let document = Call(ask: "Price?", parameters: ["enable_search": true, "search_options": options]).document()
        #expect(document["output"]?["search_info"]?["search_results"]?[0]?["index"] == 1)
        #expect(document.contentText.contains("[ref_1]"))
        #expect(document["usage"]?["plugins"]?["search"]?["count"] == 1)
    }

    @Test
    func jsonModesGiveJSONText() throws {
        let object = Call(ask: "as JSON", parameters: ["response_format": ["type": "json_object"]]).document()
        #expect(JSON(bytes: object.contentText.utf8)?["echo"] == "as JSON")
        let schema: JSON = [
            "type": "object", "required": ["name", "age", "kind"],
            "properties": [
                "name": ["type": "string"], "age": ["type": "integer", "minimum": 18], "kind": ["enum": ["x", "y"]],
                "tags": ["type": "array", "items": ["$ref": "#/$defs/tag"], "minItems": 2],
            ],
            "$defs": ["tag": ["type": ["null", "boolean"]]],
        ]
        let format: JSON = ["type": "json_schema", "json_schema": ["name": "person", "schema": schema]]
        let document = Call(ask: "Anna", parameters: ["response_format": format]).document()
        let value = try #require(JSON(bytes: document.contentText.utf8))
        #expect(value == ["name": "Anna", "age": 18, "kind": "x", "tags": [true, true]])
    }

    @Test
    func specialModelsHaveTheirShapes() {
        let translated = Call(
            model: "qwen-mt-plus",
            ask: "你好",
            parameters: ["translation_options": ["source_lang": "auto", "target_lang": "English"]]
        ).document()
        #expect(translated["output"]?["model_name"] == "qwen-mt-plus")
        #expect(translated["output"]?["finish_reason"] == "stop")
        let audio: JSON = [["role": "user", "content": [["audio": "https://a/a.wav"]]]]
        let speech = Call(.multimodal, model: "qwen3-asr-flash", messages: audio).document()
        #expect(speech.answer?["annotations"]?[0]?["type"] == "audio_info")
        #expect(speech["usage"]?["seconds"] == 1)
        let image: JSON = [["role": "user", "content": [["image": "https://a/a.png"]]]]
        let options: JSON = [
            "task": "key_information_extraction", "task_config": ["result_schema": ["date": "", "total": ""]],
        ]
        let read = Call(.multimodal, model: "qwen-vl-ocr", messages: image, parameters: ["ocr_options": options])
            .document()
        #expect(read.answer?["content"]?[0]?["ocr_result"]?["kv_result"]?["total"] != nil)
    }

    @Test
    func partialPrefixIsNotRepeated() {
        let document = Call(messages: [
            ["role": "user", "content": "Tell"],
            ["role": "assistant", "content": "Once upon a time", "partial": true],
        ]).document()
        #expect(document.contentText == "and so on. Echo: Tell")
    }

    @Test
    func tokensAreCounted() {
        let call = Call(ask: "12345678").with { $0.path = "/api/v1/tokenizer" }
        #expect(call.document()["usage"]?["input_tokens"] == 2)
    }
    @Test
    func extremeSchemasDoNotStopIt() {
        let schema: JSON = [
            "type": "object",
            "properties": [
                "a": ["type": "integer", "minimum": 1e300], "b": ["$ref": "#"],
                "c": ["type": "string", "maxLength": -1],
                "d": ["type": "number", "exclusiveMinimum": 1e300],
            ],
            "required": ["b"],
        ]
        let format: JSON = ["type": "json_schema", "json_schema": ["name": "x", "schema": schema]]
        #expect(Call(ask: "Hi", parameters: ["response_format": format]).reply().status == 200)
    }
}
