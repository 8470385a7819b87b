package import APITranslation
import JSONBytes
package import NIOCore
import Telemetry
import Upstream

/// The text of `dashscope-gateway explain`: the native request, without the key, and the adjustments.
package enum Explanation {
    /// The endpoints whose requests can be explained.
    package enum Face: String, CaseIterable, Sendable {
        case chat, messages, responses, completions, embeddings, rerank, images, videos, speech, transcriptions
        case translations
        case imageEdits = "images-edits"

        /// How an error is told on this endpoint.
        package var errorForm: ErrorForm { self == .messages ? .anthropic : .openAI }
    }

    /// Translates a request as the server would.
    package static func make(
        of body: ByteBuffer,
        configuration: GatewayConfiguration,
        catalog: ModelCatalog,
        strict: Bool,
        face: Face = .chat
    ) throws(APIError) -> String {
        let translated = try translate(
            body,
            face,
            TranslationOptions(configuration),
            catalog,
            strict: strict || configuration.translation.strict
        )
        let base: UpstreamBaseURL
        do {
            base = try UpstreamBaseURL(configuration.upstream.baseURL)
        } catch {
            throw APIError(status: 500, message: error.description, type: "server_error", origin: .gateway)
        }
        var text = ""
        for call in translated.calls { write(call, configuration, base, into: &text) }
        if translated.adjustments.isEmpty {
            text += "No adjustments."
        } else {
            text += "Adjustments:\n"
            text += translated.adjustments.texts.map { "  \($0)" }.joined(separator: "\n")
        }
        if translated.folds {
            text += "\nThe upstream stream is folded into one answer."
        }
        return text
    }

    private static func write(
        _ call: NativeCall,
        _ configuration: GatewayConfiguration,
        _ base: UpstreamBaseURL,
        into text: inout String
    ) {
        let isSecure = configuration.upstream.baseURL.hasPrefix("https")
        let heads = UpstreamHeads(
            upstream: UpstreamConfiguration(host: base.host, port: base.port),
            pathPrefix: base.pathPrefix,
            // Their values may be secret.
            headers: configuration.upstream.headers.compactMap { try? UpstreamHeader(name: $0.name, value: "(set)") },
            workspace: configuration.upstream.workspace
        )
        if call.operation.isSession {
            text += "GET \(isSecure ? "wss" : "ws")://\(base.host):\(base.port)\(heads.target(of: call))\n"
            return write(session: call, heads, into: &text)
        }
        text += "POST \(isSecure ? "https" : "http")://\(base.host):\(base.port)\(base.pathPrefix)\(call.path)\n"
        let head = String(buffer: heads.lines(for: call)) + heads.defaultLines
        let lines = head.split(separator: "\r\n").dropFirst(2)
        text += lines.joined(separator: "\n")
        if call.resolvesOSS { text += "\nX-DashScope-OssResourceResolve: enable" }
        text += "\nAuthorization: Bearer (the caller's key)\n\n"
        var call = call
        call.complete(with: call.uploads.map { "oss://(uploaded before: \($0.byteCount) bytes of \($0.mediaType))" })
        text += String(buffer: call.body)
        text += "\n\n"
    }

    /// Writes the messages of a session over WebSocket, each on a line.
    private static func write(session call: NativeCall, _ heads: UpstreamHeads, into text: inout String) {
        text += heads.sessionLines.split(separator: "\r\n").joined(separator: "\n")
        text += "\nAuthorization: Bearer (the caller's key)\n\n"
        let messages = SpeechMessages(call, task: "(a new id)")
        for message in [messages.opening] + messages.following { text += String(buffer: message) + "\n" }
        text += "\n"
    }

    private struct Translated {
        var calls: [NativeCall]
        var adjustments: AdjustmentList
        /// Whether upstream streams and the client reads one answer.
        var folds = false

        init(_ call: ChatCall) {
            calls = [call.native]
            adjustments = call.adjustments
            folds = call.streamsUpstream && !call.streamsToClient
        }

        init(_ request: SpeechRequest) {
            calls = request.calls
            adjustments = request.adjustments
        }

        init(_ request: SplitRequest) {
            calls = request.calls
            adjustments = request.adjustments
            folds = !request.streamsToClient && request.calls.contains(where: \.streamsUpstream)
        }
    }

    private static func translate(
        _ body: ByteBuffer,
        _ face: Face,
        _ options: TranslationOptions,
        _ catalog: ModelCatalog,
        strict: Bool
    ) throws(APIError) -> Translated {
        let (tape, created) = (JSONTape(), Timestamp.unixSeconds)
        func split(_ translator: some SplitTranslating) throws(APIError) -> Translated {
            Translated(try translator.translate(body, tape: tape, strict: strict, created: created))
        }
        return switch face {
        case .chat:
            Translated(
                try ChatRequestTranslator(catalog: catalog, options: options)
                    .translate(body, tape: tape, strict: strict, created: created)
            )
        case .messages:
            Translated(
                try MessagesRequestTranslator(catalog: catalog, options: options)
                    .translate(body, tape: tape, strict: strict, created: created)
            )
        case .responses:
            Translated(
                try ResponsesRequestTranslator(catalog: catalog, options: options)
                    .translate(body, tape: tape, strict: strict, created: created)
            )
        case .speech:
            Translated(
                try SpeechTranslator(catalog: catalog, options: options).translate(body, tape: tape, strict: strict)
            )
        case .completions: try split(CompletionsTranslator(catalog: catalog, options: options))
        case .embeddings: try split(EmbeddingsTranslator(catalog: catalog, options: options))
        case .rerank: try split(RerankTranslator(catalog: catalog, options: options))
        case .images: try split(ImagesTranslator(catalog: catalog, options: options))
        case .imageEdits: try split(ImageEditsTranslator(catalog: catalog, options: options))
        case .videos: try split(VideosTranslator(catalog: catalog, options: options))
        case .transcriptions: try split(TranscriptionTranslator(catalog: catalog, options: options))
        case .translations:
            try split(TranscriptionTranslator(catalog: catalog, options: options, purpose: .translation))
        }
    }
}
