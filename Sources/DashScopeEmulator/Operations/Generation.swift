import HTTPServing
import NIOCore
import NIOHTTP1

/// Both generation paths: conversations of text models and of multimodal ones.
struct Generation {
    let path: ModelProfile.Path
    let configuration: EmulatorConfiguration
    let journal: RequestJournal
    let files: FileStore
    /// Answers for models that make pictures; nil on the path of texts.
    var images: ImageSynthesis?
    /// Answers for models that speak; nil on the path of texts.
    var speech: SpeechSynthesis?

    /// Answers a request, in DashScope's order of checks.
    func reply(to http: HTTPRequest) -> EmulatorReply {
        let requestID = RequestID.make()
        do throws(Refusal) {
            try Envelope.checkKey(http)
            try Envelope.checkMethod(http)
            let body = try Envelope.readBody(http)
            if let images, let model = body["model"]?.string,
                ImageProfile.named((Fault.parse(model)?.base ?? model).lowercased()) != nil
            {
                return try images.reply(to: http, body: body, requestID: requestID)
            }
            if let speech, let model = body["model"]?.string,
                SpeechProfile.named((Fault.parse(model)?.base ?? model).lowercased()) != nil
            {
                return try speech.reply(to: http, body: body, requestID: requestID)
            }
            let request = try read(http, body: body, requestID: requestID)
            return reply(to: request, owner: http.headers.first(name: "Authorization") ?? "")
        } catch {
            return .refused(error, requestID: requestID)
        }
    }

    private func read(_ http: HTTPRequest, body: JSON, requestID: String) throws(Refusal) -> NativeRequest {
        guard let given = body["model"]?.string, !given.isEmpty else {
            throw .noModel
        }
        let parsed = Fault.parse(given)
        guard let model = ModelProfile(name: parsed?.base ?? given) else { throw .unknownModel }
        let request = NativeRequest(
            path: path,
            model: model,
            fault: parsed?.fault,
            streams: Envelope.asksForStream(http),
            body: body,
            hash: UInt64(stableHashOf: http.body.readableBytesView),
            keyHash: RequestJournal.keyHash(http.headers.first(name: "authorization") ?? ""),
            requestID: requestID
        )
        try Envelope.checkSynchronous(http)
        return request
    }

    private func reply(to given: NativeRequest, owner: String) -> EmulatorReply {
        var request = given
        if case .first(let count, let fault) = request.fault {
            request.fault = journal.isAmongFirst(count, of: request.hash) ? fault : nil
        }
        let faults = ReplyFault(context: request.context)
        if request.fault == .wrongPath {
            // This fault swaps the paths: only the one that the table does not name serves the model.
            request.model.path = request.model.path == .text ? .multimodal : .text
        }
        if request.model.isOnBothPaths { request.model.path = path }
        if path != request.model.path { return faults.delivery(of: .wrongPath) }
        if let reply = faults.early() { return reply }
        do throws(Refusal) {
            try RequestChecks(request: request).run()
            request.documents = try files.documents(of: request, owner: owner)
        } catch {
            return faults.delivery(of: error)
        }
        if request.model.kind == .deepResearch { return stream(DeepResearch(request: request).events(), request) }
        let cache = PrefixCache(request: request, knows: journal.knowsPrefix, remember: journal.rememberPrefix)
        let answer = AnswerComposer(request: request, cache: cache).answer()
        let renderer = ReplyRenderer(request: request, answer: answer)
        let reply =
            request.streams
            ? stream(renderer.events(), request)
            : faults.whole(renderer.whole(), delay: request.context.slowDelay(configuration))
        return request.fault == .loneSurrogate ? reply.withLoneSurrogates() : reply
    }

    private func stream(_ events: [JSON], _ request: NativeRequest) -> EmulatorReply {
        StreamFault(context: request.context, configuration: configuration).reply(events: events)
    }
}
