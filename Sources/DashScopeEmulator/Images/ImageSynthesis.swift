import HTTPServing
import NIOHTTP1

/// The five interfaces that make pictures: one that answers at once, and four that make tasks.
struct ImageSynthesis {
    let path: ImageProfile.Path
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

    func reply(to http: HTTPRequest, body: JSON, requestID: String) throws(Refusal) -> EmulatorReply {
        guard let model = body["model"]?.string, !model.isEmpty else { throw .noModel }
        var request = OperationRequest(http, body: body, name: model, requestID: requestID, journal: journal)
        request.context.streams = false
        let faults = ReplyFault(context: request.context)
        if let reply = faults.early() { return reply }
        guard let profile = ImageProfile.named(request.model) else { throw .unknownModel }
        guard profile.paths.contains(path) else { throw .wrongPath }
        try checkMode(http)
        var order = try ImageOrder(request, path: path, profile: profile)
        let host = http.headers.first(name: "Host") ?? "127.0.0.1"
        // Without a seed nothing comes out twice.
        if order.seed == nil { order.seed = Int(UInt64(stableHashOf: Array(requestID.utf8)) % 1_000_000) }
        let pictures = Self.pictures(order, origin: "\(configuration.scheme)://\(host)", fault: request.context.fault)
        let answer = ImageAnswer(order: order, profile: profile, path: path, model: request.model, pictures: pictures)
        guard path.isAsynchronous else {
            var document: JSON = ["output": answer.output, "usage": answer.usage]
            document["request_id"] = .string(requestID)
            return faults.whole(document, delay: request.context.slowDelay(configuration))
        }
        var failure: TaskFault?
        if case .task(let fault) = request.context.fault { failure = fault }
        let task = tasks.submit(
            TaskStore.Result(output: answer.output, usage: answer.usage, total: order.count),
            model: request.model,
            key: http.headers.first(name: "authorization") ?? "",
            fault: failure
        )
        return faults.whole(
            ["output": ["task_status": "PENDING", "task_id": .string(task)], "request_id": .string(requestID)],
            delay: request.context.slowDelay(configuration)
        )
    }

    private func checkMode(_ http: HTTPRequest) throws(Refusal) {
        let isAsked = http.headers.first(name: "X-DashScope-Async")?.lowercased() == "enable"
        guard isAsked != path.isAsynchronous else { return }
        throw Refusal(
            status: 403,
            code: "AccessDenied",
            message: "current user api does not support \(isAsked ? "a" : "")synchronous calls"
        )
    }

    /// A link for each picture, good for a day.
    private static func pictures(_ order: ImageOrder, origin: String, fault: Fault?) -> [String] {
        (0..<order.count).map { place in
            let text = "\(order.prompt) \((order.seed ?? 0) + place) \(order.width)*\(order.height)"
            var name = String(UInt64(stableHashOf: Array(text.utf8)), radix: 16)
            var origin = origin
            if case .task(let fault) = fault {
                if fault == .linkElsewhere { origin = "http://files.example.com" }
                if fault == .linkMissing { name = "missing" }
                if fault == .linkRedirects { name = "redirect-\(name)" }
            }
            return "\(origin)\(PictureFile.folder)\(name).png?Expires=4102444800&Signature=abc%3D"
        }
    }
}
