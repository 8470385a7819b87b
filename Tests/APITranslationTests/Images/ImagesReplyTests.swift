import Foundation
import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// The shapes in which DashScope tells of images.
struct ImagesReplyTests {
    private func answer(_ natives: [String], n: Int, model: String = "wan2.2-t2i-flash", more: String = "") throws
        -> JSON
    {
        let run = try SplitRun(
            #"{"model":"\#(model)","prompt":"a","n":\#(n)\#(more)}"#,
            ImagesTranslator(catalog: ModelCatalog())
        )
        return try JSON(parsing: run.answer(natives))
    }

    private func data(_ native: String, n: Int = 1) throws -> JSON? { try answer([native], n: n)["data"] }

    /// The image of each event is a file, unless links are asked for; the usage stands in the last.
    @Test func eachImageIsAnEventOfAStream() throws {
        let native =
            #"{"output":{"choices":[{"message":{"content":[{"image":"https://x/1.png"},{"image":"https://x/2.png"}]}}]},"usage":{"image_count":2}}"#
        let run = try SplitRun(
            #"{"model":"qwen-image-3.0","prompt":"a","n":2,"stream":true,"partial_images":2,"response_format":"url"}"#,
            ImagesTranslator(catalog: ModelCatalog())
        )
        #expect(run.request.streamsToClient)
        #expect(run.request.adjustments.headerValue.contains("partial_images"))
        let events = try run.answer([native]).components(separatedBy: "\n\n").dropLast()
        #expect(events.count == 2)
        for (place, event) in events.enumerated() {
            let lines = event.split(separator: "\n")
            #expect(lines.first == "event: image_generation.completed")
            let data = try JSON(parsing: String(try #require(lines.last).dropFirst("data: ".count)))
            #expect(data["type"] == .string("image_generation.completed"))
            #expect(data["url"] == .string("https://x/\(place + 1).png"))
            #expect(data["created_at"] == .number(1))
            #expect(data["usage"]?["image_count"] == .number(place == 1 ? 2 : 0))
        }
        let file = try SplitRun(
            #"{"model":"qwen-image-3.0","prompt":"a","stream":true}"#,
            ImagesTranslator(catalog: ModelCatalog())
        )
        let one = #"{"output":{"choices":[{"message":{"content":[{"image":"https://x/1.png"}]}}]}}"#
        let png = "\u{89}PNG"
        #expect(try file.answer([one], files: [png]).contains(#""b64_json":"#))
    }

    @Test(
        arguments: [
            (
                [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 4, 0, 0, 0, 3, 0],
                "png", "1024x768"
            ),
            ([0x89, 0x50, 0x4E, 0x47], "png", nil), ([0xFF, 0xD8, 0xFF, 0xE0], "jpeg", nil),
            (Array("RIFF0000WEBP".utf8), "webp", nil), (Array("RIFF".utf8), nil, nil), ([], nil, nil),
        ] as [([UInt8], String?, String?)]
    )
    func theFormatOfAFileIsRead(bytes: [UInt8], format: String?, size: String?) {
        let facts = ImageFileFacts(ByteBuffer(bytes: bytes))
        #expect(facts.map { "\($0.format)" } == format)
        #expect(facts?.size == size)
    }

    @Test func resultsOfATask() throws {
        let native =
            #"{"output":{"task_status":"SUCCEEDED","results":[{"orig_prompt":"a","actual_prompt":"a big a","url":"https://x/1.png"},{"url":"https://x/2.png"}],"task_metrics":{"TOTAL":2,"SUCCEEDED":2,"FAILED":0}},"usage":{"image_count":2},"request_id":"r"}"#
        let answer = try answer([native], n: 2)
        #expect(answer["created"] == .number(1))
        #expect(
            answer["data"]
                == (try JSON(
                    parsing: #"[{"url":"https://x/1.png","revised_prompt":"a big a"},{"url":"https://x/2.png"}]"#
                ))
        )
        #expect(answer["usage"]?["image_count"] == .number(2))
        #expect(answer["usage"]?["total_tokens"] == .number(0))
    }

    @Test(arguments: [
        // All images in one choice, and one choice for each.
        #"{"output":{"choices":[{"message":{"content":[{"image":"https://x/1.png"},{"image":"https://x/2.png"}]}}]}}"#,
        #"{"output":{"choices":[{"message":{"content":[{"type":"image","image":"https://x/1.png"}]}},{"message":{"content":[{"type":"image","image":"https://x/2.png"}]}}],"finished":true}}"#,
        #"{"output":{"render_urls":["https://x/1.png","https://x/2.png"]}}"#,
    ])
    func allImagesAreFound(native: String) throws {
        #expect(
            try data(native, n: 2) == (try JSON(parsing: #"[{"url":"https://x/1.png"},{"url":"https://x/2.png"}]"#))
        )
    }

    @Test(arguments: [
        #"{"output":{"output_image_url":"https://x/1.png"}}"#, #"{"output":{"image_url":"https://x/1.png"}}"#,
        #"{"output":{"results":{"url":"https://x/1.png"}}}"#,
    ])
    func aSingleImageIsFound(native: String) throws {
        #expect(try data(native) == (try JSON(parsing: #"[{"url":"https://x/1.png"}]"#)))
    }

    @Test func theTextBesideAnImageIsItsPrompt() throws {
        let native =
            #"{"output":{"choices":[{"message":{"content":[{"image":"https://x/1.png"},{"text":"a long a"}],"reasoning_content":""}}]},"usage":{"width":1024,"height":1536,"image_count":1,"input_tokens":3,"output_tokens":4,"total_tokens":7,"output_tokens_details":{"reasoning_tokens":2}}}"#
        let answer = try answer([native], n: 1, model: "z-image-turbo")
        #expect(
            answer["data"] == (try JSON(parsing: #"[{"url":"https://x/1.png","revised_prompt":"a long a"}]"#))
        )
        #expect(
            answer["usage"]
                == (try JSON(
                    parsing:
                        #"{"input_tokens":3,"input_tokens_details":{"image_tokens":0,"text_tokens":3},"output_tokens":4,"total_tokens":7,"image_count":1,"width":1024,"height":1536,"output_tokens_details":{"reasoning_tokens":2}}"#
                ))
        )
    }

    @Test func theAnswersOfSeveralCallsAreOne() throws {
        let native = { (name: String) in
            #"{"output":{"choices":[{"message":{"content":[{"image":"https://x/\#(name).png"}]}}]},"usage":{"image_count":1,"width":8,"height":8}}"#
        }
        let answer = try answer([native("1"), native("2")], n: 2, model: "qwen-image")
        #expect(answer["data"] == (try JSON(parsing: #"[{"url":"https://x/1.png"},{"url":"https://x/2.png"}]"#)))
        #expect(answer["usage"]?["image_count"] == .number(2))
    }

    // MARK: - Failures

    private func failure(_ native: String, n: Int) -> APIError? {
        do {
            _ = try answer([native], n: n)
            return nil
        } catch {
            return error as? APIError
        }
    }

    @Test func aPartlyFailedTaskIsAnErrorThatSaysSo() {
        let error = failure(
            #"{"output":{"results":[{"url":"https://x/1.png"},{"code":"DataInspectionFailed","message":"Output data may contain inappropriate content."}],"task_metrics":{"TOTAL":2,"SUCCEEDED":1,"FAILED":1}},"request_id":"r-9"}"#,
            n: 2
        )
        #expect(error?.status == 400)
        #expect(error?.code == "content_filter")
        #expect(error?.message == "1 of 2 images failed: Output data may contain inappropriate content.")
        #expect(error?.requestID == "r-9")
        #expect(error?.shouldRetry == false)
    }

    @Test func fewerImagesThanAskedForAreAnError() {
        let error = failure(#"{"output":{"results":[{"url":"https://x/1.png"}]}}"#, n: 2)
        #expect(error?.status == 502)
        #expect(error?.message == "DashScope made 1 of 2 images and did not say why.")
    }

    @Test func aSeriesMayBeShorter() throws {
        let native = #"{"output":{"choices":[{"message":{"content":[{"image":"https://x/1.png"}]}}]}}"#
        let answer = try answer([native], n: 6, model: "wan2.7-image", more: #","enable_sequential":true"#)
        #expect(answer["data"]?.elements.count == 1)
    }

    @Test(arguments: ["", "[]", "{}", #"{"output":{}}"#, #"{"output":[]}"#])
    func anAnswerWithoutImagesIsAnError(native: String) { #expect(failure(native, n: 1)?.status == 502) }

    @Test func aRefusalWithStatus200IsOne() {
        let error = failure(#"{"code":"Throttling.RateQuota","message":"slow down","request_id":"r"}"#, n: 1)
        #expect(error?.status == 429)
    }

    // MARK: - Files

    @Test func filesStandInTheAnswerInTheirOrder() throws {
        let run = try SplitRun(
            #"{"model":"wan2.2-t2i-flash","prompt":"a","n":2,"response_format":"b64_json"}"#,
            ImagesTranslator(catalog: ModelCatalog())
        )
        let part = try #require(run.request.reply.makePart(0) as? any LinkedReply)
        var output = ByteBuffer()
        let native = ByteBuffer(
            string: #"{"output":{"results":[{"url":"https://x/1.png","actual_prompt":"p"},{"url":"https://x/2.png"}]}}"#
        )
        _ = native.withUnsafeReadableBytes { part.receive(whole: $0, tape: JSONTape(), into: &output) }
        #expect(part.links == ["https://x/1.png", "https://x/2.png"])
        part.take(ByteBuffer(string: "two"), ofLink: 1)
        part.take(ByteBuffer(string: "first"), ofLink: 0)
        #expect(part.finish(into: &output) == nil)
        #expect(String(buffer: output) == #"{"b64_json":"Zmlyc3Q=","revised_prompt":"p"},{"b64_json":"dHdv"}"#)
    }
}
