import APITranslation
import JSONBytes
import NIOCore

/// Calls and answers of embeddings, rerank, completions, images and videos are JSON, whatever was read.
enum SplitTarget {
    private static let embeddings = EmbeddingsTranslator(catalog: ModelCatalog())
    private static let rerank = RerankTranslator(catalog: ModelCatalog())

    private static let completions = CompletionsTranslator(catalog: ModelCatalog())
    private static let images = ImagesTranslator(catalog: ModelCatalog())
    private static let imageEdits = ImageEditsTranslator(catalog: ModelCatalog())
    private static let videos = VideosTranslator(catalog: ModelCatalog())
    private static let newAPIVideos: VideosTranslator = {
        var turn = VideosTurn()
        turn.form = .newAPI
        return videos.with(turn)
    }()

    static func completions(_ bytes: ByteBuffer) -> String? { request(bytes, completions) }
    static func images(_ bytes: ByteBuffer) -> String? { request(bytes, images) ?? request(bytes, imageEdits) }
    static func videos(_ bytes: ByteBuffer) -> String? { request(bytes, videos) }
    static func embeddings(_ bytes: ByteBuffer) -> String? { request(bytes, embeddings) }
    static func rerank(_ bytes: ByteBuffer) -> String? { request(bytes, rerank) }

    /// The reply to one prompt; of one answer, so that the elements of its choices are one JSON text.
    static func completion(isStreamed: Bool) -> any ReplyTranslating {
        let text = #"{"model":"qwen-plus","prompt":"a","echo":true,"logprobs":2,"stream":\#(isStreamed)}"#
        guard
            let request = try? completions.translate(
                ByteBuffer(string: text),
                tape: JSONTape(),
                strict: false,
                created: 1
            )
        else { preconditionFailure("the request is refused") }
        return request.reply.makePart(0)
    }

    static func request(_ bytes: ByteBuffer, _ translator: any SplitTranslating) -> String? {
        let tape = JSONTape()
        let request: SplitRequest
        do throws(APIError) {
            request = try translator.translate(bytes, tape: tape, strict: false, created: 1)
        } catch {
            return 400..<500 ~= error.status ? nil : "a refusal with \(error.status)"
        }
        let length = bytes.readableBytes
        for call in request.calls where call.uploads.contains(where: { !(0...length).contains($0.text.upperBound) }) {
            return "media are said to stand behind the request"
        }
        for index in request.calls.indices {
            request.calls[index].complete(with: request.calls[index].uploads.map { _ in "oss://a" })
        }
        guard !request.calls.isEmpty, request.calls.allSatisfy({ isJSON($0.body, tape) }) else {
            return "a native call is no JSON"
        }
        let isTakenStrictly: Bool
        do throws(APIError) {
            _ = try translator.translate(bytes, tape: tape, strict: true, created: 1)
            isTakenStrictly = true
        } catch {
            isTakenStrictly = false
        }
        return isTakenStrictly == request.adjustments.isEmpty ? nil : "strict mode and adjustments disagree"
    }

    /// An answer may be readable and yet hold fewer images than were asked for.
    static func imagesReply(_ bytes: ByteBuffer) -> String? {
        reply(bytes, [(images, #"{"model":"wan2.7-image","prompt":"a","enable_sequential":true}"#)], mayFail: true)
    }

    static func videosReply(_ bytes: ByteBuffer) -> String? {
        let text = #"{"model":"wan2.6-t2v","prompt":"a"}"#
        return reply(bytes, [(videos, text), (newAPIVideos, text)], mayFail: false)
    }

    static func reply(_ bytes: ByteBuffer) -> String? {
        let requests: [(any SplitTranslating, String)] = [
            (embeddings, #"{"model":"text-embedding-v4","input":["a","b"]}"#),
            (embeddings, #"{"model":"text-embedding-v4","input":["a","b"],"encoding_format":"base64"}"#),
            (embeddings, #"{"model":"qwen2.5-vl-embedding","input":["a","b"]}"#),
            (rerank, #"{"model":"qwen3-rerank","query":"q","documents":["a","b"],"return_documents":true}"#),
        ]
        return reply(bytes, requests, mayFail: false)
    }

    private static func reply(
        _ bytes: ByteBuffer,
        _ requests: [(any SplitTranslating, String)],
        mayFail: Bool
    ) -> String? {
        let tape = JSONTape()
        for (translator, text) in requests {
            guard
                let request = try? translator.translate(
                    ByteBuffer(string: text),
                    tape: tape,
                    strict: false,
                    created: 1
                )
            else { return "the request is refused" }
            var output = ByteBuffer()
            request.reply.begin(requestID: "g", into: &output)
            let part = request.reply.makePart(0)
            var nothing = ByteBuffer()
            let outcome = bytes.withUnsafeReadableBytes { part.receive(whole: $0, tape: tape, into: &nothing) }
            if case .refused = outcome { continue }
            var elements = ByteBuffer()
            guard part.finish(into: &elements) == nil else {
                if mayFail { continue }
                return "an answer that was read has no elements"
            }
            output.writeImmutableBuffer(elements)
            request.reply.end(requestID: "r", into: &output)
            guard isJSON(output, tape) else { return "the answer is no JSON" }
        }
        return nil
    }

    static func isJSON(_ bytes: ByteBuffer, _ tape: JSONTape) -> Bool {
        bytes.withUnsafeReadableBytes { (try? tape.parse($0)) != nil }
    }
}
