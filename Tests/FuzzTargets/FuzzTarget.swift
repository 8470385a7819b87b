import NIOCore

/// What is fed with bytes by the fuzzer, and with the committed corpora by the unit tests.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case httpRequest = "http-request"
    case httpResponse = "http-response"
    case http1 = "http1-connection"
    case http2 = "http2-connection"
    case proxyHeader = "proxy-header"
    case forwardedFor = "forwarded-for"
    case json
    case events
    case multipart
    case chatRequest = "chat-request"
    case chatReply = "chat-reply"
    case messagesRequest = "messages-request"
    case completionsRequest = "completions-request"
    case responsesRequest = "responses-request"
    case embeddingsRequest = "embeddings-request"
    case rerankRequest = "rerank-request"
    case imagesRequest = "images-request"
    case transcriptionsRequest = "transcriptions-request"
    case videosRequest = "videos-request"
    case uploadsRequest = "uploads-request"
    case embeddingsReply = "embeddings-reply"
    case imagesReply = "images-reply"
    case transcripts
    case videosReply = "videos-reply"
    case speechRequest = "speech-request"
    case speechReply = "speech-reply"
    case speechSession = "speech-session"
    case wave

    /// Feeds one input; returns the law that it breaks, if it does.
    ///
    /// Traps are for the caller to see.
    package func run(_ bytes: UnsafeRawBufferPointer) -> String? {
        switch self {
        case .httpRequest: RequestParserTarget.run(ByteBuffer(bytes: bytes))
        case .httpResponse: ResponseParserTarget.run(ByteBuffer(bytes: bytes))
        case .http1: ConnectionTarget.http1(ByteBuffer(bytes: bytes))
        case .http2: ConnectionTarget.http2(ByteBuffer(bytes: bytes))
        case .proxyHeader: ConnectionTarget.proxyHeader(ByteBuffer(bytes: bytes))
        case .forwardedFor: ForwardedTarget.run(String(decoding: bytes, as: UTF8.self))
        case .json: JSONTarget.run(bytes)
        case .events: EventTarget.run(ByteBuffer(bytes: bytes))
        case .multipart: MultipartTarget.run(ByteBuffer(bytes: bytes))
        case .chatRequest: ChatTarget.request(ByteBuffer(bytes: bytes))
        case .chatReply: ChatTarget.reply(ByteBuffer(bytes: bytes))
        case .messagesRequest: MessagesTarget.request(ByteBuffer(bytes: bytes))
        case .completionsRequest: SplitTarget.completions(ByteBuffer(bytes: bytes))
        case .responsesRequest: ResponsesTarget.request(ByteBuffer(bytes: bytes))
        case .embeddingsRequest: SplitTarget.embeddings(ByteBuffer(bytes: bytes))
        case .rerankRequest: SplitTarget.rerank(ByteBuffer(bytes: bytes))
        case .imagesRequest: SplitTarget.images(ByteBuffer(bytes: bytes))
        case .transcriptionsRequest: TranscriptTarget.request(ByteBuffer(bytes: bytes))
        case .transcripts: TranscriptTarget.document(ByteBuffer(bytes: bytes))
        case .videosRequest: SplitTarget.videos(ByteBuffer(bytes: bytes))
        case .uploadsRequest: UploadTarget.request(ByteBuffer(bytes: bytes))
        case .imagesReply: SplitTarget.imagesReply(ByteBuffer(bytes: bytes))
        case .videosReply: SplitTarget.videosReply(ByteBuffer(bytes: bytes))
        case .speechRequest: SpeechTarget.request(ByteBuffer(bytes: bytes))
        case .speechReply: SpeechTarget.reply(ByteBuffer(bytes: bytes))
        case .speechSession: SpeechTarget.session(ByteBuffer(bytes: bytes))
        case .wave: SpeechTarget.wave(ByteBuffer(bytes: bytes))
        case .embeddingsReply: SplitTarget.reply(ByteBuffer(bytes: bytes))
        }
    }
}

extension ByteBuffer {
    /// The same bytes in reads of one length.
    func pieces(of length: Int) -> [ByteBuffer] {
        var rest = self
        var pieces: [ByteBuffer] = []
        while rest.readableBytes > 0, let piece = rest.readSlice(length: min(length, rest.readableBytes)) {
            // A buffer of its own: nothing may be read behind its end.
            pieces.append(ByteBuffer(bytes: piece.readableBytesView))
        }
        return pieces
    }

    /// The same bytes at once, one by one, and in reads of a length that the bytes themselves choose.
    var divisions: [[ByteBuffer]] {
        let chosen = 2 + Int(readableBytesView.reduce(UInt8(0)) { $0 &+ $1 }) % 61
        var divisions = [pieces(of: max(1, readableBytes)), pieces(of: chosen)]
        if readableBytes <= 512 { divisions.append(pieces(of: 1)) }
        return divisions
    }
}
