import CoreMetrics
import Foundation
import NIOCore
import Telemetry
import Testing

@Suite struct PrometheusMetricsFactoryTests {
    /// Runs the same work on four threads and returns when all have ended.
    private func onFourThreads(_ work: @escaping @Sendable (Int) -> Void) {
        let group = DispatchGroup()
        for number in 0..<4 {
            group.enter()
            Thread {
                work(number)
                group.leave()
            }.start()
        }
        group.wait()
    }

    private func text(_ factory: PrometheusMetricsFactory) -> String {
        String(buffer: ExpositionWriter.write(factory.families(), as: .prometheusText))
    }

    // With two shards four threads share them; with sixteen each has its own.
    @Test(arguments: [2, 16])
    func nothingIsLostWhenThreadsCountAtOnce(shards: Int) {
        let factory = PrometheusMetricsFactory(
            descriptions: [MetricDescription("t", .histogram, "T.", buckets: [0.5])],
            shards: shards
        )
        let counter = Counter(label: "c", factory: factory)
        let real = FloatingPointCounter(label: "r", factory: factory)
        let timer = Timer(label: "t", factory: factory)
        let meter = Meter(label: "m", factory: factory)
        onFourThreads { number in
            for _ in 0..<100_000 {
                counter.increment()
                real.increment(by: 0.5)
                timer.recordMilliseconds(number % 2 == 0 ? 250 : 750)
                meter.increment()
            }
        }
        let text = text(factory)
        #expect(text.contains("\nc_total 400000\n"))
        #expect(text.contains("\nr_total 200000\n"))
        #expect(text.contains("\nt_bucket{le=\"0.5\"} 200000\nt_bucket{le=\"+Inf\"} 400000\n"))
        #expect(text.contains("\nt_sum 200000\nt_count 400000\n"))
        #expect(text.contains("\nm 400000\n"))
    }

    @Test func whatIsShownWhileThreadsCountNeverFalls() {
        let factory = PrometheusMetricsFactory(shards: 4)
        let counter = Counter(label: "c", factory: factory)
        let timer = Timer(label: "t", factory: factory)
        nonisolated(unsafe) var seen: [(counter: Int, count: Int, inside: Bool)] = []
        onFourThreads { number in
            if number == 0 {
                for _ in 0..<300 {
                    var reading = (counter: -1, count: -1, inside: false)
                    for family in factory.families() {
                        switch (family.description.name, family.samples[0].value) {
                        case ("c_total", .whole(let value)): reading.counter = value
                        case ("t", .distribution(_, let counts, let sum)):
                            reading.count = counts.reduce(0, +)
                            reading.inside = sum >= 0
                        default: break
                        }
                    }
                    seen.append(reading)
                }
            } else {
                for round in 0..<50_000 {
                    counter.increment()
                    timer.recordMilliseconds(round % 200)
                    if round % 1000 == 0 {
                        Counter(label: "d", dimensions: [("n", "\(round)")], factory: factory).increment()
                    }
                }
            }
        }
        #expect(seen.count == 300)
        #expect(seen.allSatisfy { $0.counter >= 0 && $0.inside })
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.counter <= $1.counter && $0.count <= $1.count })
        #expect(text(factory).contains("\nc_total 150000\n"))
    }

    @Test func seriesBeyondTheLimitAreNotKeptButCounted() {
        let factory = PrometheusMetricsFactory(seriesLimit: 10)
        for number in 0..<1000 {
            Counter(label: "c", dimensions: [("n", "\(number)")], factory: factory).increment()
        }
        // What is kept goes on counting.
        Counter(label: "c", dimensions: [("n", "3")], factory: factory).increment()
        #expect(factory.seriesCount == 10)
        #expect(factory.droppedSeries == 990)
        #expect(text(factory).contains("c_total{n=\"3\"} 2\n"))
        #expect(text(factory).split(separator: "\n").count == 12)
    }

    @Test func oneNameIsOfOneKind() {
        let factory = PrometheusMetricsFactory()
        Gauge(label: "g", factory: factory).record(5)
        Timer(label: "g", factory: factory).recordSeconds(1)
        #expect(factory.droppedSeries == 1)
        #expect(text(factory) == "# HELP g g\n# TYPE g gauge\ng 5\n")
    }

    @Test func countersOnlyGrowAndOddValuesSpoilNoSum() {
        let factory = PrometheusMetricsFactory(descriptions: [MetricDescription("r", .histogram, "R.", buckets: [1])])
        let counter = Counter(label: "c", factory: factory)
        counter.increment(by: 5)
        counter.increment(by: -3)
        let recorder = Recorder(label: "r", aggregate: true, factory: factory)
        recorder.record(Double.nan)
        recorder.record(Double.infinity)
        recorder.record(2)
        #expect(text(factory).contains("\nc_total 5\n"))
        #expect(text(factory).contains("\nr_sum 2\nr_count 1\n"))
    }

    @Test func destroyedSeriesMakeRoomForNewOnes() {
        let factory = PrometheusMetricsFactory(seriesLimit: 1)
        for number in 0..<5 {
            let counter = Counter(label: "c", dimensions: [("n", "\(number)")], factory: factory)
            counter.increment()
            // The cells of the series before are used again: they have to be zero.
            #expect(text(factory).hasSuffix("c_total{n=\"\(number)\"} 1\n"))
            counter.destroy()
        }
        #expect(factory.seriesCount == 0)
        #expect(text(factory).isEmpty)
    }
}
