import APITranslation
package import NIOCore
package import Upstream

/// Everything an operator can set; ``SettingTable`` describes each setting.
package struct GatewayConfiguration: Sendable, Equatable {
    package struct Server: Sendable, Equatable {
        package var host = "0.0.0.0"
        package var port = 8000
        /// Listeners in place of host and port, as ``ListenAddress`` reads them.
        package var listen: [String] = []
        /// Event-loop threads; 0 means one for each core.
        package var workers = 0
        package var backlog = 1024
        package var reusePort = false
        /// Whether the listener at host and port expects the PROXY protocol.
        package var proxyProtocol = false
        package var trustedProxies: [String] = []
        package var forwardingHeader = "x-forwarded-for"
        package var maximumConnections = 16_384
        /// Zero is half of them.
        package var maximumConnectionsPerAddress = 0
        package var maximumBodyBytes = 32 << 20
        package var maximumUploadBytes = 1 << 30
        package var maximumFormParts = 64
        package var maximumBodyValues = 1_000_000
        /// Zero is a part of what the process may use.
        package var maximumBodyMemory = 0
        package var maximumHeaderBytes = 64 << 10
        package var maximumHeaderFields = 128
        package var maximumOpenRequests = 10_000
        package var handshakeTimeout = TimeAmount.seconds(10)
        package var headerTimeout = TimeAmount.seconds(30)
        package var bodyTimeout = TimeAmount.seconds(300)
        package var uploadTimeout = TimeAmount.hours(1)
        package var bodyIdleTimeout = TimeAmount.seconds(30)
        package var keepAliveTimeout = TimeAmount.seconds(75)
        package var writeStallTimeout = TimeAmount.seconds(120)
        package var versionHeader = "none"
    }

    package struct Admin: Sendable, Equatable {
        /// Listener of `/metrics` and `/ready`; they are on the public one where nil.
        package var listen: String?
    }

    package struct TLS: Sendable, Equatable {
        package var certificate: String?
        package var key: String?
        package var http2 = true
        package var http2Streams = 100
    }

    package struct Callers: Sendable, Equatable {
        /// Whether a request without a key is sent with the server's own.
        package var mayOmitKey = false
        /// Whether the workspace and inspection headers of a caller with its own key replace the operator's.
        package var decideHeaders = true
        package var hashKey: String?
    }

    package struct Access: Sendable, Equatable {
        package var allow: [String] = []
        package var deny: [String] = []
    }

    package struct CORS: Sendable, Equatable {
        package var origins = ["*"]
        package var maximumAge = TimeAmount.seconds(86_400)
    }

    /// Bounds of one scope; nil is no bound.
    package struct Limit: Sendable, Equatable {
        package var requestsPerMinute: Int?
        package var burst: Int?
        package var concurrentRequests: Int?
        package var tokensPerMinute: Int?
    }

    package struct Limits: Sendable, Equatable {
        package var caller = Limit()
        package var address = Limit()
        package var overall = Limit()
        package var maximumTracked = 50_000
        package var queueLength = 0
        package var queuePerCaller = 16
        package var queueTimeout = TimeAmount.seconds(10)
    }

    package struct Upstream: Sendable, Equatable {
        package var baseURL = "https://dashscope.aliyuncs.com"
        /// The server's own key, and the file that holds it.
        package var key: String?
        package var keyFile: String?
        /// PEM file of trusted certificates; the system's store where nil.
        package var certificateAuthority: String?
        package var maximumConnections = 8192
        package var connectTimeout = TimeAmount.seconds(10)
        /// How long a call may wait until a connection is free or has been opened.
        package var connectionWaitTimeout = TimeAmount.seconds(30)
        package var firstEventTimeout = TimeAmount.seconds(300)
        package var idleTimeout = TimeAmount.seconds(120)
        package var totalTimeout = TimeAmount.seconds(3600)
        package var webSocket = WebSocket()
        /// Whole upstream answers larger than this are given up.
        package var maximumReplyBytes = 64 << 20
        /// Calls that one request makes at the same time.
        package var parallelCalls = 8
        package var maximumUploads = 32
        /// How long an unused connection is kept.
        package var keepAliveTimeout = TimeAmount.seconds(55)
        /// How long the rest of an answer is read whose client has its end.
        package var drainTimeout = TimeAmount.seconds(1)
        /// After this age a connection takes no further call, so that new addresses of the host are found.
        package var maximumConnectionAge = TimeAmount.minutes(5)
        /// The proxies of the environment; none unless they are read.
        package var proxies = UpstreamProxySettings()
        /// Header lines added to every call.
        package var headers: [UpstreamHeader] = []
        /// Sent as `X-DashScope-WorkSpace` for callers that name none.
        package var workspace: String?
        /// Whether the emulator that came with the gateway answers; no setting, the command line says so.
        package var isEmulated = false
        package var retry = RetryPolicy()
        package var breaker = CircuitBreaker.Limits()
    }

    /// Bounds of sessions over WebSocket.
    package struct WebSocket: Sendable, Equatable {
        package var maximumFrameBytes = 1 << 20
        package var maximumMessageBytes = 4 << 20
        /// How long upstream's answer to our close is waited for.
        package var closeTimeout = TimeAmount.seconds(2)
    }

    package struct Stream: Sendable, Equatable {
        /// Silence after which a stream's client gets a comment; none where zero.
        package var keepAliveInterval = TimeAmount.seconds(10)
        /// How long a stream whose choices have all ended waits for usage.
        package var finishGrace = TimeAmount.milliseconds(250)
        /// Streams of chat end with usage unless the request says otherwise.
        package var alwaysIncludeUsage = false
    }

    package struct Models: Sendable, Equatable {
        /// Whether `/v1/models` asks DashScope about the caller's key.
        package var verifyKeys = false
    }

    package struct Store: Sendable, Equatable {
        /// As ``StoreLocation`` reads it.
        package var url = "memory:"
        /// The largest size of the store; zero is as much as is usual for the engine.
        package var maximumBytes = 0
        /// How long an object is kept after its last change; zero is no bound.
        package var retention = TimeAmount.hours(24 * 30)
        /// How long a request waits for the store.
        package var timeout = TimeAmount.seconds(5)
    }

    /// Bounds of the responses that run without a client.
    package struct Background: Sendable, Equatable {
        package var maximumResponses = 64
        package var maximumPerCaller = 16
        /// Calls and events that they hold together.
        package var maximumBytes = 64 << 20
    }

    package struct Translation: Sendable, Equatable {
        /// Refuse instead of repairing, unless the request says otherwise.
        package var strict = false
        /// Whether `messages[].name` stands in front of the message's text.
        package var keepMessageNames = false
        /// The most inputs of one request for embeddings.
        package var maximumInputs = 2048
        /// The most prompts of one request for text completions.
        package var maximumPrompts = 128
        /// The most images of one request.
        package var maximumImages = 10
        /// The longest base64 of media that stands in the call of a conversation.
        package var maximumInlineBytes = FilePlacement.longestItem
        /// The model that puts transcripts into English.
        package var speechTranslationModel = "qwen-mt-flash"
    }

    package struct Speech: Sendable, Equatable {
        /// The longest text of one request.
        package var maximumCharacters = 40_960
        /// Whether a WAV file leaves before its length is known.
        package var streamWAV = false
    }

    package struct Tasks: Sendable, Equatable {
        var limits = TaskStateMachine.Limits()
        /// Queries of all tasks of the process.
        package var pollsPerSecond = 15
        /// The longest wait of a client's question about a task for its turn.
        package var clientWait = TimeAmount.seconds(5)
        /// How long an answer about a task is good for everybody who asks.
        package var answerAge = TimeAmount.seconds(1)
        /// The longest pause that clients are told.
        package var clientPoll = TimeAmount.seconds(15)
    }

    package struct Fetch: Sendable, Equatable {
        /// Hosts, and all below them, from which results are fetched.
        package var hosts = ["aliyuncs.com"]
        package var maximumBytes = 32 << 20
        package var timeout = TimeAmount.seconds(60)
    }

    /// What is remembered of requests with an `Idempotency-Key`.
    package struct Idempotency: Sendable, Equatable {
        package var maximumKeys = 10_000
        package var retention = TimeAmount.hours(24)
    }

    /// Bounds of uploads in parts, which are kept on disk.
    package struct Uploads: Sendable, Equatable {
        /// Where; the service's own folder or that of temporary files where nil.
        package var directory: String?
        /// The bytes of all parts together; zero is no uploads.
        package var maximumBytes = 2 << 30
        package var maximumPending = 256
        package var maximumParts = 1000
        package var lifetime = TimeAmount.hours(1)
    }

    package struct Drain: Sendable, Equatable {
        /// Time between not being ready and refusing connections.
        package var delay = TimeAmount.zero
        package var timeout = TimeAmount.seconds(30)
    }

    package struct Log: Sendable, Equatable {
        package var level = "info"
        package var format = "auto"
        /// Where request records go; standard output where nil.
        package var file: String?
        package var requests = true
        /// Of so many successful requests one is recorded.
        package var sampling = 1
        package var healthChecks = false
    }

    package var server = Server()
    package var admin = Admin()
    package var tls = TLS()
    package var callers = Callers()
    package var access = Access()
    package var cors = CORS()
    package var limits = Limits()
    package var upstream = Upstream()
    package var stream = Stream()
    package var models = Models()
    package var translation = Translation()
    package var speech = Speech()
    package var tasks = Tasks()
    package var fetch = Fetch()
    package var store = Store()
    package var background = Background()
    package var idempotency = Idempotency()
    package var uploads = Uploads()
    package var drain = Drain()
    package var log = Log()
    /// A JSON file that extends the model catalogue.
    package var catalogFile: String?

    package init() {}
}
