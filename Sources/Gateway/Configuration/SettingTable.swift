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
        Section(title: "Store", settings: storing),
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
            "Port to listen on, 0 takes any free one; `--port`.",
            alias: "PORT"
        ),
        .list(
            "server.listen",
            \.server.listen,
            "Listeners in place of host and port: `http://0.0.0.0:8000`, `https://[::]:8443`, `unix:/run/gateway.sock`, "
                + "each with `?proxy-protocol=true` where a load balancer speaks it. Sockets handed over by systemd "
                + "come before all of these."
        ),
        .text(
            "admin.listen",
            \.admin.listen,
            "A listener for `/metrics`, `/ready` and `/health`, written as in `server.listen`; the public listeners then "
                + "answer `/metrics` and `/ready` with 404. Without it they are on the public listeners."
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
            "Connections the kernel keeps waiting."
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
            "Addresses and ranges (`10.0.0.0/8`, `fd00::/8`, or `unix` for the peers of Unix sockets) whose word about the "
                + "client's address is believed. Nothing is believed otherwise.",
            reloads: true
        ),
        .choice(
            "server.forwardingHeader",
            \.server.forwardingHeader,
            ["x-forwarded-for", "forwarded"],
            "The header in which they write it; the other one passes as the client sent it and is not read.",
            reloads: true
        ),
        .choice(
            "server.versionHeader",
            \.server.versionHeader,
            ["none", "major", "full"],
            "What the answers' `x-gateway-version` tells.",
            reloads: true
        ),
    ]

    private static let tls: [Setting] = [
        .text(
            "tls.certificate",
            \.tls.certificate,
            "PEM file with the certificate chain. With it the listener at host and port speaks TLS. A reload reads the file "
                + "again; another path needs a restart."
        ),
        .text("tls.key", \.tls.key, "PEM file with the private key."),
        .flag("tls.http2", \.tls.http2, "Offers HTTP/2 to TLS clients."),
        .integer(
            "tls.http2Streams",
            \.tls.http2Streams,
            1...10_000,
            "streams",
            "Streams that one HTTP/2 connection may have open at once; those above are refused, and clients wait."
        ),
    ]

    private static let bounds: [Setting] = [
        .integer(
            "server.maximumConnections",
            \.server.maximumConnections,
            1...10_000_000,
            "connections",
            "Open client connections; one above is answered 503 with `retry-after` and closed. Fewer where the limit of "
                + "open files leaves no room beside the connections to upstream: the start raises the soft limit to the "
                + "hard one and warns."
        ),
        .integer(
            "server.maximumConnectionsPerAddress",
            \.server.maximumConnectionsPerAddress,
            0...10_000_000,
            "connections",
            "Open connections of one client address, IPv6 by /64; one above is answered 503. 0 is half of "
                + "`server.maximumConnections`. Loopback, Unix sockets and `server.trustedProxies` have no such bound."
        ),
        .integer(
            "server.maximumOpenRequests",
            \.server.maximumOpenRequests,
            1...10_000_000,
            "requests",
            "Requests being answered; one above gets 503 with `retry-after`.",
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
            "server.maximumBodyValues",
            \.server.maximumBodyValues,
            1024...(1 << 31),
            "values",
            "Most JSON values of a request body; 400 with the code `too_many_values` above. Each takes up to 32 bytes while "
                + "the body is translated.",
            reloads: true
        ),
        .integer(
            "server.maximumBodyMemory",
            \.server.maximumBodyMemory,
            0...1 << 40,
            "bytes",
            "Memory that all clients together may take: requests that have arrived, calls made of them, answers that are "
                + "not taken; 503 with `retry-after` above. 0 is a quarter of what the process may use (machine and "
                + "cgroup), at most 1 GiB. One address has a quarter of it, or one request that is larger, with the "
                + "exceptions of `server.maximumConnectionsPerAddress`; an eighth is kept for requests under 64 KiB."
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
            "Most header fields of an HTTP/1.1 request; 431 above."
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
            "server.bodyIdleTimeout",
            \.server.bodyIdleTimeout,
            "For the next piece of a request body; 408 above."
        ),
        .seconds("server.keepAliveTimeout", \.server.keepAliveTimeout, "Idle connection between two requests."),
        .seconds(
            "server.writeStallTimeout",
            \.server.writeStallTimeout,
            "A client that takes nothing of its answer for so long is disconnected."
        ),
    ]

    private static let callers: [Setting] = [
        .text(
            "upstream.key",
            \.upstream.key,
            "A DashScope key of the server's own. Used only for requests without a key, and only if `callers.mayOmitKey` "
                + "says so.",
            reloads: true,
            isSecret: true,
            alias: "DASHSCOPE_API_KEY"
        ),
        .text(
            "upstream.keyFile",
            \.upstream.keyFile,
            "File that holds that key. Without it, the systemd credential `dashscope-api-key` is looked for.",
            reloads: true
        ),
        .flag(
            "callers.mayOmitKey",
            \.callers.mayOmitKey,
            "Whether a request without a key is sent with the server's own. Whoever reaches the port then spends on it.",
            reloads: true
        ),
        .flag(
            "callers.decideHeaders",
            \.callers.decideHeaders,
            "Whether `X-DashScope-WorkSpace` and `X-DashScope-DataInspection` of a caller replace the operator's "
                + "(`upstream.workspace`, `upstream.headers`). A caller that uses the server's key never sets them."
        ),
        .text(
            "callers.hashKey",
            \.callers.hashKey,
            "Secret under which callers' keys are hashed for logs and limits, at least 16 characters. With it a caller has "
                + "the same `key_id` after a restart and in every process; without it, a random one is made at the start.",
            isSecret: true
        ),
        .list(
            "access.allow",
            \.access.allow,
            "Addresses and ranges that may call; empty allows all. Others get 403.",
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
            "Origins whose pages may read answers; `*` is any. Credentials are never allowed.",
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
            "How many of them may come at once; as many as a minute allows where not set."
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
            "How many of them may come at once; as many as a minute allows where not set."
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
            "Tokens a minute of each client address: estimated from the size of the request, settled by upstream's usage."
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
            "How many of them may come at once; as many as a minute allows where not set."
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
            "Tokens a minute of the whole process: estimated from the size of the request, settled by upstream's usage."
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
            "How many of them one caller may have.",
            reloads: true
        ),
        .seconds(
            "limits.queueTimeout",
            \.limits.queueTimeout,
            "How long one may wait before it is refused.",
            reloads: true
        ),
    ]

    private static let upstream: [Setting] = [
        .text(
            "upstream.baseURL",
            \.upstream.baseURL,
            "DashScope's address, `https://dashscope-intl.aliyuncs.com` for international keys. A pasted `/api/v1` is taken "
                + "off.",
            alias: "DASHSCOPE_BASE_URL"
        ),
        .text(
            "upstream.certificateAuthority",
            \.upstream.certificateAuthority,
            "PEM file of trusted certificates, instead of the system's."
        ),
        .integer(
            "upstream.maximumConnections",
            \.upstream.maximumConnections,
            1...1_000_000,
            "connections",
            "Open connections to upstream; calls above wait."
        ),
        .text(
            "upstream.httpsProxy",
            \.upstream.proxies.secure,
            "Proxy for an `https` upstream (`http://user:password@proxy:3128`); `HTTPS_PROXY` and `ALL_PROXY` of the "
                + "environment where not set.",
            isSecret: true
        ),
        .text(
            "upstream.httpProxy",
            \.upstream.proxies.plain,
            "Proxy for an `http` upstream; `HTTP_PROXY` and `ALL_PROXY` of the environment where not set.",
            isSecret: true
        ),
        .text(
            "upstream.noProxy",
            \.upstream.proxies.exceptions,
            "Hosts that are called directly: names, addresses, ranges; `NO_PROXY` of the environment where not set."
        ),
        .headers(
            "upstream.headers",
            \.upstream.headers,
            "Headers added to every call, each `Name: value`. What the gateway writes itself cannot be replaced."
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
            "Calls for one request, the first included, as long as the client has seen nothing and upstream refused before "
                + "it ran; 1 never repeats.",
            reloads: true
        ),
        .seconds(
            "upstream.retry.baseDelay",
            \.upstream.retry.baseDelay,
            "Bound of the first pause; it doubles, and chance picks a part of it.",
            reloads: true
        ),
        .seconds(
            "upstream.retry.maximumDelay",
            \.upstream.retry.maximumDelay,
            "Longest pause; where upstream asks for more, the refusal goes to the client.",
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
            "Failures in a row of connections and of upstream's edge that open the circuit breaker of an event loop: calls "
                + "are then answered 503 with the reason; 0 never opens it."
        ),
        .integer(
            "upstream.breaker.recentFailures",
            \.upstream.breaker.recentFailures,
            1...1_000_000,
            "failures",
            "Recent failures that open it where they are at least half of the calls."
        ),
        .seconds(
            "upstream.breaker.pause",
            \.upstream.breaker.pause,
            "First pause before a probe; it doubles with each probe that fails."
        ),
        .seconds("upstream.breaker.maximumPause", \.upstream.breaker.maximumPause, "Longest such pause."),
        .seconds("upstream.connectTimeout", \.upstream.connectTimeout, "For a connection, TLS included."),
        .seconds(
            "upstream.drainTimeout",
            \.upstream.drainTimeout,
            "How long a connection is read on after its answer's last event, so that it can be used again; then it is closed."
        ),
        .seconds(
            "upstream.firstEventTimeout",
            \.upstream.firstEventTimeout,
            "From the call to the first sign of an answer; 504 above.",
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
            "Larger whole answers are given up.",
            reloads: true
        ),
        .integer(
            "upstream.parallelCalls",
            \.upstream.parallelCalls,
            1...256,
            "",
            "Calls that one request makes at the same time, where its inputs are divided among several.",
            reloads: true
        ),
    ]

    private static let translation: [Setting] = [
        .flag(
            "translation.strict",
            \.translation.strict,
            "Refuse instead of repairing, where the request does not say which.",
            reloads: true
        ),
        .flag(
            "translation.keepMessageNames",
            \.translation.keepMessageNames,
            "Whether `messages[].name`, which models do not know, is put in front of the message's text (`NAME: …`) instead of "
                + "being left out.",
            reloads: true
        ),
        .integer(
            "translation.maximumInputs",
            \.translation.maximumInputs,
            1...100_000,
            "",
            "The most inputs of one request for embeddings, which are divided among calls; more are refused.",
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
            "Silence after which a stream's client gets a comment. 0 sends none; Messages keeps its pings, then every 10.",
            from: 0,
            reloads: true
        ),
        .seconds(
            "stream.finishGrace",
            \.stream.finishGrace,
            "How long an answer whose choices have all ended waits for usage that has not come with them.",
            reloads: true
        ),
        .flag(
            "stream.alwaysIncludeUsage",
            \.stream.alwaysIncludeUsage,
            "Chat streams end with usage where the request does not say whether they should: several agents ask for it "
                + "at OpenAI's own host only. `stream_options.include_usage: false` is obeyed.",
            reloads: true
        ),
        .flag(
            "models.verifyKeys",
            \.models.verifyKeys,
            "Let `/v1/models` ask DashScope whether the key is valid: one call that costs nothing, remembered for a minute.",
            reloads: true
        ),
    ]

    private static let storing: [Setting] = [
        .choice(
            "store.url",
            \.store.url,
            ["memory:", "none"],
            "Where responses and conversations are kept: `memory:` until the process ends, `none` keeps nothing."
        ),
        .integer(
            "store.maximumBytes",
            \.store.maximumBytes,
            1024...(1 << 40),
            "bytes",
            "What is kept at most; what was used longest ago is forgotten first."
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
            "How long requests and streams may finish; what is left ends with an error event.",
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
            "JSON lines, or text with every field; `auto` is JSON, and on a terminal short lines for people."
        ),
        .text(
            "log.file",
            \.log.file,
            "Where request records go, opened anew on SIGHUP; standard output where not set."
        ),
        .flag("log.requests", \.log.requests, "Whether a record is written for each request.", reloads: true),
        .flag(
            "log.healthChecks",
            \.log.healthChecks,
            "Whether `/health`, `/ready` and `/metrics` are recorded, too.",
            reloads: true
        ),
    ]
}
