import APITranslation
import AdmissionControl
import HTTPServing
import JSONBytes
import NIOCore
import Upstream
import WireFormats

/// What a law does with its inputs, by the name that stands before them where they are read.
enum Run: String {
    case request, messages, completions, responses, embeddings, rerank, images, imageEdits, transcriptions, transcripts
    case imagesReply, speech, videos, uploads, videosReply, embeddingsReply, reply, event, stream
    case httpRequest, httpResponse, events, json, media, forwarded

    func callAsFunction(_ input: [ByteBuffer]) {
        switch self {
        case .request: Runs.request(input)
        case .messages: Runs.messages(input)
        case .completions: Runs.completions(input)
        case .responses: Runs.responses(input)
        case .embeddings: Runs.embeddings(input)
        case .rerank: Runs.rerank(input)
        case .images: Runs.images(input)
        case .imageEdits: Runs.imageEdits(input)
        case .transcriptions: Runs.transcriptions(input)
        case .transcripts: Runs.transcripts(input)
        case .imagesReply: Runs.imagesReply(input)
        case .speech: Runs.speech(input)
        case .videos: Runs.videos(input)
        case .uploads: Runs.uploads(input)
        case .videosReply: Runs.videosReply(input)
        case .embeddingsReply: Runs.embeddingsReply(input)
        case .reply: Runs.reply(input)
        case .event: Runs.event(input)
        case .stream: Runs.stream(input)
        case .httpRequest: Runs.httpRequest(input)
        case .httpResponse: Runs.httpResponse(input)
        case .events: Runs.events(input)
        case .json: Runs.json(input)
        case .media: Runs.media(input)
        case .forwarded: Runs.forwarded(input)
        }
    }
}

/// What the laws do with their inputs.
private enum Runs {
    private static let translator = ChatRequestTranslator(catalog: ModelCatalog())
    private static let messagesTranslator = MessagesRequestTranslator(catalog: ModelCatalog())
    private static let proxies = try? AddressRangeList(["10.0.0.0/8"])

    static func request(_ input: [ByteBuffer]) {
        for body in input {
            guard let call = try? translator.translate(body, tape: JSONTape(), strict: false, created: 1) else {
                continue
            }
            _ = call.adjustments.headerValue
        }
    }

    static func speech(_ input: [ByteBuffer]) {
        for body in input {
            guard let request = try? speechTranslator.translate(body, tape: JSONTape(), strict: false) else { continue }
            _ = request.adjustments.headerValue
            for call in request.calls where call.operation.isSession {
                _ = SpeechMessages(call, task: "t-1").following
            }
        }
    }

    static func messages(_ input: [ByteBuffer]) {
        for body in input {
            _ = try? messagesTranslator.estimateTokens(body, tape: JSONTape())
            guard let call = try? messagesTranslator.translate(body, tape: JSONTape(), strict: false, created: 1) else {
                continue
            }
            _ = call.adjustments.headerValue
        }
    }

    private static let responsesTranslator = ResponsesRequestTranslator(catalog: ModelCatalog())
    private static let composer = ResponsesComposer(options: TranslationOptions())

    static func responses(_ input: [ByteBuffer]) {
        var turn = ResponsesTurn()
        turn.canStore = true
        for body in input {
            _ = try? responsesTranslator.estimateTokens(body, tape: JSONTape())
            if let references = try? composer.references(body, tape: JSONTape()), !references.isEmpty {
                _ = try? composer.compose(body, tape: JSONTape(), history: ByteBuffer(), items: [:])
            }
            guard
                let call = try? responsesTranslator.translate(
                    body,
                    tape: JSONTape(),
                    strict: false,
                    created: 1,
                    turn: turn
                )
            else { continue }
            _ = call.adjustments.headerValue
        }
    }

    private static let embeddingsTranslator = EmbeddingsTranslator(catalog: ModelCatalog())
    private static let rerankTranslator = RerankTranslator(catalog: ModelCatalog())
    private static let speechTranslator = SpeechTranslator(catalog: ModelCatalog())
    private static let imagesTranslator = ImagesTranslator(catalog: ModelCatalog())
    private static let imageEditsTranslator = ImageEditsTranslator(catalog: ModelCatalog())
    private static let videosTranslator = VideosTranslator(catalog: ModelCatalog())

