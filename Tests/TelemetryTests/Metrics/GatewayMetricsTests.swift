import NIOCore
import Telemetry
import Testing

@Suite struct GatewayMetricsTests {
    private let labels = MetricLabels(
        routes: ["/v1/chat/completions", "/v1/models"],
        models: ["qwen-plus", "qwen-max"],
        operations: ["text-generation"],
        adjustments: ["top_p", "messages.role", "tools"],
        errorCodes: ["rate_limit_exceeded"]
    )

    private func lines(_ metrics: GatewayMetrics, _ values: ScrapeValues = ScrapeValues()) -> [String] {
        let text = String(buffer: metrics.render(accept: nil, values: values, process: nil).body)
        return text.split(separator: "\n").map(String.init)
    }

    private func chat(_ metrics: GatewayMetrics, model: String = "qwen-plus") -> RequestObservation {
        RequestObservation(
            route: metrics.labels.routes.index(of: "/v1/chat/completions"),
            method: .init("POST"),
            status: 200,
            duration: .milliseconds(2500),
            upstream: .init(operation: 0, outcome: .status(200), duration: .milliseconds(2400), attempts: 2),
            generation: .init(
                model: metrics.labels.models.index(of: model),
                timeToFirstToken: .milliseconds(400),
                timeAfterFirstToken: .milliseconds(2000),
                inputTokens: 100,
                outputTokens: 41,
                cachedTokens: 60,
                reasoningTokens: 20
            ),
            adjustments: [metrics.labels.adjustments.index(ofPath: "messages[3].role")]
        )
    }

