package import NIOCore

/// Why a call to upstream gave no complete answer.
package struct UpstreamError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Name resolution, refused connection.
        case unreachable
        /// The certificate is not trusted, or no version of TLS is common.
        case tlsFailed
        /// The certificate is trusted, but names another host.
        case certificateOfAnotherHost
        /// No connection, TLS and tunnel included, within the connect timeout.
        case connectTimeout
        /// The proxy on the way cannot be reached.
        case proxyUnreachable
        /// The proxy on the way wants other credentials: status 407.
        case proxyAuthentication
        /// The proxy on the way does not let us through.
        case proxyRefused
        /// The connection ended before the answer did.
        case connectionClosed
        /// The answer is not HTTP/1.1.
        case invalidResponse
        /// No connection became free in time, or too many calls wait for one.
        case poolExhausted
        /// This process or machine lacks what a connection needs: descriptors, ports, memory.
        case noResources
        /// The circuit breaker is open: upstream is not called for a while.
        case circuitOpen

        /// The word for it in metrics; a closed set.
        package var label: String {
            switch self {
            case .unreachable, .proxyUnreachable, .proxyAuthentication, .proxyRefused: "connect_error"
            case .tlsFailed, .certificateOfAnotherHost: "tls_error"
            case .connectTimeout: "timeout"
            case .connectionClosed: "closed"
            case .invalidResponse: "invalid_response"
            case .poolExhausted: "pool_full"
            case .noResources: "no_resources"
            case .circuitOpen: "circuit_open"
            }
        }
    }

    package var code: Code
    /// For the log: what the system said, without key or prompt.
    package var detail: String
    /// Nothing of the request can have been run, and the next try may end otherwise.
    package var isSafeToRepeat: Bool
    /// When the breaker lets the next call through.
    package var retryAfter: TimeAmount?

    package init(
        _ code: Code,
        detail: String = "",
        isSafeToRepeat: Bool = false,
        retryAfter: TimeAmount? = nil
    ) {
        self.code = code
        self.detail = detail
        self.isSafeToRepeat = isSafeToRepeat
        self.retryAfter = retryAfter
    }

    /// A proxy's refusal to make a connection, or to pass a request on.
    package static func proxyRefusal(status: Int) -> UpstreamError {
        guard status != 407 else { return UpstreamError(.proxyAuthentication, detail: "status 407") }
        // 502 to 504: the proxy lets us through, but does not reach upstream itself.
        return UpstreamError(.proxyRefused, detail: "status \(status)", isSafeToRepeat: (502...504).contains(status))
    }

    package var description: String { detail.isEmpty ? code.rawValue : "\(code.rawValue): \(detail)" }
}
