import HTTPServing
import NIOHTTP1

/// `GET /api/v1/tasks/{id}` and `POST /api/v1/tasks/{id}/cancel`.
struct TaskEndpoints {
    static let folder = "/api/v1/tasks/"

    let tasks: TaskStore

    func reply(to request: HTTPRequest) -> EmulatorReply {
        let requestID = RequestID.make()
        do throws(Refusal) {
            try Envelope.checkKey(request)
            let key = request.headers.first(name: "authorization") ?? ""
            let parts = request.path.dropFirst(Self.folder.count).split(
                separator: "/",
                omittingEmptySubsequences: false
            )
            var document: JSON = ["request_id": .string(requestID)]
            switch (request.method, parts.count) {
            case ("GET", 1) where !parts[0].isEmpty:
                let (output, usage) = try tasks.query(String(parts[0]), key: key)
                document["output"] = output
                if let usage { document["usage"] = usage }
            case ("POST", 2) where parts[1] == "cancel": try tasks.cancel(String(parts[0]), key: key)
            default: throw Refusal(status: 404, code: "NotFound", message: "Request path not found.")
            }
            return EmulatorReply(
                status: 200,
                headers: ReplyHeaders.success(requestID: requestID, streams: false),
                body: document.bytes
            )
        } catch {
            return .refused(error, requestID: requestID)
        }
    }
}
