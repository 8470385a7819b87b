import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct ImagesRequestTests {
    private static let translator = ImagesTranslator(catalog: ModelCatalog())

    private func run(_ members: String, model: String = "wan2.2-t2i-flash") throws -> SplitRun {
        try SplitRun(
            #"{"model":"\#(model)","prompt":"a cat"\#(members.isEmpty ? "" : "," + members)}"#,
            Self.translator
        )
    }

    private func refusal(_ members: String, model: String = "wan2.2-t2i-flash") -> APIError? {
        SplitRun.refusal(#"{"model":"\#(model)",\#(members)}"#, Self.translator)
    }

    /// What the caller says natively is not written a second time.
    @Test func aRatioOfTheModelCountsMoreThanASize() throws {
        let run = try SplitRun(
            #"{"model":"kling/kling-v3-image-generation","prompt":"a","size":"1024x1024","aspect_ratio":"16:9"}"#,
            ImagesTranslator(catalog: ModelCatalog())
        )
        #expect(run.bodies[0]["parameters"] == (try JSON(parsing: #"{"aspect_ratio":"16:9","n":1}"#)))
        #expect(
            run.request.adjustments.texts == [
                "size;from=1024x1024;to=none;reason=aspect_ratio and resolution say it"
            ]
        )
    }

    @Test func oneGenerationIsAskedWithAPrompt() throws {
        let run = try run(#""negative_prompt":"dogs","size":"1024x1024","seed":7,"watermark":false"#)
        #expect(
            run.bodies == [
                try JSON(
                    parsing:
                        #"{"model":"wan2.2-t2i-flash","input":{"prompt":"a cat","negative_prompt":"dogs"},"parameters":{"size":"1024*1024","watermark":false,"n":1,"seed":7}}"#
                )
            ]
        )
        #expect(run.request.calls[0].operation == .textToImage)
        #expect(run.request.adjustments.isEmpty)
    }

    @Test func theOtherIsAskedWithAMessage() throws {
        let run = try run(
            #""negative_prompt":"dogs","size":"1024*1024","image":["https://a.example/1.png","oss://x/2.png"],"prompt_extend":false"#,
            model: "qwen-image-2.0"
        )
        #expect(
            run.bodies == [
                try JSON(
                    parsing:
                        #"{"model":"qwen-image-2.0","input":{"messages":[{"role":"user","content":[{"image":"https://a.example/1.png"},{"image":"oss://x/2.png"},{"text":"a cat"}]}]},"parameters":{"size":"1024*1024","negative_prompt":"dogs","prompt_extend":false,"n":1}}"#
                )
            ]
        )
        #expect(run.request.calls[0].operation == .multimodalGeneration)
        #expect(run.request.calls[0].resolvesOSS)
    }

    @Test func imagesStandUnderTheNameThatTheModelKnows() throws {
        let edit = try run(
            #""image":"https://a.example/1.png","function":"description_edit","strength":0.4"#,
            model: "wanx2.1-imageedit"
        )
        #expect(
            edit.bodies[0]["input"]
                == (try JSON(
                    parsing:
                        #"{"prompt":"a cat","base_image_url":"https://a.example/1.png","function":"description_edit"}"#
                ))
        )
        #expect(edit.bodies[0]["parameters"] == (try JSON(parsing: #"{"strength":0.4,"n":1}"#)))
        let several = try run(#""images":[{"image_url":"https://a.example/1.png"}]"#, model: "wan2.5-i2i-preview")
        #expect(several.bodies[0]["input"]?["images"] == (try JSON(parsing: #"["https://a.example/1.png"]"#)))
        #expect(several.request.calls[0].operation == .imageToImage)
    }

    @Test func aModelWithoutPromptGetsNone() throws {
        let run = try run(#""image":"https://a.example/1.png","angle":45"#, model: "image-out-painting")
        #expect(
            run.bodies == [
                try JSON(
                    parsing:
                        #"{"model":"image-out-painting","input":{"image_url":"https://a.example/1.png"},"parameters":{"angle":45}}"#
                )
            ]
        )
        #expect(run.request.calls[0].operation == .outPainting)
        #expect(run.request.adjustments.texts == ["prompt;from=string;to=none;reason=the model takes no prompt"])
    }

    // MARK: - How many

    @Test(arguments: [
        ("wan2.2-t2i-flash", 4, [4]), ("wan2.2-t2i-flash", 10, [4, 4, 2]), ("qwen-image-plus", 3, [1, 1, 1]),
        ("qwen-image-3.0", 6, [6]), ("z-image-turbo", 1, [1]), ("some-model-nobody-knows", 2, [1, 1]),
    ])
    func imagesAreDividedAmongCalls(model: String, count: Int, parts: [Int]) throws {
        let run = try run(#""n":\#(count)"#, model: model)
        #expect(run.bodies.map { $0["parameters"]?["n"] } == parts.map { .number(Double($0)) })
    }

    @Test func eachCallHasASeedOfItsOwn() throws {
        let run = try run(#""n":6,"seed":2147483646"#)
        #expect(run.bodies.map { $0["parameters"]?["seed"] } == [.number(2_147_483_646), .number(2)])
        #expect(
            run.request.adjustments.texts == ["seed;from=2147483646;to=2;reason=each further call takes the next ones"]
        )
    }

    @Test func aSeriesIsNotDivided() throws {
        let run = try run(#""n":12,"enable_sequential":true"#, model: "wan2.7-image")
        #expect(run.bodies.count == 1)
        #expect(refusal(#""prompt":"x","n":13,"enable_sequential":true"#, model: "wan2.7-image")?.param == "n")
    }

    // MARK: - Reports

    @Test(
        arguments: [
            (#""size":"1024x1024""#, "qwen-image-edit-plus", nil),
            (#""size":"auto""#, "qwen-image", nil),
            (#""size":"2k""#, "wan2.7-image", nil),
            (
                #""size":"1024x1024""#, "qwen-image",
                "size;from=1024x1024;to=1328*1328;reason=the nearest size of the model"
            ),
            (#""size":"1792x1024""#, "wanx-v1", "size;from=1792x1024;to=1280*720;reason=the nearest size of the model"),
            (#""size":"1024x1024""#, "qwen-image-edit", "size;from=1024x1024;to=none;reason=the model has no sizes"),
            (
                #""size":"1792x1024""#, "kling/kling-v3-image-generation",
                "size;from=1792x1024;to=16:9 in 1k;reason=the model takes a ratio and a resolution"
            ),
            (#""quality":"hd""#, "qwen-image", "quality;from=hd;to=none;reason=no counterpart upstream"),
            (#""quality":"standard","background":"auto","output_format":"png","user":"u""#, "qwen-image", nil),
            (
                #""background":"transparent""#, "qwen-image",
                "background;from=transparent;to=opaque;reason=no counterpart upstream"
            ),
            (#""output_format":"webp""#, "qwen-image", "output_format;from=webp;to=png;reason=no counterpart upstream"),
            (#""style":"vivid""#, "wanx-v1", "style;from=vivid;to=none;reason=the model has no such style"),
            (#""style":"watercolor""#, "wanx-v1", nil),
            (
                #""prompt_extend":true"#, "qwen-image-edit",
                "prompt_extend;from=true;to=none;reason=the model does not take it"
            ),
            (#""seed":1"#, "kling/kling-v3-image-generation", "seed;from=1;to=none;reason=the model does not take it"),
        ] as [(String, String, String?)]
    )
    func whatAModelLacksIsReported(members: String, model: String, report: String?) throws {
        let image = model.contains("edit") ? #","image":"https://a.example/1.png""# : ""
        let run = try run(members + image, model: model)
        #expect(run.request.adjustments.texts == (report.map { [$0] } ?? []))
    }

    @Test func aStyleIsWrittenAsTheModelHasIt() throws {
        let run = try run(#""style":"3D cartoon""#, model: "wanx-v1")
        #expect(run.bodies[0]["parameters"]?["style"] == .string("<3d cartoon>"))
    }

    @Test func whatIsCutOffAPromptIsReported() throws {
        let prompt = String(repeating: "猫", count: 501)
        let run = try SplitRun(#"{"model":"wan2.2-t2i-flash","prompt":"\#(prompt)"}"#, Self.translator)
        #expect(run.request.adjustments.texts == ["prompt;from=501 characters;to=500;reason=the model reads no more"])
        #expect(run.bodies[0]["input"]?["prompt"] == .string(prompt))
    }

    // MARK: - Refusals

    @Test(arguments: [
        (#""n":1"#, "qwen-image", "prompt", "missing_required_parameter"),
        (#""prompt":"""#, "qwen-image", "prompt", "invalid_value"),
        (#""prompt":"x","n":0"#, "qwen-image", "n", "integer_below_min_value"),
        (#""prompt":"x","n":11"#, "qwen-image", "n", "integer_above_max_value"),
        (#""prompt":"x","n":"1""#, "qwen-image", "n", "invalid_type"),
        (#""prompt":"x","size":"large""#, "qwen-image", "size", "invalid_value"),
        (#""prompt":"x","size":"0x100""#, "qwen-image", "size", "invalid_value"),
        (#""prompt":"x","seed":-1"#, "qwen-image", "seed", "invalid_value"),
        (#""prompt":"x","response_format":"png""#, "qwen-image", "response_format", "invalid_value"),
        (#""prompt":"x","stream":7"#, "qwen-image", "stream", "invalid_type"),
        (#""prompt":"x","enable_interleave":true"#, "wan2.6-image", "enable_interleave", "unsupported_value"),
        (#""prompt":"x","image":"https://a/b""#, "qwen-image", "image", "invalid_value"),
        (#""prompt":"x""#, "qwen-image-edit", "image", "missing_required_parameter"),
        (#""prompt":"x","image":["a.png"]"#, "qwen-image-2.0", "image[0]", "invalid_value"),
        (#""prompt":"x","image":7"#, "qwen-image-2.0", "image", "invalid_type"),
        (#""prompt":"x""#, "qwen-plus", "model", "model_not_supported"),
        (#""prompt":"x""#, "wanx-virtualmodel", "model", "model_not_supported"),
    ])
    func faultsNameTheParameter(members: String, model: String, param: String, code: String) {
        let refusal = refusal(members, model: model)
        #expect(refusal?.status == 400)
        #expect(refusal?.param == param)
        #expect(refusal?.code == code)
    }

    @Test func strictModeRefusesARepair() {
        #expect(throws: APIError.self) {
            _ = try SplitRun(
                #"{"model":"qwen-image","prompt":"x","size":"1024x1024"}"#,
                Self.translator,
                strict: true
            )
        }
    }
}
