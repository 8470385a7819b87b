#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import HTTPServing
import NIOHTTP1

/// The two interfaces that make speech of a text over HTTP, whole and as a stream.
struct SpeechSynthesis {
    let path: SpeechProfile.Path
    let configuration: EmulatorConfiguration
    let journal: RequestJournal

    /// Answers a request, in DashScope's order of checks.
    func reply(to http: HTTPRequest) -> EmulatorReply {
        let requestID = RequestID.make()
        do throws(Refusal) {
            try Envelope.checkKey(http)
            try Envelope.checkMethod(http)
            return try reply(to: http, body: try Envelope.readBody(http), requestID: requestID)
        } catch {
            return .refused(error, requestID: requestID)
        }
    }

    func reply(to http: HTTPRequest, body: JSON, requestID: String) throws(Refusal) -> EmulatorReply {
        guard let model = body["model"]?.string, !model.isEmpty else { throw .noModel }
        var request = OperationRequest(http, body: body, name: model, requestID: requestID, journal: journal)
        if request.model.isEmpty { request.model = path == .synthesizer ? "cosyvoice-v3-flash" : "qwen3-tts-flash" }
        try Envelope.checkSynchronous(http)
        let faults = ReplyFault(context: request.context)
        if let reply = faults.early() { return reply }
        guard let profile = SpeechProfile.named(request.model) else { throw .unknownModel }
        guard profile.path != .task, profile.path != .realtime else {
            throw Refusal(
                status: 403,
                code: "AccessDenied",
                message: "current user api does not support http call."
            )
        }
        guard profile.path == path else { throw .wrongPath }
        let order: SpeechOrder
        do throws(Refusal) {
            order = try SpeechOrder(request, profile: profile)
        } catch {
            return faults.delivery(of: error)
        }
        let answer = SpeechAnswer(
            order: order,
            profile: profile,
            context: request.context,
            host: http.headers.first(name: "Host") ?? "127.0.0.1"
        )
        guard request.context.streams else {
            return faults.whole(answer.whole(), delay: request.context.slowDelay(configuration))
        }
        return StreamFault(context: request.context, configuration: configuration).reply(events: answer.events())
    }
}

/// The sound of a request as the two interfaces tell of it.
private struct SpeechAnswer {
    let order: SpeechOrder
    let profile: SpeechProfile
    let context: ReplyContext
    let host: String

    private var file: SoundFile { SoundFile(order) }

    private var url: String {
        let host = context.fault == .task(.linkElsewhere) ? "files.example.com" : host
        let name = context.fault == .task(.linkMissing) ? "missing.png" : file.name
        return "http://\(host)\(SoundFile.folder)\(name)?Expires=4102444800&Signature=abc%3D"
    }

    private var usage: JSON { order.usage(profile) }

    private func audio(_ data: [UInt8], url: String? = nil) -> JSON {
        var audio: JSON = [
            "data": .string(Data(data).base64EncodedString()), "expires_at": 4_102_444_800,
            "id": .string("audio_\(context.requestID)"),
        ]
        if let url { audio["url"] = .string(url) }
        return audio
    }

    private func document(_ output: JSON, hasUsage: Bool) -> JSON {
        var document: JSON = ["output": output]
        if hasUsage { document["usage"] = context.fault == .usageEmpty ? .object([]) : usage }
        document["request_id"] = .string(context.requestID)
        return document
    }

    func whole() -> JSON {
        var output: JSON = ["finish_reason": "stop", "audio": audio([], url: url)]
        if profile.path == .multimodal {
            output["text"] = JSON.null
            output["choices"] = JSON.null
        }
        return document(output, hasUsage: true)
    }

    // MARK: - Streams

    func events() -> [JSON] {
        var events: [JSON] = []
        if profile.path == .synthesizer { events.append(sentence("sentence-begin", [], hasUsage: false)) }
        for piece in context.fault == .linkOnly ? [] : pieces {
            switch profile.path {
            case .multimodal:
                events.append(document(["audio": audio(piece), "finish_reason": "null"], hasUsage: true))
            default: events.append(sentence("sentence-synthesis", piece, hasUsage: false))
            }
        }
        if profile.path == .synthesizer { events.append(sentence("sentence-end", [], hasUsage: true)) }
        var last: JSON = ["audio": audio([], url: url), "finish_reason": "stop"]
        if profile.path == .synthesizer { last["sentence"] = ["words": []] }
        events.append(document(last, hasUsage: true))
        return events
    }

    /// The sound in pieces; a stream of samples may begin with a header or without.
    private var pieces: [[UInt8]] {
        let hasHeader = profile.path == .synthesizer || context.variant(8, of: 2) == 0
        return SoundFile.pieces(of: order.format == .wav && !hasHeader ? file.samples : file.stream())
    }

    private func sentence(_ type: String, _ piece: [UInt8], hasUsage: Bool) -> JSON {
        var output: JSON = [
            "type": .string(type), "finish_reason": "null", "sentence": ["index": 0, "words": []],
        ]
        if type == "sentence-synthesis" { output["audio"] = audio(piece) }
        if type == "sentence-end" { output["original_text"] = .string(order.text) }
        return document(output, hasUsage: hasUsage)
    }
}