    private static let completionsTranslator = CompletionsTranslator(catalog: ModelCatalog())

    static func completions(_ input: [ByteBuffer]) { split(input, completionsTranslator) }
    static func embeddings(_ input: [ByteBuffer]) { split(input, embeddingsTranslator) }
    static func rerank(_ input: [ByteBuffer]) { split(input, rerankTranslator) }
    static func images(_ input: [ByteBuffer]) { split(input, imagesTranslator) }
    static func imageEdits(_ input: [ByteBuffer]) { split(input, imageEditsTranslator) }
    static func videos(_ input: [ByteBuffer]) { split(input, videosTranslator) }

    private static let transcriptionTranslator = TranscriptionTranslator(catalog: ModelCatalog())
    static func transcriptions(_ input: [ByteBuffer]) { split(input, transcriptionTranslator) }

    static func transcripts(_ input: [ByteBuffer]) {
        let text = #"{"model":"sensevoice-v1","file":"https://e/a","response_format":"verbose_json"}"#
        let result = ByteBuffer(string: #"{"output":{"results":[{"transcription_url":"https://e/1.json"}]}}"#)
        for document in input {
            guard
                let request = try? transcriptionTranslator.translate(
                    ByteBuffer(string: text),
                    tape: JSONTape(),
                    strict: false,
                    created: 1
                ),
                let part = request.reply.makePart(0) as? any LinkedReply
            else { continue }
            var output = ByteBuffer()
            _ = result.withUnsafeReadableBytes { part.receive(whole: $0, tape: JSONTape(), into: &output) }
            part.take(document, ofLink: 0)
            _ = part.finish(into: &output)
        }
    }

    static func uploads(_ input: [ByteBuffer]) {
        let options = TranslationOptions()
        for body in input {
            _ = try? UploadCompletionRequest(body, tape: JSONTape(), options: options, maximumParts: .max)
            let request = try? UploadRequest(body, tape: JSONTape(), options: options, strict: false)
            _ = request?.adjustments.headerValue
        }
    }

    private static func split(_ input: [ByteBuffer], _ translator: any SplitTranslating) {
        for body in input {
            guard let request = try? translator.translate(body, tape: JSONTape(), strict: false, created: 1) else {
                continue
            }
            _ = request.adjustments.headerValue
        }
    }

    static func embeddingsReply(_ input: [ByteBuffer]) {
        splitReply(
            input,
            [
                (embeddingsTranslator, #"{"model":"qwen2.5-vl-embedding","input":"a","encoding_format":"base64"}"#),
                (
                    rerankTranslator,
                    #"{"model":"qwen3-rerank","query":"q","documents":["a","b"],"return_documents":true}"#
                ),
            ]
        )
    }

    static func imagesReply(_ input: [ByteBuffer]) {
        splitReply(input, [(imagesTranslator, #"{"model":"wan2.7-image","prompt":"a","enable_sequential":true}"#)])
    }

    static func videosReply(_ input: [ByteBuffer]) {
        splitReply(input, [(videosTranslator, #"{"model":"wan2.6-t2v","prompt":"a"}"#)])
    }

    private static func splitReply(_ input: [ByteBuffer], _ requests: [(any SplitTranslating, String)]) {
        for body in input {
            for (translator, text) in requests {
                guard
                    let request = try? translator.translate(
                        ByteBuffer(string: text),
                        tape: JSONTape(),
                        strict: false,
                        created: 1
                    )
                else { continue }
                let part = request.reply.makePart(0)
                var output = ByteBuffer()
                _ = body.withUnsafeReadableBytes { part.receive(whole: $0, tape: JSONTape(), into: &output) }
                _ = part.finish(into: &output)
            }
        }
    }

    private static var contexts: [any ReplyContext] {
        [
            MessagesReplyContext(model: "m", created: 1),
            ResponsesReplyContext(model: "m", created: 1),
            ChatReplyContext(model: "m", created: 1, choices: 4, customTools: ["f", "f1"]),
            ChatReplyContext(model: "m", created: 1, isCumulative: true),
        ]
    }

    static func reply(_ input: [ByteBuffer]) {
        // Repetition is a matter of streams.
        for context in contexts.prefix(3) {
            for body in input {
                let reply = context.makeReply(isStreamed: false)
                var output = ByteBuffer()
                _ = body.withUnsafeReadableBytes { reply.receive(whole: $0, tape: JSONTape(), into: &output) }
                _ = reply.finish(into: &output)
            }
        }
    }

    /// A reply that comes as one event, read in one way only: the reply itself is read in all.
    static func event(_ input: [ByteBuffer]) {
        stream(input, contexts: contexts.prefix(1))
    }

    static func stream(_ input: [ByteBuffer]) {
        stream(input, contexts: contexts[...])
        for isStreamed in [true, false] {
            let request = #"{"model":"qwen-plus","prompt":"a","n":4,"logprobs":5,"stream":\#(isStreamed)}"#
            guard
                let split = try? completionsTranslator.translate(
                    ByteBuffer(string: request),
                    tape: JSONTape(),
                    strict: false,
                    created: 1
                )
            else { continue }
            stream(input, to: split.reply.makePart(0))
        }
    }

    private static func stream(_ input: [ByteBuffer], contexts: ArraySlice<any ReplyContext>) {
        for context in contexts {
            for isStreamed in [true, false] { stream(input, to: context.makeReply(isStreamed: isStreamed)) }
        }
    }

    private static func stream(_ input: [ByteBuffer], to reply: any ReplyTranslating) {
        let tape = JSONTape()
        var decoder = ServerSentEventDecoder()
        var output = ByteBuffer()
        for bytes in input {
            decoder.append(bytes)
            while let event = try? decoder.next() {
                let outcome = event.data.withUnsafeReadableBytes {
                    reply.receive($0, isError: event.isError, status: event.status, tape: tape, into: &output)
                }
                if case .refused = outcome { return }
            }
        }
        _ = reply.finish(into: &output)
    }

    static func httpRequest(_ input: [ByteBuffer]) {
        var parser = HTTPRequestParser(maximumHeadBytes: 1 << 20, maximumFields: 1 << 20)
        for bytes in input {
            parser.append(bytes)
            while let event = try? parser.next() {
                if case .head(let head) = event { _ = head.headers.first(name: "authorization") }
            }
        }
    }

    static func httpResponse(_ input: [ByteBuffer]) {
        var parser = HTTPResponseParser()
        for bytes in input {
            parser.append(bytes)
            while let event = try? parser.next() {
                if case .head(let head) = event { _ = head.first("content-type") }
            }
        }
    }

    static func events(_ input: [ByteBuffer]) {
        var decoder = ServerSentEventDecoder()
        for bytes in input {
            decoder.append(bytes)
            while let event = try? decoder.next() { _ = event.status }
        }
    }

    static func json(_ input: [ByteBuffer]) {
        let tape = JSONTape()
        for bytes in input { bytes.withUnsafeReadableBytes { _ = try? tape.parse($0) } }
    }

    static func media(_ input: [ByteBuffer]) {
        var decoder = MediaDecoder()
        for bytes in input {
            var output = ByteBuffer()
            guard bytes.withUnsafeReadableBytes({ decoder.decode($0, into: &output) }) else { return }
        }
        _ = decoder.isComplete()
    }

    /// One read is one line of the header.
    static func forwarded(_ input: [ByteBuffer]) {
        guard let proxies else { return }
        let lines = input.map { String(buffer: $0) }
        let peer = ClientAddress(ipv4: 0x0A00_0001)
        for header in [ForwardingHeader.xForwardedFor, .forwarded] {
            _ = TrustedProxies(ranges: proxies, header: header)
                .client(peer: peer, forwardedFor: lines, forwarded: lines)
        }
    }
}
