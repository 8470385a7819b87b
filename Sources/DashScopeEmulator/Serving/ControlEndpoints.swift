import HTTPServing

/// The endpoints under `/__emulator/`, with which tests ask about the emulator itself.
struct ControlEndpoints {
    static let prefix = "/__emulator/"

    let journal: RequestJournal
    let tasks: TaskStore

    func reply(to request: HTTPRequest) -> EmulatorReply {
        let json = [("content-type", "application/json")].map { (name: $0.0, value: $0.1) }
        switch (request.method, request.path.dropFirst(Self.prefix.count)) {
        case ("GET", "requests"): return EmulatorReply(status: 200, headers: json, body: journal.requestsDocument())
        case ("GET", "stats"):
            return EmulatorReply(status: 200, headers: json, body: journal.statisticsDocument().bytes)
        case ("POST", "reset"):
            journal.reset()
            tasks.reset()
            return EmulatorReply(status: 200, headers: json, body: Array("{}".utf8))
        default:
            let refusal = Refusal(status: 404, code: "NotFound", message: "The emulator has no such endpoint.")
            return .refused(refusal, requestID: RequestID.make())
        }
    }
}
