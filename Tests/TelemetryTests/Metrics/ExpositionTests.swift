import CoreMetrics
import NIOCore
import Telemetry
import Testing

@Suite struct ExpositionTests {
    /// A registry with one family of each kind.
    private func makeFactory() -> PrometheusMetricsFactory {
        let factory = PrometheusMetricsFactory(descriptions: [
            MetricDescription("shop_orders_total", .counter, "Orders by \"kind\"."),
            MetricDescription("shop_queue_length", .gauge, "Orders that wait."),
            MetricDescription(
                "shop_wait_seconds",
                .histogram,
                "Time to serve.",
                unit: .seconds,
                buckets: [0.1, 1, 2.5]
            ),
        ])
        let orders = Counter(
            label: "shop_orders_total",
            dimensions: [("kind", "tea"), ("city", "Berlin")],
            factory: factory
        )
        orders.increment(by: 3)
        Counter(label: "shop_orders", dimensions: [("kind", "coffee"), ("city", "Berlin")], factory: factory)
            .increment()
        Gauge(label: "shop_queue_length", factory: factory).record(2.5)
        let wait = Timer(label: "shop_wait_seconds", factory: factory)
        for milliseconds in [50, 100, 101, 2500, 9000] { wait.recordMilliseconds(milliseconds) }
        return factory
    }

    @Test func textFormatIsWhatPrometheusReads() {
        let text = ExpositionWriter.write(makeFactory().families(), as: .prometheusText)
        #expect(
            String(buffer: text) == """
                # HELP shop_orders_total Orders by "kind".
                # TYPE shop_orders_total counter
                shop_orders_total{city="Berlin",kind="coffee"} 1
                shop_orders_total{city="Berlin",kind="tea"} 3
                # HELP shop_queue_length Orders that wait.
                # TYPE shop_queue_length gauge
                shop_queue_length 2.5
                # HELP shop_wait_seconds Time to serve.
                # TYPE shop_wait_seconds histogram
                shop_wait_seconds_bucket{le="0.1"} 2
                shop_wait_seconds_bucket{le="1"} 3
                shop_wait_seconds_bucket{le="2.5"} 4
                shop_wait_seconds_bucket{le="+Inf"} 5
                shop_wait_seconds_sum 11.751
                shop_wait_seconds_count 5

                """
        )
    }

    @Test func openMetricsNamesFamiliesWithoutTheSuffixAndEnds() {
        var families = makeFactory().families()
        var build = MetricFamily(MetricDescription("shop_build_info", .info, "Version."))
        build.add(.whole(1), [("version", "1.0")])
        families.append(build)
        let text = ExpositionWriter.write(families, as: .openMetrics)
        #expect(
            String(buffer: text) == """
                # HELP shop_build Version.
                # TYPE shop_build info
                shop_build_info{version="1.0"} 1
                # HELP shop_orders Orders by \\"kind\\".
                # TYPE shop_orders counter
                shop_orders_total{city="Berlin",kind="coffee"} 1
                shop_orders_total{city="Berlin",kind="tea"} 3
                # HELP shop_queue_length Orders that wait.
                # TYPE shop_queue_length gauge
                shop_queue_length 2.5
                # HELP shop_wait_seconds Time to serve.
                # TYPE shop_wait_seconds histogram
                # UNIT shop_wait_seconds seconds
                shop_wait_seconds_bucket{le="0.1"} 2
                shop_wait_seconds_bucket{le="1.0"} 3
                shop_wait_seconds_bucket{le="2.5"} 4
                shop_wait_seconds_bucket{le="+Inf"} 5
                shop_wait_seconds_sum 11.751
                shop_wait_seconds_count 5
                # EOF

                """
        )
    }

    @Test func labelsAreEscapedAndNamesMadeValid() {
        let factory = PrometheusMetricsFactory()
        let labels = [("le", "a\"b"), ("1st-name", "c\\d\ne"), ("__own", "é"), ("1st.name", "second of its name")]
        Gauge(label: "odd.name-é", dimensions: labels, factory: factory).record(1)
        let text = String(buffer: ExpositionWriter.write(factory.families(), as: .prometheusText))
        #expect(text.contains(#"odd_name__{_1st_name="c\\d\ne",label___own="é",label_le="a\"b"} 1"#))
        #expect(text.split(separator: "\n").count == 3)
    }

    @Test func valuesThatAreNoNumbersHaveTheirOwnWords() {
        var family = MetricFamily(MetricDescription("odd", .gauge, "Odd."))
        for (kind, value) in [("a", Double.infinity), ("b", -.infinity), ("c", .nan), ("d", 1e300), ("e", -0.5)] {
            family.add(.real(value), [("kind", kind)])
        }
        let text = String(buffer: ExpositionWriter.write([family], as: .prometheusText))
        let values = text.split(separator: "\n").dropFirst(2).compactMap { $0.split(separator: " ").last }
        #expect(values == ["+Inf", "-Inf", "NaN", "1e+300", "-0.5"])
    }

    @Test(
        arguments: [
            (nil, ExpositionFormat.prometheusText),
            ("*/*", .prometheusText),
            ("text/html, application/xhtml+xml", .prometheusText),
            ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8, */*", .openMetrics),
            ("application/openmetrics-text;version=0.0.1", .prometheusText),
            ("application/openmetrics-text;version=1.0.0;q=0", .prometheusText),
            ("application/openmetrics-text;q=0.3,text/plain;version=0.0.4;q=0.5", .prometheusText),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                    + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                .openMetrics
            ),
            (";;,q=,application/openmetrics-text;q=x", .prometheusText),
        ] as [(String?, ExpositionFormat)]
    )
    func formatFollowsTheAcceptHeader(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == format)
    }
}
