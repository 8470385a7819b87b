import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// Media in JSON are looked at before anything is sent.
struct InlineMediaTests {
    private static let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"
    private static let wav = "UklGRiQAAABXQVZFZm10IBAAAAA="
    private static let page = "PCFET0NUWVBFIGh0bWw+PGh0bWw+"

    /// An image that is none, and words of the refusal.
    private static let wrongImages: [(url: String, words: String)] = [
        ("data:image/png;base64,", "data are empty"), ("data:image/png;base64,====", "no base64"),
        ("data:image/png;base64,not base64!", "no base64"), ("data:image/png;base64,AAAAA", "no base64"),
        ("data:image/png;base64,\(png.dropLast(4))AA-_", "no base64"),
        (
            "data:image/png;base64,\(String(repeating: "A", count: 200))*\(String(repeating: "A", count: 55))",
            "no base64"
        ),
        ("data:image/png,AAAA", "whose data are base64"), ("data:", "whose data are base64"),
        ("data:text/plain;base64,AAAA", "must be an image"), ("data:audio/wav;base64,\(wav)", "must be an image"),
        ("data:image/png;base64,\(wav)", "It is audio/wav."), ("data:image/png;base64,\(page)", "It is an HTML page."),
        ("data:;base64,AAAA", "must name a media type"),
        ("file:///etc/passwd", "must be a URL"), ("ftp://a/b.png", "must be a URL"), ("cat.png", "must be a URL"),
        ("", "must be a URL"),
    ]

    private func expect(_ refusal: APIError?, _ param: String, _ words: String) {
        #expect(refusal?.status == 400)
        #expect(refusal?.param == param)
        #expect(refusal?.code == "invalid_value")
        #expect(refusal?.message.contains(words) == true, "\(refusal?.message ?? "")")
    }

