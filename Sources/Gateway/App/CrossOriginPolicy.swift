import NIOCore

/// Which web pages may read the gateway's answers; credentials are never allowed.
struct CrossOriginPolicy: Sendable {
    private let allowsAny: Bool
    private let origins: Set<String>
    /// Seconds a browser may keep the answer to a preflight.
    let maximumAge: Int64

    init(_ configuration: GatewayConfiguration.CORS) {
        allowsAny = configuration.origins.contains("*")
        origins = Set(configuration.origins.map { $0.lowercased() })
        maximumAge = configuration.maximumAge.nanoseconds / 1_000_000_000
    }

    /// The value of `Access-Control-Allow-Origin` for a page from `origin`, or nil where it may not read.
    func allowed(_ origin: String) -> String? {
        if allowsAny { return "*" }
        return origins.contains(origin.lowercased()) ? origin : nil
    }

    /// Whether answers differ by origin, which caches must know.
    var varies: Bool { !allowsAny }
}
