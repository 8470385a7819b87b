import NIOCore
import Testing

@testable import APITranslation

struct EmbeddingsRequestTests {
    private func run(_ members: String, model: String = "text-embedding-v4") throws -> SplitRun {
        try SplitRun(#"{"model":"\#(model)",\#(members)}"#)
    }

    private func refusal(_ members: String, model: String = "text-embedding-v4") -> APIError? {
        SplitRun.refusal(#"{"model":"\#(model)",\#(members)}"#)
    }

    @Test func aTextIsAListOfOne() throws {
        let run = try run(#""input":"h\u00e9 \"x\"""#)
        #expect(
            String(buffer: run.request.calls[0].body)
                == #"{"model":"text-embedding-v4","input":{"texts":["h\u00e9 \"x\""]},"parameters":{}}"#
        )
        #expect(run.request.calls[0].operation == .textEmbedding)
        #expect(run.request.adjustments.isEmpty)
    }

    @Test func parametersAreCarried() throws {
        let run = try run(
            #""input":"x","dimensions":512.0,"text_type":"query","instruct":"i","output_type":"dense&sparse","user":"u","new":[1],"encoding_format":"base64","extra_body":{"newer":1},"instruct2":null"#
        )
        let parameters = try JSON(
            parsing:
                #"{"dimension":512,"text_type":"query","instruct":"i","output_type":"dense&sparse","new":[1],"newer":1}"#
        )
        #expect(run.bodies[0]["parameters"] == parameters)
    }

    @Test(arguments: [("text-embedding-v4", 10), ("text-embedding-v2", 25), ("qwen3.7-text-embedding", 10)])
    func longListsAreDivided(model: String, most: Int) throws {
        let count = 2 * most + 1
        let texts = (0..<count).map { "\"t\($0)\"" }.joined(separator: ",")
        let run = try run("\"input\":[\(texts)]", model: model)
        let parts = run.bodies.map { $0["input"]?["texts"]?.elements.map { $0.text ?? "" } ?? [] }
        #expect(parts.map(\.count) == [most, most, 1])
        #expect(parts.flatMap { $0 } == (0..<count).map { "t\($0)" })
    }

    @Test func listsAreDividedByTokens() throws {
        let overlay = ByteBuffer(string: #"{"models":[{"id":"text-embedding-v4","max_request_tokens":1000}]}"#)
        let translator = EmbeddingsTranslator(catalog: try ModelCatalog(overlay: overlay))
        let text = "\"" + String(repeating: "x", count: 1200) + "\""
        let run = try SplitRun(
            #"{"model":"text-embedding-v4","input":[\#(text),\#(text),\#(text),"y"]}"#,
            translator
        )
        #expect(run.bodies.map { $0["input"]?["texts"]?.elements.count } == [2, 2])
    }

    @Test func aLengthThatTheModelHasNotIsRefusedWithThoseItHas() {
        let error = refusal(#""input":"x","dimensions":100"#)
        #expect(error?.status == 400)
        #expect(error?.param == "dimensions")
        #expect(error?.message.contains("1024, 2048, 1536, 768, 512, 256, 128, 64") == true)
        #expect(refusal(#""input":"x","dimensions":0"#)?.code == "integer_below_min_value")
    }

    @Test func aLengthOfWhichThereIsOneIsNoParameter() throws {
        #expect(
            try run(#""input":"x","dimensions":1536"#, model: "text-embedding-v2").bodies[0]["parameters"]
                == .object([:])
        )
        #expect(refusal(#""input":"x","dimensions":1024"#, model: "text-embedding-v2")?.param == "dimensions")
        #expect(
            try run(#""input":"x","dimensions":99"#, model: "brand-new").bodies[0]["parameters"]?["dimension"]?.text
                == nil
        )
    }

    @Test(arguments: [
        (#""input":[]"#, "input", "empty_array"), (#""input":"""#, "input", "invalid_value"),
        (#""input":["a",""]"#, "input[1]", "invalid_value"), (#""input":5"#, "input", "invalid_type"),
        (#""input":["a",null]"#, "input[1]", "invalid_type"), (#""input":null"#, "input", "missing_required_parameter"),
        (#""input":"x","encoding_format":"int8""#, "encoding_format", "invalid_value"),
        (#""input":"x","dimensions":"5""#, "dimensions", "invalid_type"),
        (#""input":[{"image":"http://x/y.png"}]"#, "input[0]", "invalid_value"),
        (#""input":"x","image":"http://x/y.png""#, "image", "invalid_value"),
    ]) func faultsNameTheParameter(members: String, param: String, code: String) {
        let error = refusal(members)
        #expect(error?.status == 400)
        #expect(error?.param == param)
        #expect(error?.code == code)
    }

    @Test(arguments: ["[1,2]", "[[1,2],[3]]"]) func tokenIDsAreRefusedWithTheWayOut(input: String) {
        let error = refusal("\"input\":\(input)")
        #expect(error?.param == "input")
        #expect(error?.message.contains("check_embedding_ctx_length=False") == true)
    }

    @Test func moreInputsThanAllowedAreRefused() throws {
        let texts = Array(repeating: "\"x\"", count: 2049).joined(separator: ",")
        #expect(refusal("\"input\":[\(texts)]")?.code == "array_above_max_length")
    }

    @Test func modelsOfOtherKindsAreRefused() {
        #expect(refusal(#""input":"x""#, model: "qwen-plus")?.code == "model_not_supported")
        #expect(refusal(#""input":"x""#, model: "qwen3-rerank")?.code == "model_not_supported")
        let batch = refusal(#""input":"x""#, model: "text-embedding-async-v2")
        #expect(batch?.code == "model_not_supported")
        #expect(batch?.message.contains("batch") == true)
    }

    @Test func multimodalModelsReadContents() throws {
        let run = try run(
            #""input":["a",{"image":"http://x/y.png","factor":1},{"type":"image_url","image_url":{"url":"oss://k"}},{"type":"text","text":"b"}],"video":["http://x/z.mp4"],"multi_images":["http://x/1.png","http://x/2.png"],"fps":0.5"#,
            model: "tongyi-embedding-vision-plus"
        )
        #expect(run.request.calls.count == 1)
        #expect(run.request.calls[0].operation == .multimodalEmbedding)
        #expect(run.request.calls[0].resolvesOSS)
        let contents = try JSON(
            parsing:
                #"[{"text":"a"},{"image":"http://x/y.png","factor":1},{"image":"oss://k"},{"text":"b"},{"video":"http://x/z.mp4"},{"multi_images":["http://x/1.png","http://x/2.png"]}]"#
        )
        #expect(run.bodies[0]["input"]?["contents"] == contents)
        #expect(refusal(#""input":[{"sound":"x"}]"#, model: "qwen3-vl-embedding")?.param == "input[0]")
        #expect(refusal(#""input":[{"image":5}]"#, model: "qwen3-vl-embedding")?.param == "input[0].image")
    }

    @Test func strictModeRefusesRepairs() throws {
        #expect(throws: APIError.self) {
            try SplitRun(#"{"model":"dashscope/text-embedding-v4","input":"x"}"#, strict: true)
        }
        let run = try SplitRun(#"{"model":"dashscope/text-embedding-v4","input":"x"}"#)
        #expect(run.request.adjustments.texts.first?.hasPrefix("model;from=dashscope/text-embedding-v4") == true)
    }
}
