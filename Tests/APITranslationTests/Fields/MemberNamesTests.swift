import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// Upstream names parameters in its texts by its own names, and errors name the caller's.
struct MemberNamesTests {
    private static let link = "https://a.example/1.png"

    private func error(_ message: String, status: Int = 400, code: String = "InvalidParameter") -> APIError {
        ErrorTable.map(status: status, code: code, message: message, requestID: nil)
    }

    @Test(arguments: [
        (#""volume":900"#, "parameters.volume must be an integer in [0, 100]", "volume"),
        (#""speed":1.5"#, "input.rate must be in [0.5, 2.0]", "speed"),
        (#""rate":9,"speed":1.5"#, "input.rate must be in [0.5, 2.0]", "rate"),
        ("", "input.rate must be in [0.5, 2.0]", nil),
        (#""response_format":"wav""#, "input.format is not supported", "response_format"),
        (#""format":"wav""#, "format must be one of [\"mp3\"]", "format"),
        (#""instructions":"softly""#, "[tts:]Engine return error code: 428", "instructions"),
        (#""instruction":"softly""#, "[tts:]Engine return error code: 428", "instruction"),
        (#""voice":"longanhuan""#, "[tts:]Engine return error code: 418", "voice"),
        ("", "[tts:]Engine return error code: 418", nil),
        ("", "Please ensure input text is valid.", "input"),
        ("", "<400> InternalError.Algo.InvalidParameter: Range of input length should be [0, 600]", "input"),
        (#""foo":1"#, "Unknown parameter: 'session.foo'.", "foo"),
        (#""foo":1"#, "Only 'bar' is known", nil),
        // A word of a sentence is no name.
        (#""volume":1,"pitch":1"#, "The volume of requests is too large for one pitch", nil),
        (#""user":"u""#, "user is not allowed", nil),
    ])
    func ofSpeech(members: String, message: String, param: String?) throws {
        let run = try SpeechRun(
            #"{"model":"cosyvoice-v3-flash","input":"Hello"\#(members.isEmpty ? "" : "," + members)}"#
        )
        #expect(run.request.member(of: error(message)) == param)
    }

    /// The size, the resolution and the duration in these texts are those of the file.
    @Test(arguments: [
        ("InvalidFile.Resolution", "The image resolution is invalid, please make sure it is smaller than 4096"),
        ("InvalidImageResolution", "The input image resolution is too large or small."),
        ("InvalidFile.Size", "Invalid file size, The image file size must be smaller than 5MB."),
        ("InvalidURL", "File size is larger than 15MB."),
        ("InvalidFile.Duration", "Invalid file duration. The file duration must be 2 s ~ 30 s."),
    ])
    func ofAFile(code: String, message: String) throws {
        let members = #""seconds":"5","size":"1280x720","input_reference":"\#(Self.link)""#
        let run = try SplitRun(
            #"{"model":"wan2.5-i2v-preview","prompt":"a",\#(members)}"#,
            VideosTranslator(catalog: ModelCatalog())
        )
        #expect(run.request.reply.member(of: error(message, code: code)) == "input_reference")
        let size = "The input image size exceeds the limit"
        #expect(run.request.reply.member(of: error(size)) != "size")
    }

    @Test(arguments: [
        ("wan2.6-t2v", #""seconds":"8""#, "duration must be one of [5, 10]", "seconds"),
        ("wan2.6-t2v", #""duration":8"#, "duration must be one of [5, 10]", "duration"),
        ("wan2.6-t2v", #""width":9,"height":9"#, "The size is not match the allowed size ['1280*720']", "width"),
        ("wan2.7-t2v", #""aspect_ratio":"1:1""#, "parameters.ratio must be one of 16:9", "aspect_ratio"),
        ("wan2.6-t2v", #""metadata":{"negative_prompt":"x"}"#, "negative_prompt must be a string", "negative_prompt"),
        ("wan2.6-i2v", #""image":"\#(link)""#, "input.img_url: failed", "image"),
        ("wan2.6-i2v", #""input_reference":"\#(link)""#, "img_url must be a link", "input_reference"),
        ("wan2.7-i2v", #""image":"\#(link)""#, "input.media[0].url is wrong", "image"),
        ("wan2.7-i2v", #""media":[{"type":"first_frame","url":"\#(link)"}]"#, "input.media[0].url is wrong", "media"),
        ("wan2.6-t2v", "", "Required parameter \"img_url\" missing from request.", "input_reference"),
        ("wan2.6-t2v", "", "Failed to download multimodal content", "prompt"),
        ("wan2.6-t2v", #""size":"1280x720""#, "This model makes no video of such a size", nil),
        ("wan2.6-t2v", "", "audio_setting must be one of auto", nil),
    ])
    func ofVideos(model: String, members: String, message: String, param: String?) throws {
        let run = try SplitRun(
            #"{"model":"\#(model)","prompt":"a"\#(members.isEmpty ? "" : "," + members)}"#,
            VideosTranslator(catalog: ModelCatalog())
        )
        #expect(run.request.reply.member(of: error(message)) == param)
    }

    @Test(arguments: [
        ("qwen-image", #""n":2"#, "num_images_per_prompt must be 1", "n"),
        ("qwen-image", #""n":2"#, "n should be in [1, 4]", "n"),
        ("qwen-image", #""negative_prompt":"x""#, "input.negative_prompt is too long", "negative_prompt"),
        ("qwen-image", "", "Range of prompt length should be [1, 800]", "prompt"),
        ("qwen-image", #""function":"x""#, "function is not supported", "function"),
        ("qwen-image", "", "function is not supported", nil),
        ("wan2.5-i2i-preview", #""image":"\#(link)""#, "input.images[0] cannot be read", "image"),
        ("wan2.5-i2i-preview", #""image":"\#(link)""#, "Failed to download multimodal content", "image"),
        ("qwen-image", #""model_version":1"#, "model_version is not supported", "model_version"),
    ])
    func ofImages(model: String, members: String, message: String, param: String?) throws {
        let run = try SplitRun(
            #"{"model":"\#(model)","prompt":"a"\#(members.isEmpty ? "" : "," + members)}"#,
            ImagesTranslator(catalog: ModelCatalog())
        )
        #expect(run.request.reply.member(of: error(message)) == param)
    }

    @Test(arguments: [
        (
            "paraformer-v2", #""special_word_filter":"x""#, "special_word_filter must be a JSON string",
            "special_word_filter"
        ),
        (
            "qwen3-asr-flash", #""asr_options":{"language":"xx"}"#, "parameters.asr_options.language is wrong",
            "asr_options"
        ),
        ("qwen3-asr-flash", #""language":"xx""#, "parameters.asr_options.language is wrong", "language"),
        ("qwen3-asr-flash", #""enable_itn":true"#, "asr_options is not supported", "enable_itn"),
        ("paraformer-v2", #""languages":["xx"]"#, "language_hints is not supported by this model", "languages"),
        ("paraformer-v2", "", "file_urls must be a list", "file"),
        ("paraformer-v2", "", "language_hints is not supported by this model", nil),
    ])
    func ofTranscriptions(model: String, members: String, message: String, param: String?) throws {
        let run = try SplitRun(
            #"{"model":"\#(model)","file":"https://a.example/1.mp3"\#(members.isEmpty ? "" : "," + members)}"#,
            TranscriptionTranslator(catalog: ModelCatalog())
        )
        #expect(run.request.reply.member(of: error(message)) == param)
    }

    /// Other errors say nothing of a member.
    @Test func onlyRefusalsOfARequestNameAMember() throws {
        let run = try SpeechRun(#"{"model":"cosyvoice-v3-flash","input":"Hello","volume":9}"#)
        for (status, code) in [(429, "Throttling"), (401, "InvalidApiKey"), (500, "InternalError")] {
            #expect(run.request.member(of: error("input.volume is busy", status: status, code: code)) == nil)
        }
        #expect(run.request.member(of: error("Model can not be found.", code: "ModelNotFound")) == "model")
    }
}
