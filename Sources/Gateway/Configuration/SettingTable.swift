import NIOCore
import Upstream

/// Every setting of the gateway, in the order of the documentation.
///
/// The loader reads by it, `check-config` prints by it, `docs/configuration.md` is made of it.
package enum SettingTable {
    /// Settings that belong together, with the heading of their section.
    package struct Section: Sendable {
        package let title: String
        package let settings: [Setting]
    }

    package static let sections = [
        Section(title: "Listening", settings: listening),
        Section(title: "TLS", settings: tls),
        Section(title: "Bounds and time limits", settings: bounds),
        Section(title: "Callers and access", settings: callers),
        Section(title: "Limits", settings: limits),
        Section(title: "Upstream", settings: upstream),
        Section(title: "Translation and streams", settings: translation),
        Section(title: "Tasks and results", settings: tasks),
        Section(title: "Store", settings: storing),
        Section(title: "Background", settings: background),
        Section(title: "Files and batches", settings: files),
        Section(title: "Stopping", settings: stopping),
        Section(title: "Logs", settings: logs),
    ]

    package static let all = sections.flatMap(\.settings)

    private static let listening: [Setting] = [
        .text("server.host", \.server.host, "Address to listen on; `--host`.", alias: "HOST"),
        .integer(
            "server.port",
            \.server.port,
            0...65_535,
            "",
            "Port to listen on; 0 takes any free port; `--port`.",
            alias: "PORT"
        ),
        .list(
            "server.listen",
            \.server.listen,
            "Listeners in place of host and port: `http://0.0.0.0:8000`, `https://[::]:8443`, "
                + "`unix:/run/gateway.sock`, each with `?proxy-protocol=true` if a load balancer speaks that "
                + "protocol. Sockets that systemd hands over are served besides."
        ),
        .text(
            "admin.listen",
            \.admin.listen,
            "A listener for `/metrics`, `/ready` and `/health`, written as in `server.listen`; the public listeners "
                + "then answer `/metrics` and `/ready` with 404. Without this setting they are on the public "
                + "listeners."
        ),
        .integer(
            "server.workers",
            \.server.workers,
            0...1024,
            "threads",
            "Event-loop threads; 0 is one for each core the process may use; `--workers`."
        ),
        .integer(
            "server.backlog",
            \.server.backlog,
            1...65_535,
            "connections",
            "Connections that may wait in the kernel to be accepted."
        ),
        .flag("server.reusePort", \.server.reusePort, "Lets several processes listen on the same port (SO_REUSEPORT)."),
        .flag(
            "server.proxyProtocol",
            \.server.proxyProtocol,
            "The listener at host and port expects the PROXY protocol (v1 or v2) from the addresses in "
                + "`server.trustedProxies`."
        ),
        .list(
            "server.trustedProxies",
            \.server.trustedProxies,
            "Addresses and ranges of proxies that are trusted to name the client's address (`10.0.0.0/8`, "
                + "`fd00::/8`, or `unix` for the peers of Unix sockets). By default no proxy is trusted.",
            reloads: true
        ),
        .choice(
            "server.forwardingHeader",
            \.server.forwardingHeader,
            ["x-forwarded-for", "forwarded"],
            "The header in which these proxies name the client. The other one is passed on unread.",
            reloads: true
        ),
        .choice(
            "server.versionHeader",
            \.server.versionHeader,
            ["none", "major", "full"],
            "How much of the version the answers' header `x-gateway-version` shows.",
            reloads: true
        ),
    ]

    private static let tls: [Setting] = [
        .text(
            "tls.certificate",
            \.tls.certificate,
            "PEM file with the certificate chain. With it the listener at host and port speaks TLS. A reload reads "
                + "the file again; a change of the path needs a restart."
        ),
        .text("tls.key", \.tls.key, "PEM file with the private key."),
        .flag("tls.http2", \.tls.http2, "Offers HTTP/2 to TLS clients."),
        .integer(
            "tls.http2Streams",
            \.tls.http2Streams,
            1...10_000,
            "streams",
            "Streams that one HTTP/2 connection may have open at once; further ones are refused, and clients wait."
        ),
    ]

    private static let bounds: [Setting] = [
        .integer(
            "server.maximumConnections",
            \.server.maximumConnections,
            1...10_000_000,
            "connections",
            "Client connections that may be open; further ones are answered 503 with `retry-after` and closed. Fewer "
                + "are accepted if the limit of open files is too low for these and the connections to upstream: the "
                + "start raises the soft limit to the hard one and warns."
        ),
        .integer(
            "server.maximumConnectionsPerAddress",
            \.server.maximumConnectionsPerAddress,
            0...10_000_000,
            "connections",
            "Connections that one client address (IPv6: one /64) may have open; further ones are answered 503. 0 is "
                + "half of `server.maximumConnections`. Loopback, Unix sockets and `server.trustedProxies` have no "
                + "such bound."
        ),
        .integer(
            "server.maximumOpenRequests",
            \.server.maximumOpenRequests,
            1...10_000_000,
            "requests",
            "Requests that may be open at once; further ones get 503 with `retry-after`.",
            reloads: true
        ),
        .integer(
            "server.maximumBodyBytes",
            \.server.maximumBodyBytes,
            1024...(1 << 31),
            "bytes",
            "Largest request body; 413 above."
        ),
        .integer(
            "server.maximumUploadBytes",
            \.server.maximumUploadBytes,
            1024...1 << 40,
            "bytes",
            "Largest request body of the endpoints that pass files on while they arrive; 413 above. Such bodies are "
                + "not kept in memory.",
            reloads: true
        ),
        .integer(
            "server.maximumFormParts",
            \.server.maximumFormParts,
            1...10_000,
            "parts",
            "Largest number of parts of a form (`multipart/form-data`); 400 above.",
            reloads: true
        ),
        .integer(
            "server.maximumBodyValues",
            \.server.maximumBodyValues,
            1024...(1 << 31),
            "values",
            "Largest number of JSON values in a request body; 400 with the code `too_many_values` above. Each takes "
                + "up to 32 bytes while the body is translated.",
            reloads: true
        ),
        .integer(
            "server.maximumBodyMemory",
            \.server.maximumBodyMemory,
            0...1 << 40,
            "bytes",
            "Memory that all clients together may take: requests that have arrived, calls made of them, answers not "
                + "yet read by clients; 503 with `retry-after` above. 0 is a quarter of what the process may use "
                + "(machine and cgroup), at most 1 GiB. One address may take a quarter of it, or one larger request, "
                + "with the exceptions of `server.maximumConnectionsPerAddress`; an eighth is kept for requests "
                + "under 64 KiB."
        ),
        .integer(
            "server.maximumHeaderBytes",
            \.server.maximumHeaderBytes,
            1024...(1 << 20),
            "bytes",
            "Largest request head; 431 above."
        ),
        .integer(
            "server.maximumHeaderFields",
            \.server.maximumHeaderFields,
            16...10_000,
            "fields",
            "Largest number of header fields of an HTTP/1.1 request; 431 above."
        ),
        .seconds(
            "server.handshakeTimeout",
            \.server.handshakeTimeout,
            "From the opened connection to the end of the TLS handshake, and for the PROXY header before it."
        ),
        .seconds(
            "server.headerTimeout",
            \.server.headerTimeout,
            "From the opened connection, or the first byte of a request, to the end of its head."
        ),
        .seconds("server.bodyTimeout", \.server.bodyTimeout, "For the whole of a request body; 408 above."),
        .seconds(
            "server.uploadTimeout",
            \.server.uploadTimeout,
            "For the whole of a request body that is passed on while it arrives; 408 above."
        ),
        .seconds(
            "server.bodyIdleTimeout",
            \.server.bodyIdleTimeout,
            "For the next piece of a request body; 408 above."
        ),
        .seconds(
            "server.keepAliveTimeout",
            \.server.keepAliveTimeout,
            "How long a client connection may be idle between two requests."
        ),
        .seconds(
            "server.writeStallTimeout",
            \.server.writeStallTimeout,
            "A client that reads nothing of its answer for so long is disconnected."
        ),
    ]

    private static let callers: [Setting] = [
        .text(
            "upstream.key",
            \.upstream.key,
            "A DashScope key of the gateway's own. It is used only for requests without a key, and only if "
                + "`callers.mayOmitKey` is true.",
            reloads: true,
            isSecret: true,
            alias: "DASHSCOPE_API_KEY"
        ),
        .text(
            "upstream.keyFile",
            \.upstream.keyFile,
            "File that holds that key; a reload reads it again. Without this setting and `upstream.key`, the systemd credential "
                + "`dashscope-api-key` is used if there is one; it stays as it was at the start.",
            reloads: true,
            alias: "DASHSCOPE_API_KEY_FILE"
        ),
        .flag(
            "callers.mayOmitKey",
            \.callers.mayOmitKey,
            "Whether a request without a key is sent with the gateway's own key. Whoever reaches the port then "
                + "spends on that key.",
            reloads: true
        ),
        .flag(
            "callers.decideHeaders",
            \.callers.decideHeaders,
            "Whether `X-DashScope-WorkSpace` and `X-DashScope-DataInspection` of a caller replace the operator's "
                + "(`upstream.workspace`, `upstream.headers`). A caller that uses the gateway's own key cannot "
                + "replace them."
        ),
        .text(
            "callers.hashKey",
            \.callers.hashKey,
            "Secret under which callers' keys are hashed for logs and limits, at least 16 characters. With it a caller has "
                + "the same `key_id` after a restart and in every process, finds what it stored, and opens what was sealed for it; "
                + "without it, the secret is that of the store's file, or a random one made at the start.",
            isSecret: true
        ),
        .list(
            "access.allow",
            \.access.allow,
            "Addresses and ranges that may call; others get 403. An empty list allows all.",
            reloads: true
        ),
        .list(
            "access.deny",
            \.access.deny,
            "Addresses and ranges that may not call; wins over `access.allow`.",
            reloads: true
        ),
        .list(
            "cors.origins",
            \.cors.origins,
            "Origins whose pages may read answers; `*` is any origin. Credentials are never allowed.",
            reloads: true
        ),
        .seconds(
            "cors.maximumAge",
            \.cors.maximumAge,
            "How long a browser may keep the answer to a preflight.",
            from: 0,
            reloads: true
        ),
    ]

    private static let limits: [Setting] = [
        .bound(
            "limits.caller.requestsPerMinute",
            \.limits.caller.requestsPerMinute,
            "requests",
            "Requests a minute of each key; 429 above."
        ),
        .bound(
            "limits.caller.burst",
            \.limits.caller.burst,
            "requests",
            "How many of these requests may come at once; if not set, as many as a minute allows."
        ),
        .bound(
            "limits.caller.concurrentRequests",
            \.limits.caller.concurrentRequests,
            "requests",
            "Requests of each key that are answered at the same time; 429 above."
        ),
        .bound(
            "limits.caller.tokensPerMinute",
            \.limits.caller.tokensPerMinute,
            "tokens",
            "Tokens a minute of each key: estimated from the size of the request, settled by upstream's usage."
        ),
        .bound(
            "limits.address.requestsPerMinute",
            \.limits.address.requestsPerMinute,
            "requests",
            "Requests a minute of each client address; 429 above."
        ),
        .bound(
            "limits.address.burst",
            \.limits.address.burst,
            "requests",
            "How many of these requests may come at once; if not set, as many as a minute allows."
        ),
        .bound(
            "limits.address.concurrentRequests",
            \.limits.address.concurrentRequests,
            "requests",
            "Requests of each client address that are answered at the same time; 429 above."
        ),
        .bound(
            "limits.address.tokensPerMinute",
            \.limits.address.tokensPerMinute,
            "tokens",
            "Tokens a minute of each client address: estimated from the size of the request, settled by upstream's "
                + "usage."
        ),
        .bound(
            "limits.overall.requestsPerMinute",
            \.limits.overall.requestsPerMinute,
            "requests",
            "Requests a minute of the whole process; 429 above."
        ),
        .bound(
            "limits.overall.burst",
            \.limits.overall.burst,
            "requests",
            "How many of these requests may come at once; if not set, as many as a minute allows."
        ),
        .bound(
            "limits.overall.concurrentRequests",
            \.limits.overall.concurrentRequests,
            "requests",
            "Requests of the whole process that are answered at the same time; 429 above."
        ),
        .bound(
            "limits.overall.tokensPerMinute",
            \.limits.overall.tokensPerMinute,
            "tokens",
            "Tokens a minute of the whole process: estimated from the size of the request, settled by upstream's "
                + "usage."
        ),
        .integer(
            "limits.maximumTracked",
            \.limits.maximumTracked,
            16...10_000_000,
            "entries",
            "Keys, and as many addresses, whose use is remembered; the longest unused are forgotten.",
            reloads: true
        ),
        .integer(
            "limits.queueLength",
            \.limits.queueLength,
            0...1_000_000,
            "requests",
            "Requests that may wait for their turn instead of being refused, in each event loop; 0 refuses at once. "
                + "Callers are served in turn.",
            reloads: true
        ),
        .integer(
            "limits.queuePerCaller",
            \.limits.queuePerCaller,
            1...1_000_000,
            "requests",
            "How many of these waiting requests one caller may have.",
            reloads: true
        ),
        .seconds(
            "limits.queueTimeout",
            \.limits.queueTimeout,
            "How long a request may wait before it is refused.",
            reloads: true
        ),
    ]

    private static let upstream: [Setting] = [
        .text(
            "upstream.baseURL",
            \.upstream.baseURL,
            "DashScope's address, `https://dashscope-intl.aliyuncs.com` for international keys. A trailing `/api/v1` "
                + "is removed.",
            alias: "DASHSCOPE_BASE_URL"
        ),
        .text(
            "upstream.certificateAuthority",
            \.upstream.certificateAuthority,
            "PEM file with certificates to trust instead of the system's."
        ),
        .integer(
            "upstream.maximumConnections",
            \.upstream.maximumConnections,
            1...1_000_000,
            "connections",
            "Connections to upstream that may be open; further calls wait."
        ),
        .text(
            "upstream.httpsProxy",
            \.upstream.proxies.secure,
            "Proxy for an `https` upstream (`http://user:password@proxy:3128`); `HTTPS_PROXY` and `ALL_PROXY` of the "
                + "environment if not set.",
            isSecret: true
        ),
        .text(
            "upstream.httpProxy",
            \.upstream.proxies.plain,
            "Proxy for an `http` upstream; `HTTP_PROXY` and `ALL_PROXY` of the environment if not set.",
            isSecret: true
        ),
        .text(
            "upstream.noProxy",
            \.upstream.proxies.exceptions,
            "Hosts that are called directly: names, addresses, ranges; `NO_PROXY` of the environment if not set."
        ),
        .headers(
            "upstream.headers",
            \.upstream.headers,
            "Headers added to every call, each `Name: value`. Headers that the gateway writes itself cannot be "
                + "replaced."
        ),
        .text(
            "upstream.workspace",
            \.upstream.workspace,
            "`X-DashScope-WorkSpace` for callers that name none."
        ),
        .seconds(
            "upstream.keepAliveTimeout",
            \.upstream.keepAliveTimeout,
            "How long an unused connection is kept."
        ),
        .seconds(
            "upstream.maximumConnectionAge",
            \.upstream.maximumConnectionAge,
            "After this age a connection takes no further call, so that new addresses of the host are found."
        ),
        .integer(
            "upstream.retry.maximumAttempts",
            \.upstream.retry.maximumAttempts,
            1...10,
            "calls",
            "Calls for one request, the first included. A call is repeated only if the client has received nothing "
                + "and upstream refused before running it; 1 never repeats.",
            reloads: true
        ),
        .seconds(
            "upstream.retry.baseDelay",
            \.upstream.retry.baseDelay,
            "Upper bound of the first pause. The bound doubles for each further pause, and each pause is random "
                + "below it.",
            reloads: true
        ),
        .seconds(
            "upstream.retry.maximumDelay",
            \.upstream.retry.maximumDelay,
            "Longest pause; if upstream asks for a longer one, the refusal goes to the client.",
            reloads: true
        ),
        .seconds(
            "upstream.retry.deadline",
            \.upstream.retry.deadline,
            "No repetition begins later than this after the first call.",
            reloads: true
        ),
        .integer(
            "upstream.breaker.consecutiveFailures",
            \.upstream.breaker.consecutiveFailures,
            0...1_000_000,
            "failures",
            "Consecutive failures of connections or of upstream's edge that open the circuit breaker of an event "
                + "loop. Calls are then answered 503 with the reason. 0 never opens it."
        ),
        .integer(
            "upstream.breaker.recentFailures",
            \.upstream.breaker.recentFailures,
            1...1_000_000,
            "failures",
            "Recent failures that open the breaker if they are at least half of the calls."
        ),
        .seconds(
            "upstream.breaker.pause",
            \.upstream.breaker.pause,
            "First pause before a probe; it doubles with each probe that fails."
        ),
        .seconds("upstream.breaker.maximumPause", \.upstream.breaker.maximumPause, "Longest such pause."),
        .seconds("upstream.connectTimeout", \.upstream.connectTimeout, "For a connection, TLS included."),
        .seconds(
            "upstream.connectionWaitTimeout",
            \.upstream.connectionWaitTimeout,
            "How long a call may wait until a connection is free or has been opened; 503 above."
        ),
        .seconds(
            "upstream.drainTimeout",
            \.upstream.drainTimeout,
            "How long the end of an answer is awaited after its last event, so that the connection can be used "
                + "again; then the connection is closed."
        ),
        .seconds(
            "upstream.firstEventTimeout",
            \.upstream.firstEventTimeout,
            "From the call until its answer begins; 504 above.",
            reloads: true
        ),
        .seconds(
            "upstream.idleTimeout",
            \.upstream.idleTimeout,
            "Time without a complete event in a stream that has begun.",
            reloads: true
        ),
        .seconds(
            "upstream.totalTimeout",
            \.upstream.totalTimeout,
            "For a whole request, retries included.",
            reloads: true
        ),
        .integer(
            "upstream.maximumReplyBytes",
            \.upstream.maximumReplyBytes,
            1024...(1 << 31),
            "bytes",
            "Largest answer that is not a stream; a larger one ends with an error.",
            reloads: true
        ),
        .integer(
            "upstream.webSocket.maximumFrameBytes",
            \.upstream.webSocket.maximumFrameBytes,
            1024...(1 << 30),
            "bytes",
            "Largest frame of a session over WebSocket; a larger one ends the session with an error.",
            reloads: true
        ),
        .integer(
            "upstream.webSocket.maximumMessageBytes",
            \.upstream.webSocket.maximumMessageBytes,
            1024...(1 << 30),
            "bytes",
            "Largest message of a session over WebSocket, which may be made of several frames; a larger one ends the "
                + "session with an error.",
            reloads: true
        ),
        .seconds(
            "upstream.webSocket.closeTimeout",
            \.upstream.webSocket.closeTimeout,
            "How long the answer to a close is awaited before a session over WebSocket is cut.",
            reloads: true
        ),
        .integer(
            "upstream.parallelCalls",
            \.upstream.parallelCalls,
            1...256,
            "",
            "Calls that one request may make at the same time when its inputs are divided among several calls, and uploads of "
                + "its media.",
            reloads: true
        ),
        .integer(
            "upstream.maximumUploads",
            \.upstream.maximumUploads,
            1...1_000,
            "files",
            "Media of one request in JSON that are uploaded to DashScope's storage because its API does not take them inline; "
                + "400 above.",
            reloads: true
        ),
    ]

    private static let translation: [Setting] = [
        .flag(
            "translation.strict",
            \.translation.strict,
            "Refuses requests instead of repairing them, unless a request says otherwise.",
            reloads: true
        ),
        .flag(
            "translation.keepMessageNames",
            \.translation.keepMessageNames,
            "Whether `messages[].name`, which models do not know, is written before the message's text (`NAME: …`) "
                + "instead of being left out.",
            reloads: true
        ),
        .integer(
            "translation.maximumInputs",
            \.translation.maximumInputs,
            1...100_000,
            "",
            "Largest number of inputs of one request for embeddings. They are divided among calls; more are refused.",
            reloads: true
        ),
        .integer(
            "translation.maximumPrompts",
            \.translation.maximumPrompts,
            1...2048,
            "",
            "The most prompts of one request for text completions, each of which is a call; more are refused.",
            reloads: true
        ),
        .integer(
            "translation.maximumImages",
            \.translation.maximumImages,
            1...100,
            "",
            "The most images of one request, which are divided among calls; more are refused.",
            reloads: true
        ),
        .integer(
            "translation.maximumInlineBytes",
            \.translation.maximumInlineBytes,
            1_000...10_485_760,
            "bytes",
            "Longest base64 of media that goes into the call of a conversation or for embeddings; media with a longer one are uploaded to "
                + "DashScope's storage first.",
            reloads: true
        ),
        .integer(
            "speech.maximumCharacters",
            \.speech.maximumCharacters,
            1...1_000_000,
            "characters",
            "Longest text of one request for speech. A text that is longer than the model takes is divided among calls; one "
                + "that is longer than this is refused.",
            reloads: true
        ),
        .flag(
            "speech.streamWAV",
            \.speech.streamWAV,
            "Whether `wav` leaves as it is made, as other formats do: its header then does not say how long it is, which some "
                + "programs do not read. Otherwise it leaves when it is complete.",
            reloads: true
        ),
        .text(
            "translation.speechTranslationModel",
            \.translation.speechTranslationModel,
            "The model that puts transcripts into English, for `/v1/audio/translations`.",
            reloads: true
        ),
        .text(
            "catalog.file",
            \.catalogFile,
            "JSON file that extends the model catalogue and names aliases; a reload reads it again.",
            reloads: true
        ),
        .seconds(
            "stream.keepAliveInterval",
            \.stream.keepAliveInterval,
            "Silence after which the client of a stream gets a comment. 0 sends no comments; Messages then sends its "
                + "pings every 10 seconds.",
            from: 0,
            reloads: true
        ),
        .seconds(
            "stream.finishGrace",
            \.stream.finishGrace,
            "How long an answer whose choices have all ended waits for the usage, if the usage did not come with "
                + "them.",
            reloads: true
        ),
        .flag(
            "stream.alwaysIncludeUsage",
            \.stream.alwaysIncludeUsage,
            "Chat streams end with the usage if the request does not say whether they should: several agents ask for "
                + "it at OpenAI's own host only. `stream_options.include_usage: false` is obeyed.",
            reloads: true
        ),
        .flag(
            "models.verifyKeys",
            \.models.verifyKeys,
            "Lets `/v1/models` ask DashScope whether the key is valid: one call without charge, remembered for a "
                + "minute.",
            reloads: true
        ),
    ]

    private static let tasks: [Setting] = [
        .seconds(
            "tasks.timeout",
            \.tasks.limits.total,
            "For one asynchronous task of DashScope's, from its submission; then it is cancelled and the caller gets 504 with "
                + "its id.",
            reloads: true
        ),
        .seconds(
            "tasks.firstPoll",
            \.tasks.limits.firstPoll,
            "Pause before a task is asked for the first time; it doubles with each query, a quarter more by chance.",
            reloads: true
        ),
        .seconds("tasks.maximumInterval", \.tasks.limits.maximumInterval, "Longest such pause.", reloads: true),
        .seconds(
            "tasks.pollTimeout",
            \.tasks.limits.pollTimeout,
            "For one query; then it counts as failed.",
            reloads: true
        ),
        .integer(
            "tasks.maximumPollErrors",
            \.tasks.limits.maximumErrors,
            1...1000,
            "queries",
            "Failed queries in a row after which a task is given up; it is not cancelled, and the caller gets its id.",
            reloads: true
        ),
        .integer(
            "tasks.pollsPerSecond",
            \.tasks.pollsPerSecond,
            1...100_000,
            "queries",
            "Queries a second of all tasks of the process; DashScope allows an account 20.",
            reloads: true
        ),
        .seconds(
            "tasks.clientWait",
            \.tasks.clientWait,
            "Longest wait for a turn of a client that asks for a task itself; 429 with `retry-after` above.",
            reloads: true
        ),
        .seconds(
            "tasks.answerAge",
            \.tasks.answerAge,
            "How long an answer about a task is given to all clients that ask for it with the same key.",
            from: 0,
            reloads: true
        ),
        .seconds(
            "tasks.clientPoll",
            \.tasks.clientPoll,
            "Longest pause that clients are told to make before they ask for a video again (`openai-poll-after-ms`).",
            reloads: true
        ),
        .list(
            "fetch.hosts",
            \.fetch.hosts,
            "Hosts, with all below them, from which results are fetched that belong into an answer (`b64_json`): by `https` "
                + "only, and never from a private address. The host of `upstream.baseURL` is always allowed.",
            reloads: true
        ),
        .integer(
            "fetch.maximumBytes",
            \.fetch.maximumBytes,
            1024...(1 << 31),
            "bytes",
            "Largest file that is fetched so.",
            reloads: true
        ),
        .seconds("fetch.timeout", \.fetch.timeout, "For one such file, redirects included.", reloads: true),
    ]

    private static let storing: [Setting] = [
        .text(
            "store.url",
            \.store.url,
            "Where responses and conversations are kept: `memory:` until the process ends, `none` keeps nothing, "
                + "`sqlite:PATH` in a file that outlives the process; `sqlite:` alone is `gateway.db` in "
                + "`$STATE_DIRECTORY`, or in the working folder if that is not set.",
            check: StoreLocation.problem
        ),
        .integer(
            "store.maximumBytes",
            \.store.maximumBytes,
            0...(1 << 40),
            "bytes",
            "Largest size of the store. The objects that were used longest ago are forgotten first; a caller that "
                + "has more than a quarter of the store loses its own. 0 is 64 MiB in memory, 1 GiB in a file.",
            reloads: true
        ),
        .seconds(
            "store.retention",
            \.store.retention,
            "How long a response or conversation is kept after its last change; 0 keeps it until the space is needed.",
            from: 0,
            to: 3_153_600_000,
            reloads: true
        ),
        .seconds(
            "store.timeout",
            \.store.timeout,
            "How long a request waits for the store before it is refused. An answer that cannot be stored in time is "
                + "given nevertheless, and the failure is logged.",
            reloads: true
        ),
    ]

    private static let background: [Setting] = [
        .integer(
            "background.maximumResponses",
            \.background.maximumResponses,
            0...1_000_000,
            "responses",
            "Responses with `background: true` that run at the same time; one more is a 429. 0 refuses all.",
            reloads: true
        ),
        .integer(
            "background.maximumPerCaller",
            \.background.maximumPerCaller,
            0...1_000_000,
            "responses",
            "Those of one key.",
            reloads: true
        ),
        .integer(
            "background.maximumBytes",
            \.background.maximumBytes,
            0...(1 << 40),
            "bytes",
            "What they hold together: requests until upstream has taken them, and events. A request beyond it is a 503; a "
                + "response whose events have no room goes on, and can be asked for but not streamed.",
            reloads: true
        ),
    ]

    private static let files: [Setting] = [
        .integer(
            "idempotency.maximumKeys",
            \.idempotency.maximumKeys,
            0...10_000_000,
            "keys",
            "How many values of `Idempotency-Key` on `POST /v1/files` and `POST /v1/batches` are remembered with the object "
                + "that the first request made; the oldest are forgotten first. Each takes about 1 KiB.",
            reloads: true
        ),
        .seconds(
            "idempotency.retention",
            \.idempotency.retention,
            "How long such a key is remembered.",
            from: 0,
            reloads: true
        ),
        .text(
            "uploads.directory",
            \.uploads.directory,
            "Where the parts of `POST /v1/uploads` are kept until they are put together: in a folder that is made there with mode "
                + "0700, and removed at the end. Without this setting in `$STATE_DIRECTORY`, or with temporary files if that is "
                + "not set or cannot be written to."
        ),
        .integer(
            "uploads.maximumBytes",
            \.uploads.maximumBytes,
            0...1 << 40,
            "bytes",
            "What all such parts may take on disk; 503 with `retry-after` above. One address may take a quarter of it, or one "
                + "larger upload (429), with the exceptions of `server.maximumConnectionsPerAddress`. 0 switches `/v1/uploads` off.",
            reloads: true
        ),
        .integer(
            "uploads.maximumPending",
            \.uploads.maximumPending,
            1...1_000_000,
            "uploads",
            "Uploads in parts that may be under way; 503 with `retry-after` above. One address may have a quarter of them (429).",
            reloads: true
        ),
        .integer(
            "uploads.maximumParts",
            \.uploads.maximumParts,
            1...100_000,
            "parts",
            "Largest number of parts of one upload; 400 above.",
            reloads: true
        ),
        .seconds(
            "uploads.lifetime",
            \.uploads.lifetime,
            "How long an upload in parts may take; then its parts are removed.",
            from: 1,
            reloads: true
        ),
    ]

    private static let stopping: [Setting] = [
        .seconds(
            "drain.delay",
            \.drain.delay,
            "Time between answering `/ready` with 503 and refusing connections, for load balancers to notice.",
            from: 0,
            reloads: true
        ),
        .seconds(
            "drain.timeout",
            \.drain.timeout,
            "How long open requests and streams may take to finish; those left then end with an error event.",
            from: 0,
            reloads: true
        ),
    ]

    private static let logs: [Setting] = [
        .choice(
            "log.level",
            \.log.level,
            ["trace", "debug", "info", "notice", "warning", "error", "critical"],
            "Lowest level that is written.",
            reloads: true
        ),
        .choice(
            "log.format",
            \.log.format,
            ["auto", "json", "text"],
            "JSON lines, or text with every field; `auto` is JSON, and short lines on a terminal."
        ),
        .text(
            "log.file",
            \.log.file,
            "File for request records, reopened on SIGHUP; standard output if not set."
        ),
        .flag("log.requests", \.log.requests, "Whether a record is written for each request.", reloads: true),
        .integer(
            "log.sampling",
            \.log.sampling,
            1...1_000_000,
            "requests",
            "Of so many successful requests one is recorded, on each event loop; its record says `sampling`. Failed ones are "
                + "recorded all, and metrics count every request.",
            reloads: true
        ),
        .flag(
            "log.healthChecks",
            \.log.healthChecks,
            "Whether `/health`, `/ready` and `/metrics` are recorded, too.",
            reloads: true
        ),
    ]
}