    private func chat(_ content: String, model: String = "qwen3-vl-plus") -> APIError? {
        RequestRun.refusal(RequestRun.messages(#"{"role":"user","content":[\#(content)]}"#, model: model))
    }

    @Test(arguments: wrongImages)
    func chatNamesThePart(url: String, words: String) {
        let text = #"{"type":"text","text":"x"},"#
        expect(
            chat(text + #"{"type":"image_url","image_url":{"url":"\#(url)"}}"#),
            "messages[0].content[1].image_url.url",
            words
        )
        expect(
            chat(text + #"{"type":"image_url","image_url":"\#(url)"}"#),
            "messages[0].content[1].image_url",
            words
        )
        expect(
            chat(#"{"type":"video","video":["https://a/1","\#(url)"]}"#),
            "messages[0].content[0].video[1]",
            words
        )
    }

    @Test(arguments: [
        (#"{"type":"input_audio","input_audio":{"data":"","format":"wav"}}"#, "data", "empty"),
        (#"{"type":"input_audio","input_audio":{"data":"a b%","format":"wav"}}"#, "data", "no base64"),
        (#"{"type":"input_audio","input_audio":{"data":"\#(png)","format":"wav"}}"#, "data", "It is image/png."),
        (#"{"type":"input_audio","input_audio":{"data":"data:image/png;base64,\#(png)"}}"#, "data", "must be a sound"),
    ])
    func soundOfChat(part: String, member: String, words: String) {
        expect(chat(part, model: "qwen3-omni-flash"), "messages[0].content[0].input_audio.\(member)", words)
    }

    /// DashScope's own examples name no type; it is known by the data, or by the format beside them.
    @Test(arguments: [
        ("data:;base64,\(wav)", "mp3", "data:audio/wav;base64,\(wav)"),
        ("data:application/octet-stream;base64,\(wav)", "wav", "data:audio/wav;base64,\(wav)"),
        ("data:;base64,AAAA", "mp3", "data:audio/mpeg;base64,AAAA"),
        ("data:audio/mp3;base64,AAAA", "mp3", "data:audio/mp3;base64,AAAA"),
        ("data:video/webm;codecs=opus;base64,AAAA", "webm", "data:audio/webm;base64,AAAA"),
        ("data:video/webm;codecs=vp8,opus;base64,AAAA", "webm", "data:audio/webm;base64,AAAA"),
        ("data:audio;base64,\(wav)", "mp3", "data:audio/wav;base64,\(wav)"),
        ("data:binary/octet-stream;base64,\(wav)", "mp3", "data:audio/wav;base64,\(wav)"),
        ("DATA:Audio/WAV;BASE64,\(wav)", "mp3", "data:audio/wav;base64,\(wav)"),
        // Lines of 76 letters, as mail has them, and no padding.
        (
            "data:audio/wav;base64,\(wav.prefix(12))\\r\\n\(wav.dropFirst(12).dropLast())", "wav",
            "data:audio/wav;base64,\(wav)"
        ),
        ("\(wav.prefix(12))\\n\(wav.dropFirst(12).dropLast())", "wav", "data:audio/wav;base64,\(wav)"),
    ])
    func aTypeThatIsMissingIsFound(data: String, format: String, sent: String) throws {
        let run = try RequestRun(
            RequestRun.messages(
                #"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"\#(data)","format":"\#(format)"}}]}"#,
                model: "qwen3-omni-flash"
            )
        )
        #expect(run.message(0)?["content"]?[0]?["audio"]?.text == sent)
    }

    /// With escape sequences, line breaks, without padding: whoever reads base64 in earnest takes it.
    @Test(arguments: ["iVBORw0KGgo", "iVBORw0K\\nGgo=", "iVBORw0KGgo\\u003d", "\\/9j\\/4AAQSkZJRg=="])
    func otherWaysToWriteIt(data: String) {
        #expect(chat(#"{"type":"image_url","image_url":{"url":"data:image\/png;base64,\#(data)"}}"#) == nil)
    }

    @Test(arguments: [("5", "invalid_type"), (#"["a"]"#, "invalid_type"), (#""""#, "invalid_value")])
    func anIDOfAFileIsAString(id: String, code: String) {
        let file = chat(#"{"type":"text","text":"x"},{"type":"file","file":{"file_id":\#(id)}}"#, model: "qwen-long")
        #expect(file?.param == "messages[0].content[1].file.file_id")
        #expect(file?.code == code)
    }

    @Test(arguments: ["https://a/b.png", "HTTPS://a/b.png", "http:\\/\\/a\\/b", "oss://a/b"])
    func links(url: String) {
        #expect(chat(#"{"type":"image_url","image_url":{"url":"\#(url)"}}"#) == nil)
    }

    /// Some programs write a slash as a number.
    @Test(arguments: ["data:image\\u002fpng;base64,iVBORw0KGgo=", "data:image\\u002Fpng\\u003Bbase64,iVBORw0KGgo="])
    func aHeadWithEscapeSequences(url: String) {
        #expect(chat(#"{"type":"image_url","image_url":{"url":"\#(url)"}}"#) == nil)
        expect(
            chat(#"{"type":"image_url","image_url":{"url":"\#(url.replacing("image", with: "text"))"}}"#),
            "messages[0].content[0].image_url.url",
            "must be an image"
        )
    }

    /// However its slashes and its scheme are written: DashScope reads such a file with a header only.
    @Test(arguments: ["oss://a/b.png", "oss:\\/\\/a\\/b.png", "OSS://a/b.png"])
    func filesInTheStorageNeedTheHeader(url: String) throws {
        let part = #"{"type":"image_url","image_url":{"url":"\#(url)"}}"#
        let messages = RequestRun.messages(#"{"role":"user","content":[\#(part)]}"#, model: "qwen3-vl-plus")
        #expect(try RequestRun(messages).call.resolvesOSS)
        let video = #"{"model":"wan2.7-i2v","prompt":"x","input_reference":"\#(url)"}"#
        #expect(try SplitRun(video, VideosTranslator(catalog: ModelCatalog())).request.calls[0].resolvesOSS)
        let edit = #"{"model":"qwen-image-edit-plus","prompt":"x","image":"\#(url)"}"#
        #expect(try SplitRun(edit, ImageEditsTranslator(catalog: ModelCatalog())).request.calls[0].resolvesOSS)
        let sound = #"{"model":"paraformer-v2","file":"\#(url)"}"#
        #expect(try SplitRun(sound, TranscriptionTranslator(catalog: ModelCatalog())).request.calls[0].resolvesOSS)
    }

    @Test(
        arguments: [
            (#""file:///a.pdf""#, "messages[0].content[1].doc_url"),
            (#"["https://a/1","data:;base64,AAAA"]"#, "messages[0].content[1].doc_url[1]"),
            (#"["https://a/1",7]"#, "messages[0].content[1].doc_url[1]"), (#"["https://a/1","https://a/2"]"#, nil),
        ] as [(String, String?)]
    )
    func documents(links: String, param: String?) {
        let refusal = chat(
            #"{"type":"text","text":"x"},{"type":"doc_url","doc_url":\#(links)}"#,
            model: "qwen-doc-turbo"
        )
        #expect(refusal?.param == param)
    }

    @Test func messages() {
        func refusal(_ source: String) -> APIError? {
            MessagesRun.refusal(
                #"{"model":"qwen3-vl-plus","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":\#(source)}]}]}"#
            )
        }
        let place = "messages.0.content.0.source"
        #expect(refusal(#"{"type":"base64","media_type":"image/png","data":""}"#)?.param == "\(place).data")
        #expect(refusal(#"{"type":"base64","media_type":"image/png","data":"%"}"#)?.param == "\(place).data")
        #expect(refusal(#"{"type":"base64","media_type":"text/html","data":"AAAA"}"#)?.param == "\(place).media_type")
        #expect(refusal(#"{"type":"url","url":"file:///a.png"}"#)?.param == "\(place).url")
        #expect(refusal(#"{"type":"base64","media_type":"image/png","data":"\#(Self.png)"}"#) == nil)
    }

    @Test func aTypeInCapitals() throws {
        let source = #"{"type":"base64","media_type":"IMAGE/PNG","data":"\#(Self.png)"}"#
        let run = try MessagesRun(
            #"{"model":"qwen3-vl-plus","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":\#(source)}]}]}"#
        )
        #expect(run.messages[0]["content"]?[0]?["image"]?.text == "data:image/png;base64,\(Self.png)")
    }

    @Test(arguments: [
        ("aGVs\\nbG8=", nil), ("@@", "input[0].content[0].file_data"), ("/w==", "input[0].content[0].file_data"),
    ])
    func filesOfText(data: String, param: String?) {
        let part = #"{"type":"input_file","filename":"a.txt","file_data":"data:text/plain;base64,\#(data)"}"#
        let refusal = ResponsesRun.refusal(input: #"[{"role":"user","content":[\#(part)]}]"#)
        #expect(refusal?.param == param)
        #expect(refusal == nil || refusal?.message.contains("text in UTF-8") == true)
    }

    @Test(arguments: wrongImages)
    func responses(url: String, words: String) {
        let part = #"{"type":"input_text","text":"x"},{"type":"input_image","image_url":"\#(url)"}"#
        expect(
            ResponsesRun.refusal(input: #"[{"role":"user","content":[\#(part)]}]"#, model: "qwen3-vl-plus"),
            "input[0].content[1].image_url",
            words
        )
    }

    @Test(arguments: wrongImages)
    func vectorsAndRanks(url: String, words: String) {
        guard !url.isEmpty else { return }
        expect(
            SplitRun.refusal(#"{"model":"qwen3-vl-embedding","input":[{"text":"a"},{"image":"\#(url)"}]}"#),
            "input[1].image",
            words
        )
        expect(
            SplitRun.refusal(#"{"model":"tongyi-embedding-vision-plus","multi_images":["https://a/1","\#(url)"]}"#),
            "multi_images[1]",
            words
        )
        let documents = #"[{"image":"https://a/1"},{"image":"\#(url)"}]"#
        expect(
            SplitRun.refusal(
                #"{"model":"qwen3-vl-rerank","query":"a","documents":\#(documents)}"#,
                RerankTranslator(catalog: ModelCatalog())
            ),
            "documents[1].image",
            words
        )
    }

    @Test(arguments: wrongImages)
    func images(url: String, words: String) {
        guard !url.isEmpty else { return }
        for (translator, endpoint) in [
            (ImagesTranslator(catalog: ModelCatalog()) as any SplitTranslating, "qwen-image-edit-plus"),
            (ImageEditsTranslator(catalog: ModelCatalog()), "qwen-image-edit-plus"),
        ] {
            let json = #"{"model":"\#(endpoint)","prompt":"x","image":["https://a/1","\#(url)"]}"#
            expect(SplitRun.refusal(json, translator), "image[1]", words)
        }
    }

    @Test(arguments: wrongImages)
    func videos(url: String, words: String) {
        guard !url.isEmpty else { return }
        let translator = VideosTranslator(catalog: ModelCatalog())
        func refusal(_ members: String, _ model: String) -> APIError? {
            SplitRun.refusal(#"{"model":"\#(model)","prompt":"x",\#(members)}"#, translator)
        }
        expect(refusal(#""image":"\#(url)""#, "wan2.6-i2v"), "image", words)
        expect(
            refusal(#""reference_images":["https://a/1","\#(url)"]"#, "wan3.0-video"),
            "reference_images[1]",
            words
        )
        expect(
            refusal(#""media":[{"type":"first_frame","url":"\#(url)"}]"#, "wan2.7-i2v"),
            "media[0].url",
            words
        )
    }

    @Test(arguments: ["qwen3-asr-flash", "paraformer-v2"])
    func transcriptions(model: String) {
        let translator = TranscriptionTranslator(catalog: ModelCatalog())
        for (url, words) in [
            ("data:audio/wav;base64,", "empty"), ("data:audio/wav;base64,%%%%", "no base64"),
            ("data:audio/wav;base64,\(Self.png)", "It is image/png."), ("data:image/png;base64,AAAA", "a sound"),
            ("file:///a.wav", "must be a URL"),
        ] {
            expect(SplitRun.refusal(#"{"model":"\#(model)","file":"\#(url)"}"#, translator), "file", words)
        }
    }
}
