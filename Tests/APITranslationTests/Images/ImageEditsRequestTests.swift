import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct ImageEditsRequestTests {
    private static let translator = ImageEditsTranslator(catalog: ModelCatalog())
    private static let image = #""image":"https://a.example/1.png""#

    private func run(_ members: String, model: String = "qwen-image-edit-plus") throws -> SplitRun {
        try SplitRun(#"{"model":"\#(model)","prompt":"a scarf",\#(Self.image),\#(members)}"#, Self.translator)
    }

    private func refusal(_ members: String, model: String) -> APIError? {
        SplitRun.refusal(#"{"model":"\#(model)",\#(members)}"#, Self.translator)
    }

    /// A form has texts only.
    @Test func textsOfAFormMeanWhatTheySay() throws {
        let message = try run(
            #""n":"2","seed":"7","watermark":"false","prompt_extend":"true","negative_prompt":"true","size":"","user":"1""#
        )
        #expect(
            message.bodies[0]["parameters"]
                == (try JSON(
                    parsing: #"{"negative_prompt":"true","prompt_extend":true,"watermark":false,"n":2,"seed":7}"#
                ))
        )
        #expect(message.request.adjustments.isEmpty)
        let own = try run(
            #""bbox_list":"[[[0,0,9,9]]]","thinking_mode":"false","enable_sequential":"true","other":"1","n":"3""#,
            model: "wan2.7-image"
        )
        #expect(
            own.bodies[0]["parameters"]
                == (try JSON(
                    parsing:
                        #"{"bbox_list":[[[0,0,9,9]]],"thinking_mode":false,"enable_sequential":true,"other":"1","n":3}"#
                ))
        )
    }

    /// JSON has the types that DashScope wants; texts stand for them in forms only.
    @Test(arguments: [
        (#""strength":[]"#, "strength"), (#""enable_sequential":5"#, "enable_sequential"),
        (#""color_palette":{}"#, "color_palette"), (#""best_quality":"perhaps""#, "best_quality"),
        (#""ext":[1]"#, "ext"),
    ])
    func aWrongTypeIsNamed(members: String, param: String) {
        let edit = refusal(#""prompt":"x",\#(Self.image),\#(members)"#, model: "wan2.7-image")
        let generation = SplitRun.refusal(
            #"{"model":"wan2.7-image","prompt":"x",\#(members)}"#,
            ImagesTranslator(catalog: ModelCatalog())
        )
        for refusal in [edit, generation] {
            #expect(refusal?.param == param)
            #expect(refusal?.code == "invalid_type")
        }
    }

    // MARK: - Functions and masks

    @Test(arguments: [
        (#""n":1"#, #""function":"description_edit""#),
        (#""function":"stylization_all""#, #""function":"stylization_all""#),
        (
            #""mask":"https://a.example/m.png""#,
            #""mask_image_url":"https://a.example/m.png","function":"description_edit_with_mask""#
        ),
        (
            #""mask":{"image_url":"https://a.example/m.png"},"function":"description_edit_with_mask""#,
            #""mask_image_url":"https://a.example/m.png","function":"description_edit_with_mask""#
        ),
        (
            #""mask_image_url":"https://a.example/m.png""#,
            #""mask_image_url":"https://a.example/m.png","function":"description_edit_with_mask""#
        ),
    ])
    func theFunctionIsAnEditOrThatOfTheMask(members: String, input: String) throws {
        let run = try run(members, model: "wanx2.1-imageedit")
        #expect(
            run.bodies[0]["input"]
                == (try JSON(parsing: #"{"prompt":"a scarf","base_image_url":"https://a.example/1.png",\#(input)}"#))
        )
        #expect(run.request.adjustments.isEmpty)
    }

    /// In a form it is JSON, or an empty text.
    @Test func theExtraBodyOfAForm() throws {
        #expect(Self.translator.mayBeJSON("extra_body"))
        let run = try run(#""n":"1","extra_body":{"seed":3}"#)
        #expect(run.bodies[0]["parameters"] == (try JSON(parsing: #"{"n":1,"seed":3}"#)))
        #expect(try self.run(#""n":"1","extra_body":"""#).request.adjustments.isEmpty)
    }

    /// A form gives a list for a name that it has twice.
    @Test func theLastOfAFormCounts() throws {
        let run = try run(#""n":["1","2"],"seed":["7","7"]"#)
        #expect(run.bodies[0]["parameters"] == (try JSON(parsing: #"{"n":2,"seed":7}"#)))
        #expect(run.request.adjustments.texts == ["n;from=1;to=2;reason=the request has it twice"])
    }

    @Test func whatStandsBesideAnAddressIsReported() throws {
        let run = try run(
            #""images":[{"type":"image_url","image_url":{"url":"https://a.example/2.png","detail":"high","own":null},"x":1}]"#
        )
        #expect(
            run.request.adjustments.texts == [
                "images[0].x;from=1;to=none;reason=no counterpart upstream",
                "images[0].image_url.detail;from=string;to=none;reason=no counterpart upstream",
            ]
        )
    }

    @Test func aLinkOfTheStorageIsFollowed() throws {
        #expect(try !run(#""n":1"#).request.calls[0].resolvesOSS)
        let run = try run(#""mask":"oss://x/m.png""#, model: "wanx-x-painting")
        #expect(run.request.calls[0].resolvesOSS)
        #expect(run.bodies[0]["input"]?["mask_image_url"] == .string("oss://x/m.png"))
        #expect(run.bodies[0]["input"]?["function"] == nil)
    }

    // MARK: - Refusals

    @Test(
        arguments: [
            (#""prompt":"x""#, "qwen-image-2.0", "image", "missing_required_parameter"),
            (#""prompt":"x""#, "kling/kling-v3-image-generation", "image", "missing_required_parameter"),
            (#""prompt":"x""#, "a-model-nobody-knows", "image", "missing_required_parameter"),
            (#""prompt":"x","image":[]"#, "qwen-image-edit", "image", "missing_required_parameter"),
            (image, "qwen-image-edit", "prompt", "missing_required_parameter"),
            (
                #""prompt":"x","images":[{"file_id":"file-1"}]"#, "qwen-image-edit", "images[0]", "invalid_value"
            ),
            (
                #""prompt":"x","image":["https://a/1","https://a/2","https://a/3","https://a/4"]"#, "qwen-image-edit",
                "image", "array_above_max_length"
            ),
            (#""prompt":"x",\#(image)"#, "qwen-image", "model", "model_not_supported"),
            (#""prompt":"x",\#(image)"#, "aitryon", "model", "model_not_supported"),
            (#""prompt":"x",\#(image)"#, "wanx-virtualmodel", "model", "model_not_supported"),
            (#""prompt":"x",\#(image)"#, "qwen-plus", "model", "model_not_supported"),
            (#""prompt":"x",\#(image),"mask":"https://a/m.png""#, "qwen-image-edit", "mask", "unsupported_parameter"),
            (#""prompt":"x",\#(image),"mask":"https://a/m.png""#, "nobody-knows", "mask", "unsupported_parameter"),
            (
                #""prompt":"x",\#(image),"mask":"https://a/m.png","function":"colorization""#, "wanx2.1-imageedit",
                "mask",
                "unsupported_parameter"
            ),
            (
                #""prompt":"x",\#(image),"function":"description_edit_with_mask""#, "wanx2.1-imageedit", "mask",
                "missing_required_parameter"
            ),
            (
                #""prompt":"x",\#(image),"mask":"https://a/m","mask_image_url":"https://a/m""#, "wanx-x-painting",
                "mask",
                "mutually_exclusive_parameters"
            ),
            (#""prompt":"x",\#(image),"strength":"much""#, "wanx2.1-imageedit", "strength", "invalid_type"),
            (#""prompt":"x",\#(image),"bbox_list":"{}""#, "wan2.7-image", "bbox_list", "invalid_type"),
            (#""prompt":"x",\#(image),"function":["a"]"#, "wanx2.1-imageedit", "function", "invalid_type"),
            (#""prompt":"x",\#(image),"mask_image_url":5"#, "wanx2.1-imageedit", "mask_image_url", "invalid_type"),
            (#""prompt":"x",\#(image),"n":"11""#, "qwen-image-edit", "n", "integer_above_max_value"),
            (#""prompt":"x",\#(image),"stream":"maybe""#, "qwen-image-edit", "stream", "invalid_type"),
        ] as [(String, String, String, String)]
    )
    func faultsNameTheParameter(members: String, model: String, param: String, code: String) {
        let refusal = refusal(members, model: model)
        #expect(refusal?.status == 400)
        #expect(refusal?.param == param)
        #expect(refusal?.code == code)
    }

    @Test func aRefusalNamesModelsThatWouldDo() {
        let noImages = refusal(#""prompt":"x",\#(Self.image)"#, model: "qwen-image")
        #expect(noImages?.message.contains("`qwen-image-edit-plus`") == true)
        #expect(noImages?.message.contains("`z-image-turbo`") == false)
        let noMask = refusal(#""prompt":"x",\#(Self.image),"mask":"https://a/m""#, model: "qwen-image-edit")
        #expect(noMask?.message.hasSuffix("`wanx-x-painting`, `wanx2.1-imageedit`.") == true)
    }

    // MARK: - Files

    @Test(arguments: [
        ("image", "qwen-image-edit-plus", 6_000_000, 10, 3), ("image", "wan2.7-image-pro", 2_000_000, 20, 9),
        ("image", "wanx2.1-imageedit", FilePlacement.longestInline, 10, 1),
        ("mask", "wanx2.1-imageedit", FilePlacement.longestInline, 10, 1),
        ("mask_image_url", "wanx-x-painting", FilePlacement.longestInline, 20, 1),
        ("images", "nobody-knows", 1_125_000, 20, 16),
    ])
    func filesGoIntoTheCallOrTheStorage(field: String, model: String, inline: Int, megabytes: Int, most: Int) throws {
        let placement = try Self.translator.placement(of: field, texts: ["model": model])
        let storage = FilePlacement.Storage(model: model, maximumBytes: megabytes << 20)
        #expect(placement.place == .inline(maximumBytes: inline, otherwise: storage))
        #expect(placement.maximumFiles == most)
        #expect(placement.kind == .image)
    }

    @Test(arguments: [
        ("image", "qwen-image", "model"), ("mask", "qwen-image-edit", "mask"), ("other", "qwen-image-edit", "other"),
        ("image", "", "model"), ("image", "qwen-plus", "model"), ("image", "wanx-virtualmodel", "model"),
    ])
    func filesThatHaveNoPlaceAreRefused(field: String, model: String, param: String) {
        do throws(APIError) {
            _ = try Self.translator.placement(of: field, texts: ["model": model])
            Issue.record("the file was given a place")
        } catch {
            #expect(error.param == param)
        }
    }
}
