import HTTPServing
import NIOCore
import NIOHTTP1

/// The checks that every operation makes before it reads its own fields.
enum Envelope {
    static func checkKey(_ request: HTTPRequest) throws(Refusal) {
        guard let header = request.headers.first(name: "Authorization"), !header.isEmpty else {
            throw Refusal(status: 401, code: "InvalidApiKey", message: "No API-key provided.")
        }
        let parts = header.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer", !parts[1].hasPrefix("sk-invalid") else {
            throw Refusal(status: 401, code: "InvalidApiKey", message: "Invalid API-key provided.")
        }
    }

    static func checkMethod(_ request: HTTPRequest) throws(Refusal) {
        guard request.method == "POST" else {
            throw .invalid("Request method '\(request.method)' is not supported.")
        }
    }

    static func checkSynchronous(_ request: HTTPRequest) throws(Refusal) {
        guard request.headers.first(name: "X-DashScope-Async")?.lowercased() == "enable" else { return }
        throw Refusal(
            status: 403,
            code: "AccessDenied",
            message: "current user api does not support asynchronous calls."
        )
    }

    static func readBody(_ request: HTTPRequest) throws(Refusal) -> JSON {
        let type = request.headers.first(name: "Content-Type")?.lowercased() ?? ""
        guard type.hasPrefix("application/json") else {
            throw .illegalInput("Content-Type must be application/json")
        }
        guard let body = JSON(bytes: request.body.readableBytesView), body.members != nil else {
            throw .invalid("Required body invalid, please check the request body format.")
        }
        return body
    }

    /// Either header alone turns the stream on, as recorded.
    static func asksForStream(_ request: HTTPRequest) -> Bool {
        request.headers.first(name: "X-DashScope-SSE")?.lowercased() == "enable"
            || request.headers["Accept"].contains { $0.lowercased().contains("text/event-stream") }
    }
}
