extension MetricDescription {
    static let httpRequests = MetricDescription(
        "gateway_http_requests_total",
        .counter,
        "Requests of clients that have ended, by method, route and status."
    )
    static let httpDuration = MetricDescription(
        "gateway_http_request_duration_seconds",
        .histogram,
        "Time from a request's head to the end of its answer.",
        unit: .seconds,
        buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600]
    )
    static let httpInFlight = MetricDescription(
        "gateway_http_requests_in_flight",
        .gauge,
        "Requests of clients that have begun and not ended."
    )
    static let openConnections = MetricDescription(
        "gateway_open_connections",
        .gauge,
        "Open connections of clients."
    )
    static let connectionEvents = MetricDescription(
        "gateway_connection_events_total",
        .counter,
        "What happened to connections of clients."
    )
    static let bodyBytes = MetricDescription(
        "gateway_request_body_bytes",
        .gauge,
        "Memory held by request bodies.",
        unit: .bytes
    )
    static let bodyBytesLimit = MetricDescription(
        "gateway_request_body_limit_bytes",
        .gauge,
        "The bound on the memory held by request bodies.",
        unit: .bytes
    )
    static let upstreamRequests = MetricDescription(
        "gateway_upstream_requests_total",
        .counter,
        "Calls to DashScope that have ended, by operation and by the last status, or a word where there was none."
    )
    static let upstreamDuration = MetricDescription(
        "gateway_upstream_request_duration_seconds",
        .histogram,
        "Time of all attempts of a call to DashScope, without the pauses between them.",
        unit: .seconds,
        buckets: httpDuration.buckets
    )
    static let upstreamAttempts = MetricDescription(
        "gateway_upstream_attempts_total",
        .counter,
        "Requests sent to DashScope, retries included, by operation."
    )
    static let upstreamRetries = MetricDescription(
        "gateway_upstream_retries_total",
        .counter,
        "Requests sent to DashScope again, by the reason."
    )
    static let upstreamConnections = MetricDescription(
        "gateway_upstream_connections",
        .gauge,
        "Connections to DashScope in use (active), unused (idle) and being opened (connecting), and requests that wait for one (waiting)."
    )
    static let upstreamOpened = MetricDescription(
        "gateway_upstream_connections_opened_total",
        .counter,
        "Connections opened to DashScope."
    )
    static let upstreamEvents = MetricDescription(
        "gateway_upstream_connection_events_total",
        .counter,
        "What happened to connections to DashScope."
    )
    static let circuitBreakerOpen = MetricDescription(
        "gateway_circuit_breaker_open",
        .gauge,
        "1 while calls to the host are refused because it keeps failing."
    )
    static let timeToFirstToken = MetricDescription(
        "gateway_time_to_first_token_seconds",
        .histogram,
        "Time from a request's head to the first token of the model.",
        unit: .seconds,
        buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 20, 30, 60, 120]
    )
    static let timePerOutputToken = MetricDescription(
        "gateway_time_per_output_token_seconds",
        .histogram,
        "Time per token after the first one, averaged over a stream.",
        unit: .seconds,
        buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]
    )
    static let tokens = MetricDescription(
        "gateway_tokens_total",
        .counter,
        "Tokens that DashScope counted; cached ones are part of the input, reasoning ones of the output."
    )
    static let adjustments = MetricDescription(
        "gateway_adjustments_total",
        .counter,
        "Repairs of requests, by the field."
    )
    static let errors = MetricDescription(
        "gateway_errors_total",
        .counter,
        "Errors given to clients, by code and by who is at fault."
    )
    static let streamsActive = MetricDescription(
        "gateway_streams_active",
        .gauge,
        "Streamed answers that have begun and not ended."
    )
    static let clientDisconnects = MetricDescription(
        "gateway_client_disconnects_total",
        .counter,
        "Requests whose client left before the answer was complete."
    )
    static let rateLimited = MetricDescription(
        "gateway_rate_limited_total",
        .counter,
        "Requests refused by a limit, by whose limit and what is limited."
    )
    static let permitsLeaked = MetricDescription(
        "gateway_permits_leaked_total",
        .counter,
        "Permits not given back by the request that held them: a fault."
    )
    static let limitsTracked = MetricDescription(
        "gateway_limits_tracked",
        .gauge,
        "Callers and addresses whose limits are kept."
    )
    static let limitsForgotten = MetricDescription(
        "gateway_limits_forgotten_total",
        .counter,
        "Callers and addresses forgotten while their requests ran, because limits.maximumTracked is too low."
    )
    static let logLinesDropped = MetricDescription(
        "gateway_log_lines_dropped_total",
        .counter,
        "Log lines given up because the writer could not keep up."
    )
    static let storeObjects = MetricDescription(
        "gateway_store_objects",
        .gauge,
        "Responses and conversations that are kept."
    )
    static let storeBytes = MetricDescription(
        "gateway_store_bytes",
        .gauge,
        "Bytes of the responses and conversations that are kept.",
        unit: .bytes
    )
    static let storeFailures = MetricDescription(
        "gateway_store_failures_total",
        .counter,
        "Requests to the store of responses that failed."
    )
    static let uploadsPending = MetricDescription(
        "gateway_uploads_pending",
        .gauge,
        "Uploads in parts that are under way."
    )
    static let uploadsBytes = MetricDescription(
        "gateway_uploads_bytes",
        .gauge,
        "Bytes of parts of uploads on disk.",
        unit: .bytes
    )
    static let eventLoopLag = MetricDescription(
        "gateway_event_loop_lag_seconds",
        .histogram,
        "How much later than planned an event loop ran a timer.",
        unit: .seconds,
        buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
    )
    static let configReloads = MetricDescription(
        "gateway_config_reloads_total",
        .counter,
        "Reloads of the configuration, by result."
    )
    static let configLastReload = MetricDescription(
        "gateway_config_last_reload_success_timestamp_seconds",
        .gauge,
        "When the configuration in use was read, in seconds since 1970.",
        unit: .seconds
    )
    static let certificateExpiry = MetricDescription(
        "gateway_tls_certificate_expiry_timestamp_seconds",
        .gauge,
        "When the first of the served certificates ends, in seconds since 1970.",
        unit: .seconds
    )
    static let buildInfo = MetricDescription(
        "gateway_build_info",
        .info,
        "The version of the gateway; always 1."
    )
    static let seriesDropped = MetricDescription(
        "gateway_metric_series_dropped_total",
        .counter,
        "Series that were not kept because there were too many."
    )

    static let processCPU = MetricDescription(
        "process_cpu_seconds_total",
        .counter,
        "Processor time used, user and system.",
        unit: .seconds
    )
    static let processResident = MetricDescription(
        "process_resident_memory_bytes",
        .gauge,
        "Memory in use.",
        unit: .bytes
    )
    static let processVirtual = MetricDescription(
        "process_virtual_memory_bytes",
        .gauge,
        "Size of the address space.",
        unit: .bytes
    )
    static let processOpenFDs = MetricDescription("process_open_fds", .gauge, "Open file descriptors.")
    static let processMaxFDs = MetricDescription("process_max_fds", .gauge, "Limit of open file descriptors.")
    static let processStart = MetricDescription(
        "process_start_time_seconds",
        .gauge,
        "When the process started, in seconds since 1970.",
        unit: .seconds
    )
    static let processThreads = MetricDescription("process_threads", .gauge, "Threads of the process.")

    /// Every family of the gateway, in the order of the documentation.
    package static let gateway: [MetricDescription] = [
        httpRequests, httpDuration, httpInFlight, openConnections, connectionEvents, bodyBytes, bodyBytesLimit,
        streamsActive, clientDisconnects, upstreamRequests,
        upstreamDuration, upstreamAttempts, upstreamRetries, upstreamConnections, upstreamOpened, upstreamEvents,
        circuitBreakerOpen,
        timeToFirstToken, timePerOutputToken, tokens, adjustments, errors, rateLimited, permitsLeaked, limitsTracked,
        limitsForgotten, logLinesDropped, storeObjects, storeBytes, storeFailures, uploadsPending, uploadsBytes,
        eventLoopLag, configReloads, configLastReload, certificateExpiry, buildInfo, seriesDropped, processCPU,
        processResident, processVirtual, processOpenFDs, processMaxFDs, processStart, processThreads,
    ]
}
