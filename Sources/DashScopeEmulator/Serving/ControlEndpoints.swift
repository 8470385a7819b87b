import HTTPServing

/// The endpoints under `/__emulator/`, with which tests ask about the emulator itself.
struct ControlEndpoints {
    static let prefix = "/__emulator/"

    let journal: RequestJournal
    let tasks: TaskStore
    let uploads: UploadStore
    let files: FileStore
    let batches: BatchStore

    func reply(to request: HTTPRequest) -> EmulatorReply {
        let json = [("content-type", "application/json")].map { (name: $0.0, value: $0.1) }
        switch (request.method, request.path.dropFirst(Self.prefix.count)) {
        case ("GET", "requests"): return EmulatorReply(status: 200, headers: json, body: journal.requestsDocument())
        case ("GET", "stats"):
            return EmulatorReply(status: 200, headers: json, body: journal.statisticsDocument().bytes)
        case ("GET", "files"):
            let stored: JSON = ["objects": uploads.document(), "files": files.document()]
            return EmulatorReply(status: 200, headers: json, body: stored.bytes)
        case ("GET", "tasks"): return EmulatorReply(status: 200, headers: json, body: tasks.document().bytes)
        case ("POST", "reset"):
            journal.reset()
            tasks.reset()
            uploads.reset()
            files.reset()
            batches.reset()
            return EmulatorReply(status: 200, headers: json, body: Array("{}".utf8))
        default:
            let refusal = Refusal(status: 404, code: "NotFound", message: "The emulator has no such endpoint.")
            return .refused(refusal, requestID: RequestID.make())
        }
    }
}