    @Test func oneChatRequestIsSeenInEveryFamilyItTouches() {
        let metrics = GatewayMetrics(labels: labels, version: "1.2.3")
        let loop = metrics.makeLoopMetrics()
        loop.requestBegan()
        loop.requestBegan()
        loop.streamBegan()
        #expect(lines(metrics).contains("gateway_http_requests_in_flight 2"))
        #expect(lines(metrics).contains("gateway_streams_active 1"))
        loop.streamEnded()
        loop.record(chat(metrics))
        loop.retried(reason: labels.retryReasons.index(of: "timeout"))
        loop.loopLagged(.milliseconds(3))
        let lines = lines(metrics)
        for line in [
            #"gateway_http_requests_total{code="200",method="POST",route="/v1/chat/completions"} 1"#,
            #"gateway_http_request_duration_seconds_bucket{route="/v1/chat/completions",le="1"} 0"#,
            #"gateway_http_request_duration_seconds_bucket{route="/v1/chat/completions",le="2.5"} 1"#,
            #"gateway_http_request_duration_seconds_sum{route="/v1/chat/completions"} 2.5"#,
            "gateway_http_requests_in_flight 1",
            "gateway_streams_active 0",
            #"gateway_upstream_requests_total{code="200",operation="text-generation"} 1"#,
            #"gateway_upstream_request_duration_seconds_count{operation="text-generation"} 1"#,
            #"gateway_upstream_attempts_total{operation="text-generation"} 2"#,
            #"gateway_upstream_retries_total{reason="timeout"} 1"#,
            #"gateway_time_to_first_token_seconds_sum{model="qwen-plus"} 0.4"#,
            // Forty tokens came after the first one.
            #"gateway_time_per_output_token_seconds_sum{model="qwen-plus"} 0.05"#,
            #"gateway_tokens_total{model="qwen-plus",type="input"} 100"#,
            #"gateway_tokens_total{model="qwen-plus",type="output"} 41"#,
            #"gateway_tokens_total{model="qwen-plus",type="cached"} 60"#,
            #"gateway_tokens_total{model="qwen-plus",type="reasoning"} 20"#,
            #"gateway_adjustments_total{name="messages.role"} 1"#,
            #"gateway_event_loop_lag_seconds_bucket{le="0.0025"} 0"#,
            #"gateway_event_loop_lag_seconds_bucket{le="0.005"} 1"#,
            "gateway_client_disconnects_total 0",
            #"gateway_build_info{version="1.2.3"} 1"#,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(!lines.contains { $0.contains("qwen-max") }, "a model nobody used has no series")
    }

    @Test func errorsLimitsAndClientsThatLeftAreCounted() {
        let metrics = GatewayMetrics(labels: labels, version: "1")
        let loop = metrics.makeLoopMetrics()
        var observation = chat(metrics)
        observation.status = 429
        observation.upstream?.outcome = .error(labels.upstreamErrors.index(of: "timeout"))
        observation.failure = .init(code: labels.errorCodes.index(of: "rate_limit_exceeded"), origin: .upstream)
        observation.clientLeft = true
        loop.record(observation)
        observation.failure = .init(code: labels.errorCodes.index(of: "its own words"), origin: .client)
        loop.record(observation)
        loop.rateLimited(scope: labels.limitScopes.index(of: "caller"), kind: labels.limitKinds.index(of: "tokens"))
        metrics.configurationRead(at: 1_700_000_000)
        metrics.configurationReloaded(succeeded: false, at: 1_700_000_100)
        let lines = lines(metrics)
        for line in [
            #"gateway_http_requests_total{code="429",method="POST",route="/v1/chat/completions"} 2"#,
            #"gateway_upstream_requests_total{code="timeout",operation="text-generation"} 2"#,
            #"gateway_errors_total{code="rate_limit_exceeded",origin="upstream"} 1"#,
            #"gateway_errors_total{code="other",origin="client"} 1"#,
            "gateway_client_disconnects_total 2",
            #"gateway_rate_limited_total{kind="tokens",scope="caller"} 1"#,
            #"gateway_config_reloads_total{result="failure"} 1"#,
            #"gateway_config_reloads_total{result="success"} 0"#,
            "gateway_config_last_reload_success_timestamp_seconds 1700000000",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func wordsOfCallersMakeNoSeries() {
        let metrics = GatewayMetrics(labels: labels, version: "1")
        let loop = metrics.makeLoopMetrics()
        var observation = chat(metrics, model: "invented")
        observation.route = metrics.labels.routes.index(of: "/wp-login.php")
        observation.method = .init("BREW")
        observation.status = 299
        loop.record(observation)
        let series = metrics.factory.seriesCount
        for number in 0..<5000 {
            observation.generation?.model = metrics.labels.models.index(of: "invented-\(number)")
            observation.route = metrics.labels.routes.index(of: "/\(number)")
            observation.method = .init("BREW\(number)")
            observation.status = number * 7 - 300
            observation.adjustments = [metrics.labels.adjustments.index(ofPath: "messages[\(number)].role")]
            loop.record(observation)
        }
        // Indexes that are none count as `other` as well.
        observation.route = -1
        observation.generation?.model = 99
        loop.record(observation)
        let lines = lines(metrics)
        #expect(lines.contains(#"gateway_tokens_total{model="other",type="input"} 500200"#))
        #expect(!lines.contains { $0.contains("invented") || $0.contains("BREW") || $0.contains("wp-login") })
        // Only the known statuses among the numbers above are new.
        let codes = lines.filter { $0.hasPrefix("gateway_http_requests_total") }
        #expect(metrics.factory.seriesCount - series == codes.count - 1)
        #expect(codes.count < 45)
    }

    @Test func loopsAddUp() {
        let metrics = GatewayMetrics(labels: labels, version: "1")
        let observation = chat(metrics)
        for _ in 0..<3 {
            let loop = metrics.makeLoopMetrics()
            loop.record(observation)
        }
        #expect(
            lines(metrics).contains(
                #"gateway_http_requests_total{code="200",method="POST",route="/v1/chat/completions"} 3"#
            )
        )
    }

    @Test func valuesOfOthersAreShownWhenThereAreAny() {
        let metrics = GatewayMetrics(labels: labels, version: "1")
        let before = lines(metrics)
        #expect(!before.contains { $0.contains("gateway_upstream_connections") || $0.contains("certificate") })
        var values = ScrapeValues(
            openConnections: 7,
            upstreamActive: 1,
            upstreamIdle: 2,
            upstreamWaiting: 0,
            upstreamOpened: 9,
            circuitBreakers: [.init(host: "dashscope.example", isOpen: true)],
            permitsLeaked: 0,
            logLinesDropped: 4,
            certificateExpiry: 1_900_000_000,
            store: .init(objects: 3, bytes: 1000, failures: 2)
        )
        values.bodyBytesLimit = 512
        values.upstreamConnecting = 3
        values.upstreamEvents = [("retired", 5)]
        values.limitsTracked = [("caller", 2), ("address", 1)]
        values.limitsForgotten = 0
        let lines = lines(metrics, values)
        for line in [
            "gateway_open_connections 7",
            "gateway_request_body_limit_bytes 512",
            #"gateway_upstream_connections{state="connecting"} 3"#,
            #"gateway_upstream_connection_events_total{event="retired"} 5"#,
            #"gateway_limits_tracked{scope="address"} 1"#,
            #"gateway_limits_tracked{scope="caller"} 2"#,
            "gateway_limits_forgotten_total 0",
            #"gateway_upstream_connections{state="active"} 1"#,
            #"gateway_upstream_connections{state="idle"} 2"#,
            #"gateway_upstream_connections{state="waiting"} 0"#,
            "gateway_upstream_connections_opened_total 9",
            #"gateway_circuit_breaker_open{host="dashscope.example"} 1"#,
            "gateway_permits_leaked_total 0",
            "gateway_log_lines_dropped_total 4",
            "gateway_tls_certificate_expiry_timestamp_seconds 1900000000",
            "gateway_store_objects 3",
            "gateway_store_bytes 1000",
            "gateway_store_failures_total 2",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func everyFamilyThatIsShownIsDescribedOnce() {
        let metrics = GatewayMetrics(labels: labels, version: "1")
        let loop = metrics.makeLoopMetrics()
        loop.record(chat(metrics))
        let names = MetricDescription.gateway.map(\.name)
        #expect(Set(names).count == names.count)
        let text = String(buffer: metrics.render(accept: nil, values: ScrapeValues(openConnections: 1)).body)
        let shown = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        #expect(shown.count > 15)
        #expect(shown == shown.sorted())
        #expect(Set(shown.map(String.init)).isSubset(of: names))
    }

    @Test func openMetricsIsGivenToThoseWhoAskForIt() {
        let metrics = GatewayMetrics(labels: labels, version: "1")
        let (contentType, body) = metrics.render(accept: "application/openmetrics-text", values: ScrapeValues())
        #expect("\(contentType)" == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(String(buffer: body).hasSuffix("\n# EOF\n"))
    }
}
