import APITranslation
import HTTPServing
import NIOHTTP1

/// One path the gateway answers.
struct Route: Sendable {
    enum Endpoint: Sendable {
        case service, health, ready, metrics, documentation, description, models, model(id: String), chatCompletions
    }

    /// Which listeners answer a path.
    enum Audience: Sendable {
        case callers
        /// The admin listener; the public ones, too, where there is no admin listener.
        case operators
        case everyone
    }

    /// The path as a label: without the caller's words.
    var pattern: String
    var method: HTTPMethod
    var audience: Audience
    var needsCaller: Bool
    private var endpoint: Endpoint

    private init(
        _ pattern: String,
        _ endpoint: Endpoint,
        method: HTTPMethod = .GET,
        audience: Audience = .callers,
        needsCaller: Bool = false
    ) {
        self.pattern = pattern
        self.endpoint = endpoint
        self.method = method
        self.audience = audience
        self.needsCaller = needsCaller
    }

    private static let all: [Route] = {
        var routes = [
            Route("/v1/chat/completions", .chatCompletions, method: .POST, needsCaller: true),
            Route("/v1/models/{model}", .model(id: ""), needsCaller: true),
            Route("preflight", .service, audience: .everyone),
            Route("/", .service),
            Route("/health", .health, audience: .everyone),
            Route("/ready", .ready, audience: .operators),
            Route("/metrics", .metrics, audience: .operators),
            Route("/docs", .documentation),
            Route("/openapi.json", .description),
            Route("/v1/models", .models, needsCaller: true),
            Route("other", .service, audience: .everyone),
        ]
        for index in routes.indices { routes[index].index = index }
        return routes
    }()

    private static let chat = all[0]
    private static let model = all[1]
    /// Questions of browsers, to whatever path.
    static let preflight = all[2]
    /// Paths there are none of.
    static let unknown = all[all.count - 1]

    private static let fixed = Dictionary(
        uniqueKeysWithValues: all.filter { $0.pattern.hasPrefix("/") && !$0.pattern.hasSuffix("}") }.map {
            ($0.pattern, $0)
        }
    )

    /// Every pattern there is: a closed set for metrics, whose last label is always `other`.
    static let patterns = all.map(\.pattern)

    /// Its place in ``patterns``.
    private(set) var index = 0

    static func find(_ path: String) -> Route? {
        // The path of nearly every request needs no hashing.
        if path == chat.pattern { return chat }
        if let route = fixed[path] { return route }
        if path.utf8.count > 1, path.hasSuffix("/"), let route = fixed[String(path.dropLast())] { return route }
        let prefix = "/v1/models/"
        if path.hasPrefix(prefix), let id = PercentEncoding.decode(path.dropFirst(prefix.count)), !id.isEmpty {
            var route = model
            route.endpoint = .model(id: id)
            return route
        }
        return nil
    }

    func allows(_ other: HTTPMethod) -> Bool {
        other == method || (method == .GET && other == .HEAD)
    }

    /// Whether requests are recorded only if the operator wants health checks in the log.
    var isHealthCheck: Bool {
        switch endpoint {
        case .health, .ready, .metrics: true
        default: false
        }
    }

    func answer(_ ticket: RequestTicket, caller: Caller?) {
        switch endpoint {
        case .service: ServiceInformation.answer(ticket)
        case .health: HealthEndpoints.answerHealth(ticket)
        case .ready: HealthEndpoints.answerReady(ticket)
        case .metrics: MetricsEndpoint.answer(ticket)
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
