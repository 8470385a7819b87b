import APITranslation
/// Finds the route of a path.
enum RouteTable {
    /// A route and the decoded values of its parameters.
    typealias Match = (route: Route, parameters: [String])

    /// Every path the gateway serves, in the order of the documents.
    static let routes = EndpointList.all.enumerated().map { Route($0.element, index: $0.offset) }

    /// Those that documents name.
    static let listed = routes.filter(\.isListed)

    /// Questions of browsers, to whatever path.
    static let preflight = Route(
        RouteDescription(pattern: "preflight", audience: .everyone, endpoints: []),
        index: routes.count
    )
    /// Paths that are not served.
    static let unknown = Route(
        RouteDescription(pattern: "other", audience: .everyone, endpoints: []),
        index: routes.count + 1
    )
    /// The same for paths below Anthropic's.
    static let unknownMessages = Route(
        RouteDescription(pattern: "other", audience: .everyone, errorForm: .anthropic, endpoints: []),
        index: routes.count + 1
    )

    /// Every pattern there is: a closed set for metrics, whose last label is always `other`.
    static let patterns = routes.map(\.pattern) + [preflight.pattern, unknown.pattern]

    /// The path of nearly every request: it needs no hashing.
    private static let first = routes[0]
    private static let fixed = Dictionary(
        uniqueKeysWithValues: routes.filter { !$0.hasParameters }.map { ($0.pattern, $0) }
    )
    private static let parameterized = routes.filter(\.hasParameters)

    /// The route of a path as the client sent it, without its query.
    ///
    /// Paths may end in a slash, have doubled slashes, or begin with `/compatible-mode` as DashScope's own do;
    /// those of operators have one spelling, so that a proxy can keep them from others.
    static func find(_ path: String) -> Match? {
        if path == first.pattern { return (first, []) }
        if let match = findExactly(path) { return match }
        let spelled = callersSpelling(path)
        guard spelled != path, let match = findExactly(spelled), match.route.audience != .operators else { return nil }
        return match
    }

    private static func findExactly(_ path: String) -> Match? {
        if let route = fixed[path] { return (route, []) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for route in parameterized {
            if let parameters = route.match(path, parts) { return (route, parameters) }
        }
        return nil
    }

    /// The path without doubled slashes, a slash at its end, and DashScope's prefix.
    private static func callersSpelling(_ path: String) -> String {
        let parts = path.split(separator: "/")
        let rest = parts.first == "compatible-mode" ? parts.dropFirst() : parts[...]
        return "/" + rest.joined(separator: "/")
    }

    /// The route for paths that are not served.
    static func unknown(_ path: String) -> Route {
        let isMessages = path == "/v1/complete" || path.hasPrefix("/v1/messages/") || path == "/v1/messages"
        return isMessages ? unknownMessages : unknown
    }
}
