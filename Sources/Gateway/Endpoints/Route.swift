import APITranslation
import NIOHTTP1
import WireFormats

/// One path the gateway serves, with an endpoint for each of its methods.
final class Route: Sendable {
    /// Which listeners answer a path.
    enum Audience: Sendable {
        case callers
        /// The admin listener; the public ones, too, where there is no admin listener.
        case operators
        case everyone
    }

    /// The path as a label: without the caller's words, a parameter as `{name}`.
    let pattern: String
    let audience: Audience
    /// The dialect of errors on this path.
    let errorForm: ErrorForm
    /// Whether clients of Anthropic ask here as well: those that send `anthropic-version` get Anthropic's form.
    let isSharedWithAnthropic: Bool
    /// Whether requests are recorded only if the operator wants health checks in the log.
    let isHealthCheck: Bool
    /// Whether the path is answered whatever the access lists say.
    let passesAccessLists: Bool
    /// Whether documents name the path; the files of a page are no endpoints of the API.
    let isListed: Bool
    let endpoints: [Endpoint]
    /// The value of `Allow`.
    let allow: String
    /// Its place in ``RouteTable/patterns``.
    let index: Int
    private let segments: [Substring]
    /// Whether the last parameter takes the rest of the path, slashes included.
    private let takesRest: Bool

    init(_ description: RouteDescription, index: Int) {
        pattern = description.pattern
        audience = description.audience
        errorForm = description.errorForm
        isSharedWithAnthropic = description.isSharedWithAnthropic
        isHealthCheck = description.isHealthCheck
        passesAccessLists = description.passesAccessLists
        isListed = description.isListed
        endpoints = description.endpoints
        allow = description.endpoints.map(\.method.rawValue).joined(separator: ", ")
        self.index = index
        segments = description.pattern.split(separator: "/", omittingEmptySubsequences: false)
        takesRest = description.takesRest
    }

    var hasParameters: Bool { pattern.utf8.contains(UInt8(ascii: "{")) }

    /// The endpoint for a method; `HEAD` is answered where `GET` is.
    func endpoint(for method: HTTPMethod) -> Endpoint? {
        endpoints.first { $0.method == method || ($0.method == .GET && method == .HEAD) }
    }

    /// The values of the parameters where a path fits the pattern; `parts` are what stands between its slashes.
    func match(_ path: String, _ parts: [Substring]) -> [String]? {
        guard takesRest ? parts.count >= segments.count : parts.count == segments.count else { return nil }
        var values: [String] = []
        for (index, segment) in segments.enumerated() {
            if segment.utf8.first == UInt8(ascii: "{") {
                let isRest = takesRest && index == segments.count - 1
                let part = isRest ? path[parts[index].startIndex...] : parts[index]
                guard let value = PercentEncoding.decode(part), !value.isEmpty else { return nil }
                values.append(value)
            } else if segment != parts[index] {
                return nil
            }
        }
        return values
    }
}

/// The entry of a path in ``RouteTable``.
struct RouteDescription: Sendable {
    var pattern: String
    var audience = Route.Audience.callers
    var errorForm = ErrorForm.openAI
    var isSharedWithAnthropic = false
    var isHealthCheck = false
    var passesAccessLists = false
    var takesRest = false
    var isListed = true
    var endpoints: [Endpoint]
}
