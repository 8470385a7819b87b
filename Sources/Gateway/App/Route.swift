import APITranslation
import NIOHTTP1

/// One path the gateway answers.
struct Route: Sendable {
    enum Endpoint: Sendable {
        case service, health, documentation, description, models, model(id: String), chatCompletions
    }

    /// The path as a label: without the caller's words.
    var pattern: String
    var method: HTTPMethod
    var needsCaller: Bool
    private var endpoint: Endpoint

    private static let fixed: [String: Route] = [
        "/": Route(pattern: "/", method: .GET, needsCaller: false, endpoint: .service),
        "/health": Route(pattern: "/health", method: .GET, needsCaller: false, endpoint: .health),
        "/docs": Route(pattern: "/docs", method: .GET, needsCaller: false, endpoint: .documentation),
        "/openapi.json": Route(pattern: "/openapi.json", method: .GET, needsCaller: false, endpoint: .description),
        "/v1/models": Route(pattern: "/v1/models", method: .GET, needsCaller: true, endpoint: .models),
        "/v1/chat/completions": chat,
    ]

    private static let chat = Route(
        pattern: "/v1/chat/completions",
        method: .POST,
        needsCaller: true,
        endpoint: .chatCompletions
    )

    static func find(_ path: String) -> Route? {
        // The path of nearly every request needs no hashing.
        if path == chat.pattern { return chat }
        if let route = fixed[path] { return route }
        if path.count > 1, path.hasSuffix("/"), let route = fixed[String(path.dropLast())] { return route }
        let prefix = "/v1/models/"
        if path.hasPrefix(prefix), let id = PercentEncoding.decode(path.dropFirst(prefix.count)), !id.isEmpty {
            return Route(pattern: "/v1/models/{model}", method: .GET, needsCaller: true, endpoint: .model(id: id))
        }
        return nil
    }

    func allows(_ other: HTTPMethod) -> Bool {
        other == method || (method == .GET && other == .HEAD)
    }

    func answer(_ ticket: RequestTicket, caller: Caller?) {
        switch endpoint {
        case .service: ServiceInformation.answer(ticket)
        case .health: ServiceInformation.answerHealth(ticket)
        case .documentation: Documentation.answerPage(ticket)
        case .description: Documentation.answerDescription(ticket)
        case .models: ModelsEndpoint.answerList(ticket)
        case .model(let id): ModelsEndpoint.answer(ticket, id: id)
        case .chatCompletions:
            guard let caller else { preconditionFailure("chat without a caller") }
            ChatRelay.begin(ticket, caller: caller)
        }
    }
}
