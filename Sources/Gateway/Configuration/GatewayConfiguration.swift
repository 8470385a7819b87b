import Logging
package import NIOCore
package import Upstream

/// Everything an operator can set, read once at the start.
package struct GatewayConfiguration: Sendable {
    package struct Server: Sendable {
        package var host = "0.0.0.0"
        package var port = 8000
        /// Event-loop threads; 0 means one for each core.
        package var workers = 0
        package var maximumBodyBytes = 32 << 20
        package var maximumHeaderBytes = 64 << 10
        package var maximumOpenRequests = 10_000
        package var headerTimeout = TimeAmount.seconds(30)
        package var bodyTimeout = TimeAmount.seconds(300)
        package var keepAliveTimeout = TimeAmount.seconds(75)
        package var drainTimeout = TimeAmount.seconds(30)
    }

    package struct Upstream: Sendable {
        package var baseURL = "https://dashscope.aliyuncs.com"
        /// PEM file of trusted certificates; the system's store where nil.
        package var certificateAuthority: String?
        package var maximumConnections = 8192
        package var connectTimeout = TimeAmount.seconds(10)
        package var firstEventTimeout = TimeAmount.seconds(300)
        package var idleTimeout = TimeAmount.seconds(120)
        package var totalTimeout = TimeAmount.seconds(3600)
        /// Whole upstream answers larger than this are given up.
        package var maximumReplyBytes = 64 << 20
        /// How long an unused connection is kept.
        package var keepAliveTimeout = TimeAmount.seconds(55)
        /// After this age a connection takes no further call, so that new addresses of the host are found.
        package var maximumConnectionAge = TimeAmount.minutes(5)
        /// The proxies of the environment; none unless they are read.
        package var proxies = UpstreamProxySettings()
        /// Header lines added to every call.
        package var headers: [UpstreamHeader] = []
        /// Sent as `X-DashScope-WorkSpace` for callers that name none.
        package var workspace: String?
        package var retry = RetryPolicy()
        package var breaker = CircuitBreaker.Limits()
    }

    package struct Stream: Sendable {
        /// Silence after which a stream's client gets a comment.
        package var keepAliveInterval = TimeAmount.seconds(10)
    }

    package struct Translation: Sendable {
        /// Refuse instead of repairing, unless the request says otherwise.
        package var strict = false
    }

    package struct Log: Sendable {
        package var level = "info"
        /// Where request records go; standard output where nil.
        package var file: String?
        package var requests = true
    }

    package var server = Server()
    package var upstream = Upstream()
    package var stream = Stream()
    package var translation = Translation()
    package var log = Log()
    /// A JSON file that extends the model catalogue.
    package var catalogFile: String?

    package init() {}
}
