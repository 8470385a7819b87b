import Testing

@testable import APITranslation

struct FilePlacementTests {
    private static let transcription = TranscriptionTranslator(catalog: ModelCatalog())

    private func place(_ model: String, format: String? = nil) throws -> FilePlacement.Place {
        var texts = ["model": model]
        texts["response_format"] = format
        return try Self.transcription.placement(of: "file", texts: texts).place
    }

    private func storage(_ model: String) -> FilePlacement.Storage {
        FilePlacement.Storage(model: model, maximumBytes: 2_000_000_000)
    }

    @Test(arguments: ["paraformer-v2", "fun-asr", "sensevoice-v1", "qwen3-asr-flash-filetrans", "paraformer-8k-v1"])
    func filesOfTasksAreStored(model: String) throws { #expect(try place(model) == .storage(storage(model))) }

    @Test func shortFilesStandInline() throws {
        let inline = FilePlacement.Place.inline(
            maximumBytes: 7_499_808,
            otherwise: storage("qwen3-asr-flash-filetrans")
        )
        #expect(try place("qwen3-asr-flash") == inline)
        #expect(try place("qwen3-asr-flash", format: "json") == inline)
        #expect(try place("qwen-audio-asr-2024-12-04") == .inline(maximumBytes: 7_499_808, otherwise: nil))
        // What becomes of the largest is less than ten million characters, with its type.
        let longest: Int = 7_499_808 / 3 * 4 + "data:audio/x-matroska;base64,".utf8.count
        #expect(longest < 10_000_000)
    }

    /// A link is followed only for the model it was stored for.
    @Test func timesNeedALinkForTheModelThatGivesThem() throws {
        for format in ["srt", "vtt", "verbose_json"] {
            #expect(try place("qwen3-asr-flash", format: format) == .storage(storage("qwen3-asr-flash-filetrans")))
        }
    }

    @Test func otherFieldsAndModelsAreRefused() {
        func refusal(_ field: String, _ texts: [String: String]) -> APIError? {
            do {
                _ = try Self.transcription.placement(of: field, texts: texts)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal("image", ["model": "paraformer-v2"])?.param == "image")
        #expect(refusal("file", [:])?.param == "model")
        #expect(refusal("file", ["model": "qwen-plus"])?.param == "model")
        #expect(refusal("file", ["model": "gummy-realtime-v1"])?.param == "model")
    }

    private static let sounds: [(name: String, given: String?, type: String)] = [
        ("a.wav", "audio/x-wav", "audio/wav"), ("a.MP3", "application/octet-stream", "audio/mpeg"),
        ("a.webm", "video/webm", "audio/webm"), ("a.m4a", nil, "audio/mp4"), ("a", "audio/flac; rate=1", "audio/flac"),
        ("a.ogg", "application/ogg", "audio/ogg"), ("a.wav", "text/plain", "audio/wav"),
    ]

    @Test(arguments: sounds)
    func soundsHaveTheirType(name: String, given: String?, type: String) throws {
        let placement = try Self.transcription.placement(of: "file", texts: ["model": "qwen3-asr-flash"])
        #expect(try placement.mediaType(fileName: name, contentType: given) == type)
    }

    private static let others: [(name: String?, given: String?)] = [
        ("a.txt", "text/plain"), ("a", nil), (nil, "application/octet-stream"), ("a.png", "image/png"),
    ]

    @Test(arguments: others)
    func otherFilesAreRefused(name: String?, given: String?) throws {
        let placement = try Self.transcription.placement(of: "file", texts: ["model": "qwen3-asr-flash"])
        let error = #expect(throws: APIError.self) { try placement.mediaType(fileName: name, contentType: given) }
        #expect(error?.param == "file")
    }
}
