import Foundation
import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// What each generation of models is asked.
struct VideosRequestTests {
    private static let translator = VideosTranslator(catalog: ModelCatalog())
    private static let image = "https://a.example/1.png"
    private static let film = "https://a.example/1.mp4"

    private func run(_ members: String, model: String, strict: Bool = false) throws -> SplitRun {
        try SplitRun(
            #"{"model":"\#(model)"\#(members.isEmpty ? "" : ","),\#(members)}"#.replacing(",,", with: ","),
            Self.translator,
            strict: strict
        )
    }

    private func refusal(_ members: String, model: String) -> APIError? {
        SplitRun.refusal(#"{"model":"\#(model)",\#(members)}"#, Self.translator)
    }

    private func check(
        _ members: String,
        _ model: String,
        input: String,
        parameters: String,
        reports: [String] = [],
        operation: DashScopeOperation = .videoSynthesis,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let run = try run(members, model: model)
        #expect(
            run.bodies == [
                try JSON(parsing: #"{"model":"\#(model)","input":\#(input),"parameters":\#(parameters)}"#)
            ],
            sourceLocation: sourceLocation
        )
        #expect(run.request.adjustments.texts == reports, sourceLocation: sourceLocation)
        #expect(run.request.calls.map(\.operation) == [operation], sourceLocation: sourceLocation)
        #expect(!run.request.awaitsTasks, sourceLocation: sourceLocation)
    }

    // MARK: - What does not count

    /// Members of `metadata` count where the request does not say them itself.
    @Test(arguments: [
        (#""metadata":{"prompt":"dogs"}"#, "metadata.prompt;from=dogs;to=cats;reason=the request has it twice"),
        (
            #""metadata":{"model":"wan2.7-t2v"}"#,
            "metadata.model;from=wan2.7-t2v;to=wan2.6-t2v;reason=the request has it twice"
        ),
        (#""seed":1,"metadata":{"seed":2}"#, "metadata.seed;from=2;to=1;reason=the request has it twice"),
        (#""metadata":{"seed":2},"seed":1"#, "metadata.seed;from=2;to=1;reason=the request has it twice"),
        (#""metadata":{"seed":1,"seed":2}"#, "metadata.seed;from=1;to=2;reason=the request has it twice"),
        (#""foo":1,"metadata":{"foo":2}"#, "metadata.foo;from=2;to=1;reason=the request has it twice"),
        (#""seed":1,"seed":2"#, "seed;from=1;to=2;reason=the request has it twice"),
        (#""foo":1,"foo":"two""#, "foo;from=1;to=string;reason=the request has it twice"),
        (#""seed":1,"extra_body":{"seed":2}"#, "seed;from=1;to=2;reason=the request has it twice"),
        (#""metadata":{"foo":1,"foo":2}"#, "metadata.foo;from=1;to=2;reason=the request has it twice"),
        (
            #""metadata":{"foo":1},"extra_body":{"metadata":{"foo":2}}"#,
            "metadata;from=object;to=object;reason=the request has it twice"
        ),
        (#""seed":1,"seed":null"#, "seed;from=1;to=none;reason=the request has it twice"),
    ])
    func ofTwoMembersOneCounts(members: String, report: String) throws {
        let run = try run(#""prompt":"cats",\#(members)"#, model: "wan2.6-t2v")
        #expect(run.bodies[0]["model"] == .string("wan2.6-t2v"))
        #expect(run.bodies[0]["input"]?["prompt"] == .string("cats"))
        #expect(run.request.adjustments.texts == [report])
        #expect(String(buffer: run.request.calls[0].body).components(separatedBy: #""foo":"#).count <= 2)
    }

    @Test(arguments: [
        #""seed":1,"metadata":{"seed":1}"#, #""seed":null,"metadata":{"seed":1}"#, #""metadata":{"seed":1}"#,
    ])
    func whatIsSaidOnceMoreIsNoContradiction(members: String) throws {
        let run = try run(#""prompt":"cats",\#(members)"#, model: "wan2.6-t2v")
        #expect(run.bodies[0]["parameters"]?["seed"] == .number(1))
        #expect(run.request.adjustments.isEmpty)
    }

    @Test(arguments: [
        ("wan2.6-t2v", #""width":1280"#, ["width;from=1280;to=none;reason=it counts together with height"]),
        ("wan2.7-t2v", #""height":720"#, ["height;from=720;to=none;reason=it counts together with width"]),
        ("wan2.6-t2v", #""width":1280,"height":720,"size":"1280x720""#, []),
        (
            "wan2.6-t2v", #""width":640,"height":720,"size":"1280x720""#, ["width;from=640;to=none;reason=size says it"]
        ),
        ("wan2.7-t2v", #""height":9,"size":"720P""#, ["height;from=9;to=none;reason=size says it"]),
        (
            "wan2.6-t2v", #""size":"1280x720","resolution":"1080P""#,
            ["resolution;from=1080P;to=none;reason=another field says the size"]
        ),
        (
            "wan2.6-t2v", #""size":"1280x720","ratio":"1:1""#,
            ["ratio;from=1:1;to=none;reason=another field says the size"]
        ),
        ("wan2.6-t2v", #""size":"1280x720","resolution":"720P","ratio":"16:9""#, []),
        (
            "wan2.7-t2v", #""size":"1280x720","resolution":"1080P","ratio":"1:1""#,
            ["size;from=1280x720;to=none;reason=resolution and ratio say it"]
        ),
        (
            "wan2.7-t2v", #""ratio":"1:1","aspect_ratio":"16:9""#,
            ["aspect_ratio;from=16:9;to=none;reason=ratio says another one"]
        ),
        (
            "wan2.7-t2v", #""size":"720P","resolution":"1080P""#,
            ["size;from=720P;to=none;reason=resolution says another one"]
        ),
        (
            "wan2.6-i2v",
            #""img_url":"https://a.example/1.png","metadata":{"input_reference":"https://a.example/2.png"}"#,
            ["metadata.input_reference;from=string;to=none;reason=the request has it twice"]
        ),
        (
            "wan2.6-t2v", #""duration":5,"metadata":{"seconds":"10"}"#,
            ["metadata.seconds;from=10;to=none;reason=the request has it twice"]
        ),
        (
            "wan2.7-i2v", #""input_reference":{"image_url":"https://a.example/1.png","detail":"high"}"#,
            ["input_reference.detail;from=string;to=none;reason=no counterpart upstream"]
        ),
    ])
    func whatIsSaidOfTheSizeCountsOrIsReported(model: String, members: String, reports: [String]) throws {
        #expect(try run(#""prompt":"x",\#(members)"#, model: model).request.adjustments.texts == reports)
    }

    @Test(arguments: [
        (#""n":"many""#, "n"), (#""n":[1]"#, "n"), (#""n":1.5"#, "n"), (#""fps":{}"#, "fps"), (#""fps":true"#, "fps"),
        (#""seed":"x""#, "seed"), (#""seed":[]"#, "seed"), (#""width":"wide""#, "width"),
        (#""height":false"#, "height"),
        (#""watermark":"maybe""#, "watermark"), (#""audio":[]"#, "audio"), (#""prompt_extend":7"#, "prompt_extend"),
        (#""media":"x""#, "media"), (#""metadata":[]"#, "metadata"), (#""metadata":{"n":"x"}"#, "metadata.n"),
        (#""metadata":{"seconds":true}"#, "metadata.seconds"), (#""metadata":{"seed":"x"}"#, "metadata.seed"),
        (#""extra_body":5"#, "extra_body"),
        (#""size":5"#, "size"), (#""shot_type":5"#, "shot_type"), (#""media":[{"type":5,"url":"x"}]"#, "media[0].type"),
        (#""media":[{"type":"first_frame","url":5}]"#, "media[0].url"),
    ])
    func aWrongTypeIsNamed(members: String, param: String) {
        let refusal = refusal(#""prompt":"x",\#(members)"#, model: "wan2.6-t2v")
        #expect(refusal?.param == param)
        #expect(refusal?.code == "invalid_type")
    }

    // MARK: - Generations

    @Test func textsOfOlderModelsHaveASize() throws {
        try check(
            #""prompt":"a cat","seconds":"8","size":"1280x720","negative_prompt":"dogs","seed":7,"shot_type":"multi","audio_url":"https://a.example/a.mp3""#,
            "wan2.6-t2v",
            input: #"{"prompt":"a cat","negative_prompt":"dogs","audio_url":"https://a.example/a.mp3"}"#,
            parameters: #"{"size":"1280*720","duration":8,"seed":7,"shot_type":"multi"}"#
        )
    }

    @Test func textsOfNewerModelsHaveAResolutionAndARatio() throws {
        try check(
            #""prompt":"a cat","seconds":8,"size":"720x1280","prompt_extend":false,"watermark":true"#,
            "wan2.7-t2v",
            input: #"{"prompt":"a cat"}"#,
            parameters:
                #"{"resolution":"720P","ratio":"9:16","duration":8,"prompt_extend":false,"watermark":true}"#
        )
    }

    @Test func theNewestTakesEverythingAsMedia() throws {
        try check(
            #""prompt":"Image 1 walks","reference_images":["\#(Self.image)","oss://b/2.png"],"video":"\#(Self.film)","reference_audio":"https://a.example/a.mp3","seconds":-1,"ratio":"adaptive","resolution":"480p","audio":false"#,
            "wan3.0-video",
            input:
                #"{"prompt":"Image 1 walks","media":[{"type":"reference_image","url":"\#(Self.image)"},{"type":"reference_image","url":"oss://b/2.png"},{"type":"reference_video","url":"\#(Self.film)"},{"type":"reference_audio","url":"https://a.example/a.mp3"}]}"#,
            parameters: #"{"resolution":"480P","ratio":"adaptive","duration":-1,"audio":false}"#
        )
        #expect(
            try run(#""prompt":"x","input_reference":"oss://b/1.png""#, model: "wan3.0-video").request.calls[0]
                .resolvesOSS
        )
        // Frames and references exclude each other there.
        try check(
            #""prompt":"x","input_reference":"\#(Self.image)","video":"\#(Self.film)""#,
            "wan3.0-video",
            input:
                #"{"prompt":"x","media":[{"type":"reference_image","url":"\#(Self.image)"},{"type":"reference_video","url":"\#(Self.film)"}]}"#,
            parameters: "{}"
        )
    }

    @Test(
        arguments: [
            ("wan2.7-i2v", #"{"media":[{"type":"first_frame","url":"IMAGE"}]}"#, DashScopeOperation.videoSynthesis),
            ("happyhorse-1.1-i2v", #"{"media":[{"type":"first_frame","url":"IMAGE"}]}"#, .videoSynthesis),
            (
                "kling/kling-v3-video-generation", #"{"media":[{"type":"first_frame","url":"IMAGE"}]}"#,
                .videoSynthesis
            ),
            ("vidu/viduq3-pro_img2video", #"{"media":[{"type":"image","url":"IMAGE"}]}"#, .videoSynthesis),
            ("wan2.6-i2v", #"{"img_url":"IMAGE"}"#, .videoSynthesis),
            ("wanx2.1-i2v-turbo", #"{"img_url":"IMAGE"}"#, .videoSynthesis),
            ("wan2.2-kf2v-flash", #"{"first_frame_url":"IMAGE"}"#, .imageToVideo),
            ("wan2.7-r2v", #"{"prompt":"x","media":[{"type":"reference_image","url":"IMAGE"}]}"#, .videoSynthesis),
            (
                "happyhorse-1.0-r2v", #"{"prompt":"x","media":[{"type":"reference_image","url":"IMAGE"}]}"#,
                .videoSynthesis
            ),
            ("wan2.6-r2v", #"{"prompt":"x","reference_urls":["IMAGE"]}"#, .videoSynthesis),
        ]
    )
    func anInputReferenceHasThePlaceThatTheModelGivesIt(
        model: String,
        input: String,
        operation: DashScopeOperation
    ) throws {
        for reference in [#""IMAGE""#, #"{"image_url":"IMAGE"}"#, #"{"image_url":{"url":"IMAGE"}}"#] {
            let prompt = input.contains("prompt") ? #""prompt":"x","# : ""
            let members = #"\#(prompt)"input_reference":\#(reference)"#.replacing("IMAGE", with: Self.image)
            try check(
                members,
                model,
                input: input.replacing("IMAGE", with: Self.image),
                parameters: "{}",
                operation: operation
            )
        }
    }

    @Test func firstAndLastFrames() throws {
        try check(
            #""input_reference":"\#(Self.image)","last_frame":"https://a.example/2.png","template":"hug","size":"1280x720","seconds":"5""#,
            "wan2.2-kf2v-flash",
            input:
                #"{"template":"hug","first_frame_url":"\#(Self.image)","last_frame_url":"https://a.example/2.png"}"#,
            parameters: #"{"resolution":"720P"}"#,
            reports: ["size;from=1280x720;to=720P;reason=the ratio is that of the image"],
            operation: .imageToVideo
        )
        try check(
            #""prompt":"x","images":["\#(Self.image)","https://a.example/2.png"],"seconds":5,"size":"720P""#,
            "pixverse/pixverse-v6-kf2v",
            input:
                #"{"prompt":"x","media":[{"type":"first_frame","url":"\#(Self.image)"},{"type":"last_frame","url":"https://a.example/2.png"}]}"#,
            parameters: #"{"resolution":"720P","duration":5}"#
        )
    }

    @Test func videosAreEdited() throws {
        try check(
            #""prompt":"black","video":"\#(Self.film)","input_reference":"\#(Self.image)","audio_setting":"origin","seconds":"0""#,
            "wan2.7-videoedit",
            input:
                #"{"prompt":"black","media":[{"type":"reference_image","url":"\#(Self.image)"},{"type":"video","url":"\#(Self.film)"}]}"#,
            parameters: #"{"duration":0,"audio_setting":"origin"}"#
        )
        try check(
            #""prompt":"black","video":"\#(Self.film)","seconds":"4""#,
            "happyhorse-1.0-video-edit",
            input: #"{"prompt":"black","media":[{"type":"video","url":"\#(Self.film)"}]}"#,
            parameters: "{}",
            reports: ["seconds;from=4;to=none;reason=the model has no such setting"]
        )
    }

    @Test func functionsOfVace() throws {
        try check(
            #""prompt":"x","function":"image_reference","reference_images":["\#(Self.image)"],"obj_or_bg":["obj"],"size":"1280x720","prompt_extend":false"#,
            "wanx2.1-vace-plus",
            input: #"{"prompt":"x","function":"image_reference","ref_images_url":["\#(Self.image)"]}"#,
            parameters: #"{"size":"1280*720","prompt_extend":false,"obj_or_bg":["obj"]}"#
        )
        #expect(refusal(#""prompt":"x""#, model: "wanx2.1-vace-plus")?.param == "function")
    }

    @Test func portraitsMoveAndTalk() throws {
        try check(
            #""prompt":"x","input_reference":"\#(Self.image)","video":"\#(Self.film)","mode":"wan-std","watermark":false"#,
            "wan2.2-animate-mix",
            input: #"{"image_url":"\#(Self.image)","video_url":"\#(Self.film)","watermark":false}"#,
            parameters: #"{"mode":"wan-std"}"#,
            reports: ["prompt;from=x;to=none;reason=the model takes no prompt"],
            operation: .imageToVideo
        )
        try check(
            #""input_reference":"\#(Self.image)","audio_url":"https://a.example/a.wav","size":"832x480""#,
            "wan2.2-s2v",
            input: #"{"image_url":"\#(Self.image)","audio_url":"https://a.example/a.wav"}"#,
            parameters: #"{"resolution":"480P"}"#,
            reports: ["size;from=832x480;to=480P;reason=the ratio is that of the image"],
            operation: .imageToVideo
        )
        try check(
            #""image_url":"\#(Self.image)","audio_url":"https://a.example/a.wav","template_id":"calm""#,
            "liveportrait",
            input: #"{"image_url":"\#(Self.image)","audio_url":"https://a.example/a.wav"}"#,
            parameters: #"{"template_id":"calm"}"#,
            operation: .imageToVideo
        )
    }

    @Test func partnersHaveWordsOfTheirOwn() throws {
        try check(
            #""prompt":"x","size":"1920x1080","seconds":"4","multi_shot":true,"shot_type":"intelligence","audio":true,"seed":3"#,
            "kling/kling-v3-video-generation",
            input: #"{"prompt":"x","multi_shot":true,"shot_type":"intelligence"}"#,
            parameters: #"{"mode":"pro","aspect_ratio":"16:9","duration":4,"audio":true}"#,
            reports: ["seed;from=3;to=none;reason=the model does not take it"]
        )
        try check(
            #""prompt":"x","size":"1280x720","seconds":"4""#,
            "vidu/viduq3-turbo_text2video",
            input: #"{"prompt":"x"}"#,
            parameters: #"{"size":"1280*720","resolution":"720P","duration":4}"#
        )
        try check(
            #""prompt":"x","size":"1280x720","seconds":"6""#,
            "pixverse/pixverse-v5.6-t2v",
            input: #"{"prompt":"x"}"#,
            parameters: #"{"size":"1280*720","duration":5}"#,
            reports: ["seconds;from=6;to=5;reason=the nearest length of the model"]
        )
    }

    @Test func aModelThatNobodyKnowsIsAskedAsTheNewest() throws {
        try check(
            #""prompt":"x","input_reference":"\#(Self.image)","size":"1280x720","seconds":"99","new_thing":{"a":1}"#,
            "wan9-video",
            input: #"{"prompt":"x","media":[{"type":"first_frame","url":"\#(Self.image)"}]}"#,
            parameters: #"{"resolution":"720P","ratio":"16:9","duration":99,"new_thing":{"a":1}}"#
        )
    }

    // MARK: - The caller's own `media`

    @Test func mediaAreCarriedOrTakenApart() throws {
        let media =
            #""media":[{"type":"reference_video","url":"\#(Self.film)","reference_voice":"https://a.example/v.mp3"}]"#
        try check(
            #""prompt":"x",\#(media),"seconds":12"#,
            "wan2.7-r2v",
            input:
                #"{"prompt":"x","media":[{"type":"reference_video","url":"\#(Self.film)","reference_voice":"https://a.example/v.mp3"}]}"#,
            parameters: #"{"duration":10}"#,
            reports: ["seconds;from=12;to=10;reason=the nearest length of the model"]
        )
        try check(
            #""media":[{"type":"first_frame","url":"\#(Self.image)"},{"type":"driving_audio","url":"https://a.example/a.mp3"}]"#,
            "wan2.6-i2v",
            input: #"{"img_url":"\#(Self.image)","audio_url":"https://a.example/a.mp3"}"#,
            parameters: "{}"
        )
    }

    // MARK: - What forms and new-api send

    @Test func textsStandForNumbersAndFlags() throws {
        try check(
            #""prompt":"x","seconds":"8.0","seed":"42","prompt_extend":"false","watermark":"true""#,
            "wan2.6-t2v",
            input: #"{"prompt":"x"}"#,
            parameters: #"{"duration":8,"prompt_extend":false,"seed":42,"watermark":true}"#
        )
    }

    @Test func theFieldsOfNewAPI() throws {
        let base64 = "iVBORw0KGgo" + String(repeating: "A", count: 60) + "="
        try check(
            #""prompt":"x","image":"\#(base64)","duration":5.0,"width":1280,"height":720,"fps":30,"n":1,"response_format":"url","user":"u","metadata":{"negative_prompt":"dogs","seed":3}"#,
            "wan2.7-i2v",
            input:
                #"{"prompt":"x","negative_prompt":"dogs","media":[{"type":"first_frame","url":"data:image/png;base64,\#(base64)"}]}"#,
            parameters: #"{"resolution":"720P","duration":5,"seed":3}"#,
            reports: [
                "size;from=1280x720;to=720P;reason=the ratio is that of the image",
                "fps;from=30;to=none;reason=no counterpart upstream",
            ]
        )
    }

    // MARK: - Lengths

    @Test(
        arguments: [
            ("wan2.6-t2v", #""4""#, 4, nil), ("wan2.6-t2v", "20", 15, "seconds;from=20;to=15;"),
            ("wan2.6-t2v", #""1""#, 2, "seconds;from=1;to=2;"), ("wan2.6-t2v", "7.4", 7, "seconds;from=7.4;to=7;"),
            ("wan2.6-t2v", "1000.0", 15, "seconds;from=1000.0;to=15;"),
            ("wan2.5-t2v-preview", #""8""#, 10, "seconds;from=8;to=10;"),
            ("wan2.6-t2v-us", #""12""#, 10, "seconds;from=12;to=10;"),
            ("wan2.2-t2v-plus", #""8""#, nil, "seconds;from=8;to=5;"), ("wan2.2-t2v-plus", #""5""#, nil, nil),
        ] as [(String, String, Int?, String?)]
    )
    func aLengthBecomesTheNearest(model: String, seconds: String, sent: Int?, report: String?) throws {
        let run = try run(#""prompt":"x","seconds":\#(seconds)"#, model: model)
        #expect(run.bodies[0]["parameters"]?["duration"] == sent.map { .number(Double($0)) })
        #expect(run.request.adjustments.texts == (report.map { ["\($0)reason=the nearest length of the model"] } ?? []))
    }

    // MARK: - Refusals

    @Test(arguments: [
        ("", "wan2.6-t2v", "prompt", "missing_required_parameter"),
        ("", "wan3.0-video", "prompt", "missing_required_parameter"),
        (#""prompt":"""#, "wan2.6-t2v", "prompt", "invalid_value"),
        (#""prompt":"x""#, "wan2.6-i2v", "input_reference", "missing_required_parameter"),
        (#""prompt":"x""#, "wan2.7-i2v", "input_reference", "missing_required_parameter"),
        (#""prompt":"x""#, "wan2.7-r2v", "input_reference", "missing_required_parameter"),
        (#""prompt":"x""#, "wan2.7-videoedit", "video", "missing_required_parameter"),
        (#""input_reference":"https://a/b""#, "wan2.2-s2v", "audio_url", "missing_required_parameter"),
        (
            #""input_reference":"https://a/b","video":"https://a/c""#, "wan2.2-animate-move", "mode",
            "missing_required_parameter"
        ),
        (#""prompt":"x","seconds":5"#, "pixverse/pixverse-c1-t2v", "size", "missing_required_parameter"),
        (#""prompt":"x","size":"1280x720""#, "pixverse/pixverse-c1-t2v", "seconds", "missing_required_parameter"),
        (#""prompt":"x","input_reference":"https://a/b""#, "wan2.6-t2v", "input_reference", "invalid_value"),
        (#""prompt":"x","input_reference":{"file_id":"file-1"}"#, "wan2.7-i2v", "input_reference", "invalid_value"),
        (#""prompt":"x","input_reference":"cat.png""#, "wan2.7-i2v", "input_reference", "invalid_value"),
        (#""prompt":"x","input_reference":7"#, "wan2.7-i2v", "input_reference", "invalid_type"),
        (#""prompt":"x","video":"data:image/png;base64,AAAA""#, "wan2.7-videoedit", "video", "invalid_value"),
        (#""prompt":"x","video":"AAAA""#, "wan2.7-videoedit", "video", "invalid_value"),
        (
            #""prompt":"x","reference_images":["https://a/1","b"]"#, "wan3.0-video", "reference_images[1]",
            "invalid_value"
        ),
        (
            #""prompt":"x","input_reference":["https://a/1","https://a/2"]"#, "wan2.7-i2v", "input_reference",
            "array_above_max_length"
        ),
        (#""prompt":"x","image":["https://a/1","https://a/2"]"#, "wan2.6-i2v", "image", "array_above_max_length"),
        (
            #""prompt":"x","reference_images":[\#((1...11).map { "\"https://a/\($0)\"" }.joined(separator: ","))]"#,
            "wan3.0-video", "reference_images", "array_above_max_length"
        ),
        (
            #""prompt":"x","media":[{"type":"first_frame","url":"https://a/1"},{"type":"first_frame","url":"https://a/2"}]"#,
            "wan2.7-i2v", "media", "array_above_max_length"
        ),
        (
            #""prompt":"x","media":[{"type":"first_frame","url":"https://a/1"},{"type":"nonsense","url":"https://a/2"}]"#,
            "wan2.7-i2v", "media[1].type", "invalid_value"
        ),
        (#""prompt":"x","media":[{"url":"https://a/1"}]"#, "wan2.7-i2v", "media[0].type", "missing_required_parameter"),
        (
            #""prompt":"x","media":[{"type":"link","url":"https://a/1"}]"#, "wan2.6-i2v", "media[0].type",
            "invalid_value"
        ),
        (#""prompt":"x","seconds":"soon""#, "wan2.6-t2v", "seconds", "invalid_value"),
        (#""prompt":"x","seconds":0"#, "wan2.6-t2v", "seconds", "invalid_value"),
        (#""prompt":"x","seconds":[4]"#, "wan2.6-t2v", "seconds", "invalid_type"),
        (#""prompt":"x","size":"huge""#, "wan2.6-t2v", "size", "invalid_value"),
        (#""prompt":"x","width":0,"height":9"#, "wan2.6-t2v", "width", "invalid_value"),
        (#""prompt":"x","resolution":"4K""#, "wan2.7-t2v", "resolution", "invalid_value"),
        (#""prompt":"x","seed":-1"#, "wan2.6-t2v", "seed", "invalid_value"),
        (#""prompt":"x","watermark":"perhaps""#, "wan2.6-t2v", "watermark", "invalid_type"),
        (#""prompt":"x""#, "qwen-plus", "model", "model_not_supported"),
        (#""prompt":"x""#, "emo-v1", "model", "model_not_supported"),
    ])
    func faultsNameTheParameter(members: String, model: String, param: String, code: String) {
        let refusal =
            members.isEmpty
            ? SplitRun.refusal(#"{"model":"\#(model)"}"#, Self.translator) : refusal(members, model: model)
        #expect(refusal?.status == 400)
        #expect(refusal?.param == param)
        #expect(refusal?.code == code)
    }

    @Test func strictModeRefusesARepair() {
        #expect(throws: APIError.self) {
            _ = try run(#""prompt":"x","seconds":20"#, model: "wan2.6-t2v", strict: true)
        }
    }

    // MARK: - Made anew

    private func remix(_ json: String, model: String?) -> Result<SplitRun, any Error> {
        var turn = VideosTurn()
        turn.source = VideosTurn.Source(id: "video_1", link: "https://a.example/old.mp4?a=b&c", model: model)
        return Result { try SplitRun(json, Self.translator.with(turn)) }
    }

    @Test func aVideoIsMadeOfAnother() throws {
        let run = try remix(#"{"prompt":"black"}"#, model: "wan2.7-videoedit").get()
        #expect(
            run.bodies == [
                try JSON(
                    parsing:
                        #"{"model":"wan2.7-videoedit","input":{"prompt":"black","media":[{"type":"video","url":"https://a.example/old.mp4?a=b&c"}]},"parameters":{}}"#
                )
            ]
        )
        let other = try remix(#"{"model":"wan3.0-video","prompt":"black"}"#, model: "wan2.6-t2v").get()
        #expect(
            other.bodies[0]["input"]?["media"]?.elements.first?["type"] == .string("reference_video")
        )
    }

    @Test(arguments: ["wan2.6-t2v", nil]) func whatCannotBeMadeAnewSaysWhoCan(model: String?) {
        guard case .failure(let error as APIError) = remix(#"{"prompt":"x"}"#, model: model) else {
            Issue.record("it was made")
            return
        }
        #expect(error.param == "model")
        #expect(error.message.contains("`wan2.7-videoedit`"))
    }
}
