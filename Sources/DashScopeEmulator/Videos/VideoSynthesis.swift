import HTTPServing
import NIOHTTP1

/// The two interfaces that make films, which are made by tasks only.
struct VideoSynthesis {
    let path: VideoProfile.Path
    let configuration: EmulatorConfiguration
    let journal: RequestJournal
    let tasks: TaskStore

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

    private func reply(to http: HTTPRequest, body: JSON, requestID: String) throws(Refusal) -> EmulatorReply {
        guard let model = body["model"]?.string, !model.isEmpty else { throw .noModel }
        var request = OperationRequest(http, body: body, name: model, requestID: requestID, journal: journal)
        request.context.streams = false
        let faults = ReplyFault(context: request.context)
        if let reply = faults.early() { return reply }
        guard let profile = VideoProfile.named(request.model) else { throw .unknownModel }
        guard profile.path == path else { throw .wrongPath }
        guard http.headers.first(name: "X-DashScope-Async")?.lowercased() == "enable" else {
            throw Refusal(
                status: 403,
                code: "AccessDenied",
                message: "current user api does not support synchronous calls"
            )
        }
        let order = try VideoOrder(
            request,
            profile: profile,
            resolvesTemporaryURLs: http.headers.first(name: "X-DashScope-OssResourceResolve")?.lowercased() == "enable"
        )
        var failure: TaskFault?
        if case .task(let fault) = request.context.fault { failure = fault }
        if order.mixesModes { failure = .fails(code: "InvalidParameter") }
        let host = http.headers.first(name: "Host") ?? "127.0.0.1"
        let link = FilmFile.link(order, host: host, salt: requestID, fault: failure)
        let task = tasks.submit(
            TaskStore.Result(
                output: output(order, profile, link),
                usage: usage(order, profile),
                total: 1
            ),
            model: request.model,
            key: http.headers.first(name: "authorization") ?? "",
            fault: failure
        )
        return faults.whole(
            ["output": ["task_status": "PENDING", "task_id": .string(task)], "request_id": .string(requestID)],
            delay: request.context.slowDelay(configuration)
        )
    }

    private func output(_ order: VideoOrder, _ profile: VideoProfile, _ link: String) -> JSON {
        if profile.nestsResult { return ["results": ["video_url": .string(link)]] }
        var output: JSON = [:]
        if !order.prompt.isEmpty {
            output["orig_prompt"] = .string(order.prompt)
            if profile.tellsExtendedPrompt, order.extendsPrompt, profile.parameters.contains("prompt_extend") {
                output["actual_prompt"] = .string("In great detail: " + order.prompt)
            }
        }
        output["video_url"] = .string(link)
        return output
    }

    private func usage(_ order: VideoOrder, _ profile: VideoProfile) -> JSON {
        let seconds = JSON.int(order.seconds)
        switch profile.usage {
        case .old: return ["video_duration": seconds, "video_ratio": "standard", "video_count": 1]
        case .speech: return ["duration": .number(4.5), "size": "480*832", "fps": 16, "video_count": 1, "SR": 480]
        case .new, .kling:
            let given = order.hasVideo ? 4 : 0
            var usage: JSON = [
                "duration": .int(order.seconds + given), "input_video_duration": .int(given),
                "output_video_duration": seconds, "video_count": 1,
            ]
            usage["SR"] = profile.usage == .kling ? .string("\(order.lines)") : .int(order.lines)
            if profile.sizes != nil || profile.takesAnySize {
                usage["size"] = .string(order.size)
            } else if !profile.ratios.isEmpty {
                usage["ratio"] = .string(order.ratio)
            }
            if profile.media?["link"] != nil { usage["fps"] = 30 }
            return usage
        }
    }
}
