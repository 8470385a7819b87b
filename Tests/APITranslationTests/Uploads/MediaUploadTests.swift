import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// Media in JSON that are too large to stand in a call.
struct MediaUploadTests {
    /// What the tests let stand in the call of a conversation.
    private static let options = {
        var options = TranslationOptions()
        options.maximumInline = 1000
        return options
    }()
    private static let large = String(repeating: "AAAA", count: 2_500)
    /// Larger than what stands in a call of a model that goes by nine images.
    private static let picture = String(repeating: "AAAA", count: 670_000)

    private static func image(_ data: String = large) -> String { "data:image/png;base64,\(data)" }

    private func chat(_ content: String, model: String = "qwen3-vl-plus") -> String {
        RequestRun.messages(#"{"role":"user","content":[\#(content)]}"#, model: model)
    }

    private func translate(_ text: String) throws -> ChatCall {
        try ChatRequestTranslator(catalog: ModelCatalog(), options: Self.options)
            .translate(ByteBuffer(string: text), tape: JSONTape(), strict: true, created: 1)
    }

    private func refusal(_ text: String) -> APIError? {
        do {
            _ = try translate(text)
            return nil
        } catch {
            return error as? APIError
        }
    }

    /// The call with links in the places of its media.
    private func completed(_ call: NativeCall) throws -> JSON {
        var call = call
        #expect(call.resolvesOSS)
        call.complete(with: call.uploads.indices.map { "oss://a/\($0)" })
        #expect(call.uploads.isEmpty)
        return try JSON(parsing: String(buffer: call.body))
    }

    @Test func onlyLargeMediaAreUploaded() throws {
        let text = chat(
            #"{"type":"image_url","image_url":{"url":"\#(Self.image("AAAA"))"}},"#
                + #"{"type":"image_url","image_url":{"url":"\#(Self.image())"}},{"type":"text","text":"what"},"#
                + #"{"type":"input_audio","input_audio":{"data":"\#(Self.large)","format":"mp3"}},"#
                + #"{"type":"video","video":["https://a/1","\#(Self.image())"],"fps":2}"#
        )
        let call = try translate(text)
        #expect(call.body.readableBytes < 1000)
        let uploads = call.native.uploads
        #expect(
            uploads.map(\.param) == [
                "messages[0].content[1].image_url.url", "messages[0].content[3].input_audio.data",
                "messages[0].content[4].video[1]",
            ]
        )
        #expect(uploads.map(\.mediaType) == ["image/png", "audio/mpeg", "image/png"])
        #expect(uploads.map(\.filename) == ["media.png", "media.mp3", "media.png"])
        let bytes = ByteBuffer(string: text)
        for upload in uploads {
            let (start, end) = (upload.text.lowerBound, upload.text.upperBound)
            #expect(bytes.getString(at: start - 1, length: 3).map { [",AA", "\"AA"].contains($0) } == true)
            #expect(bytes.getString(at: end - 2, length: 3) == "AA\"")
        }
        #expect(uploads.allSatisfy { $0.text.count == Self.large.utf8.count && $0.byteCount == 7_500 })
        #expect(
            try completed(call.native)["input"]?["messages"]?[0]?["content"]
                == JSON(
                    parsing: #"[{"image":"data:image/png;base64,AAAA"},{"image":"oss://a/0"},{"text":"what"},"#
                        + #"{"audio":"oss://a/1"},{"video":["https://a/1","oss://a/2"],"fps":2}]"#
                )
        )
    }

    @Test func messagesAndResponses() throws {
        let message = try MessagesRequestTranslator(catalog: ModelCatalog(), options: Self.options).translate(
            ByteBuffer(
                string:
                    #"{"model":"qwen3-vl-plus","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","#
                    + #""source":{"type":"base64","media_type":"image/jpeg","data":"\#(Self.large)"}}]}]}"#
            ),
            tape: JSONTape(),
            strict: false,
            created: 1
        )
        #expect(message.native.uploads.map(\.param) == ["messages.0.content.0.source.data"])
        #expect(
            try completed(message.native)["input"]?["messages"]?[0]?["content"]
                == JSON(parsing: #"[{"image":"oss://a/0"}]"#)
        )
        let response = try ResponsesRequestTranslator(catalog: ModelCatalog(), options: Self.options).translate(
            ByteBuffer(
                string: #"{"model":"qwen3-vl-plus","input":[{"role":"user","content":[{"type":"input_image","#
                    + #""image_url":"\#(Self.image())"}]}]}"#
            ),
            tape: JSONTape(),
            strict: false,
            created: 1
        )
        #expect(response.native.uploads.map(\.param) == ["input[0].content[0].image_url"])
        #expect(
            try completed(response.native)["input"]?["messages"]?[0]?["content"]
                == JSON(parsing: #"[{"image":"oss://a/0"}]"#)
        )
    }

    /// Without its head the longest text that stands in a call has exactly the bound's length.
    @Test(arguments: [(0, false), (2, true)])
    func theBound(extra: Int, isUploaded: Bool) throws {
        let head = "data:image/png;base64,"
        let text = head + String(repeating: "A", count: Self.options.maximumInline + extra)
        let call = try translate(chat(#"{"type":"image_url","image_url":{"url":"\#(text)"}}"#))
        #expect(call.native.uploads.isEmpty != isUploaded)
        #expect(call.resolvesOSS == isUploaded)
    }

    @Test(arguments: [
        ("data:video/mp4;base64,", "invalid_value"), ("data:image/png,", "invalid_value"), ("data:", "invalid_value"),
    ])
    func whatCannotBeUploadedIsRefusedByPath(head: String, code: String) throws {
        let error = refusal(chat(#"{"type":"image_url","image_url":"\#(head)\#(Self.large)"}"#))
        #expect(error?.status == 400)
        #expect(error?.code == code)
        #expect(error?.param == "messages[0].content[0].image_url")
        #expect((error?.message.utf8.count ?? 0) < 300)
    }

    /// An app has no model for which something could be stored.
    @Test func anAppTakesNone() {
        let error = refusal(chat(#"{"type":"image_url","image_url":"\#(Self.image())"}"#, model: "app/abc"))
        #expect(error?.status == 400)
    }

    @Test func imagesToEdit() throws {
        let text =
            #"{"model":"wan2.7-image","prompt":"x","n":5,"image":["\#(Self.image("AAAA"))","#
            + #"{"image_url":{"url":"\#(Self.image(Self.picture))"}}]}"#
        let request = try ImageEditsTranslator(catalog: ModelCatalog())
            .translate(ByteBuffer(string: text), tape: JSONTape(), strict: true, created: 1)
        #expect(request.calls.count == 2)
        #expect(Set(request.calls.flatMap(\.uploads).map(\.param)) == ["image[1].image_url.url"])
        for call in request.calls {
            #expect(
                try completed(call)["input"]?["messages"]?[0]?["content"]
                    == JSON(
                        parsing: #"[{"image":"data:image/png;base64,AAAA"},{"image":"oss://a/0"},{"text":"x"}]"#
                    )
            )
        }
    }

    /// The end of the text, which is not looked at here, may say that there are two bytes less.
    @Test(arguments: [(9, false), (7, false), (6, true)])
    func whatTheModelDoesNotTakeIsRefused(maximum: Int, isRefused: Bool) throws {
        let tape = JSONTape()
        let body = ByteBuffer(string: "\"\(Self.image("AAAAAAAAAAAA"))\"")
        try body.withUnsafeReadableBytes { bytes in
            let url = try tape.parse(bytes)
            let content = try #require(url.escapedContent)
            let media = try #require(try InlineMedia(content, .image, "image[2]"))
            do throws(APIError) {
                _ = try MediaUpload(dataURL: url, media, .image, "image[2]", maximumBytes: maximum)
                #expect(!isRefused)
            } catch {
                #expect(isRefused)
                #expect(error.status == 413)
                #expect(error.code == "file_too_large")
                #expect(error.param == "image[2]")
            }
        }
    }

    /// Films and sound have no inline form, however small.
    @Test func videosOfFilms() throws {
        let text =
            #"{"model":"wan2.7-videoedit","prompt":"x","video":"data:video/mp4;base64,AAAA","#
            + #""reference_images":["\#(Self.image(String(repeating: "AAAA", count: 1_500_000)))"]}"#
        let request = try VideosTranslator(catalog: ModelCatalog())
            .translate(ByteBuffer(string: text), tape: JSONTape(), strict: true, created: 1)
        let call = try #require(request.calls.first)
        #expect(Set(call.uploads.map(\.param)) == ["video", "reference_images[0]"])
        let media = try completed(call)["input"]?["media"]
        #expect(media?[0]?["url"] == .string("oss://a/0"))
        #expect(media?[1]?["url"] == .string("oss://a/1"))
    }

    @Test func theCallersOwnMedia() throws {
        let text =
            #"{"model":"wan2.7-i2v","prompt":"x","media":[{"type":"first_frame","url":"https://a/1","x":1},"#
            + #"{"type":"driving_audio","url":"data:audio/wav;base64,AAAA","x":[2]}]}"#
        let request = try VideosTranslator(catalog: ModelCatalog())
            .translate(ByteBuffer(string: text), tape: JSONTape(), strict: true, created: 1)
        let call = try #require(request.calls.first)
        #expect(call.uploads.map(\.param) == ["media[1].url"])
        #expect(
            try completed(call)["input"]?["media"]
                == JSON(
                    parsing: #"[{"type":"first_frame","url":"https://a/1","x":1},"#
                        + #"{"type":"driving_audio","url":"oss://a/0","x":[2]}]"#
                )
        )
    }

    @Test func soundForATask() throws {
        let request = try TranscriptionTranslator(catalog: ModelCatalog()).translate(
            ByteBuffer(string: #"{"model":"paraformer-v2","file":"data:audio\/wav;base64,AAAA"}"#),
            tape: JSONTape(),
            strict: true,
            created: 1
        )
        let call = try #require(request.calls.first)
        #expect(call.uploads.map(\.mediaType) == ["audio/wav"])
        #expect(try completed(call)["input"]?["file_urls"] == JSON(parsing: #"["oss://a/0"]"#))
    }
}
