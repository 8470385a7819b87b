import NIOHTTP1

/// One method of a path that the gateway serves.
///
/// Routing, `Allow`, preflight, `/openapi.json`, `/docs`, `GET /` and the table in README are made from these values.
struct Endpoint: Sendable {
    let method: HTTPMethod
    /// One sentence for people.
    let summary: String
    /// Whether a request needs a key; such requests hold a permit and pass the limits.
    let needsCaller: Bool
    /// The operation object of the OpenAPI description, as JSON, without the summary.
    let operation: String
    /// Whether the body goes to the endpoint in pieces, as it arrives, bounded by `server.maximumUploadBytes`.
    var streamsBody = false
    /// Answers a request; the caller is there where ``needsCaller`` says so.
    let answer: @Sendable (RequestTicket, Caller?) -> Void

    /// An endpoint that anyone may ask.
    static func open(
        _ method: HTTPMethod,
        _ summary: String,
        operation: String,
        answer: @escaping @Sendable (RequestTicket) -> Void
    ) -> Endpoint {
        Endpoint(method: method, summary: summary, needsCaller: false, operation: operation) { ticket, _ in
            answer(ticket)
        }
    }

    /// An endpoint for callers with a key.
    static func keyed(
        _ method: HTTPMethod,
        _ summary: String,
        operation: String,
        answer: @escaping @Sendable (RequestTicket, Caller) -> Void
    ) -> Endpoint {
        Endpoint(method: method, summary: summary, needsCaller: true, operation: operation) { ticket, caller in
            guard let caller else { preconditionFailure("\(summary): no caller") }
            answer(ticket, caller)
        }
    }

    /// An endpoint for callers with a key that takes its body in pieces: files pass through.
    static func streamed(
        _ method: HTTPMethod,
        _ summary: String,
        operation: String,
        answer: @escaping @Sendable (RequestTicket, Caller) -> Void
    ) -> Endpoint {
        var endpoint = keyed(method, summary, operation: operation, answer: answer)
        endpoint.streamsBody = true
        return endpoint
    }
}
